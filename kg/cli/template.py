"""``kg template``: empty tables, and requirements proposed for a new unit."""

import csv
import io
from pathlib import Path

import click

from kg.cli.base import Command, example, format_option
from kg.cli.output import note, print_csv, print_json, print_table
from kg.errors import UsageError
from kg.language import say
from kg.names import ID
from kg.resources import folder
from kg.schema import Schema
from kg.sources.archetypes import read_library
from kg.sources.templates import (
    PROPOSAL,
    Template,
    find_archetype,
    propose,
    template,
    templates,
)


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "template",
        cls=Command,
        help=say(
            "Geef lege tabellen van deze klassen, of stel met --archetype eisen voor aan een "
            "eenheid, elk als aanname gemerkt. Zonder KLASSE staat er welke tabellen er zijn.",
            "Give empty tables of these classes, or with --archetype propose requirements of a "
            "unit, each marked as an assumption. Without CLASS it lists the tables there are.",
        ),
        epilog=example(
            "kg template Service Requirement --out mijn",
            "kg template --archetype hospital --for zkh-noord > voorstel.csv",
        ),
    )
    @click.argument("classes", nargs=-1, metavar=say("[KLASSE]…", "[CLASS]…"))
    @click.option(
        "--archetype",
        metavar=say("SOORT", "KIND"),
        help=say(
            "Soort eenheid: id, soortcode of label van een archetype.",
            "Kind of unit: id, kind code or label of an archetype.",
        ),
    )
    @click.option(
        "--for",
        "unit",
        metavar="ID",
        help=say("Id van de nieuwe eenheid.", "Id of the new unit."),
    )
    @click.option(
        "--library",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar=say("MAP", "FOLDER"),
        help=say(
            "Map met eigen archetypen, naast de meegeleverde (herhaalbaar).",
            "Folder with archetypes of your own, beside the shipped (repeatable).",
        ),
    )
    @click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        metavar=say("MAP", "FOLDER"),
        help=say(
            "Schrijf KLASSE.csv in deze map; bestaande bestanden blijven staan.",
            "Write CLASS.csv into this folder; existing files are kept.",
        ),
    )
    @format_option("csv", "table", "json")
    def template_(
        classes: tuple[str, ...],
        archetype: str | None,
        unit: str | None,
        library: tuple[Path, ...],
        out: Path | None,
        format_: str,
    ) -> None:
        if archetype is not None or unit is not None or library:
            if archetype is None or unit is None or classes or out is not None:
                raise click.UsageError(
                    say(
                        "Geef --archetype en --for samen, zonder klassen of --out.",
                        "Give --archetype and --for together, without classes or --out.",
                    )
                )
            _proposal(archetype, unit, library, format_)
            return
        schema = Schema.load(folder("ontology"))
        if not classes:
            if out is not None:
                raise click.UsageError(
                    say("Noem bij --out de klassen.", "Name the classes with --out.")
                )
            _list(schema, format_)
            return
        found = [template(schema, name) for name in dict.fromkeys(classes)]
        if out is not None:
            _write(found, out)
        else:
            _show(found, format_)

    return template_


def _proposal(archetype: str, unit: str, library: tuple[Path, ...], format_: str) -> None:
    known = read_library(library)
    kind = find_archetype(known, archetype)
    rows = propose(known, kind, unit)
    if format_ == "json":
        print_json(
            {
                "archetype": ID + kind.id,
                "label": str(kind.label),
                "unit": unit,
                "restart_lag": kind.restart.best,
                "restart_lag_low": kind.restart.low,
                "restart_lag_high": kind.restart.high,
                "requirements": rows,
            }
        )
    elif format_ == "table":
        shown = ("id", "buffer", "effect", "note")
        print_table(shown, [[row[column] for column in shown] for row in rows])
    else:
        print_csv(PROPOSAL, [[row[column] for column in PROPOSAL] for row in rows])
    if not rows:
        note(
            say(
                f"! De bibliotheek kent geen eisen van {kind.label.nl}.",
                f"! The library knows no requirements of {kind.label.en}.",
            )
        )
    if kind.restart.best:
        note(
            say(
                f"! Herstarttijd van deze soort: {kind.restart.best} (aanname; laag "
                f"{kind.restart.low}, hoog {kind.restart.high}).",
                f"! Restart time of this kind: {kind.restart.best} (assumption; low "
                f"{kind.restart.low}, high {kind.restart.high}).",
            )
        )


def _list(schema: Schema, format_: str) -> None:
    found = list(templates(schema))
    rows = [
        (one.of_class.local, say(one.of_class.label_nl, one.of_class.label_en), len(one.columns))
        for one in found
    ]
    if format_ == "json":
        print_json([_json(one) for one in found])
    elif format_ == "table":
        headings = (say("Tabel", "Table"), say("Klasse", "Class"), say("Kolommen", "Columns"))
        print_table(headings, [[str(cell) for cell in row] for row in rows])
    else:
        print_csv(("table", "label", "columns"), rows)


def _json(one: Template) -> dict[str, object]:
    return {
        "table": one.of_class.local,
        "class": one.of_class.iri,
        "label": say(one.of_class.label_nl, one.of_class.label_en),
        "columns": list(one.columns),
    }


def _show(found: list[Template], format_: str) -> None:
    if format_ == "json":
        print_json([_json(one) for one in found])
    elif format_ == "table":
        headings = (say("Tabel", "Table"), say("Kolommen", "Columns"))
        print_table(headings, [[one.of_class.local, " ".join(one.columns)] for one in found])
    elif len(found) > 1:
        raise UsageError(
            "usage.several-tables",
            "Meer dan één tabel past niet in één CSV; geef --out MAP.",
            "More than one table does not fit in one CSV; give --out FOLDER.",
        )
    else:
        print_csv(found[0].columns, [])


def _write(found: list[Template], out: Path) -> None:
    """Write each header into a file of its own; what is there already is somebody's work."""
    there = [one.of_class.local for one in found if (out / f"{one.of_class.local}.csv").exists()]
    if there:
        raise UsageError(
            "usage.file-exists",
            f"In {out} staat al {', '.join(there)}.csv; er is niets geschreven.",
            f"{out} already holds {', '.join(there)}.csv; nothing was written.",
        )
    out.mkdir(parents=True, exist_ok=True)
    for one in found:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(one.columns)
        path = out / f"{one.of_class.local}.csv"
        path.write_text(text.getvalue(), encoding="utf-8", newline="\n")
        note(say(f"Geschreven: {path}", f"Written: {path}"))
