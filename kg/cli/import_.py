"""``kg import``: a register or file of others becomes tables that ``kg build`` reads."""

from pathlib import Path

import click

from kg.build import data_folders
from kg.cli.base import Command, data_option, example
from kg.cli.output import note, print_csv, print_json, print_table, progress
from kg.errors import UsageError
from kg.language import say
from kg.resources import folder
from kg.schema import Schema
from kg.sources.cells import check_id
from kg.sources.model import CellError
from kg.sources.registers.importing import FORMATS, import_files
from kg.sources.registers.known import read_known
from kg.sources.registers.model import About, Imported
from kg.sources.registers.writing import refuse_existing, write


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "import",
        cls=Command,
        help=say(
            "Maak tabellen van bestanden van anderen: het LEI-register van GLEIF (gleif: Level 1 "
            "en Level 2, CSV of JSON), aanbestedingen (ocds), een SBOM (cyclonedx) of "
            "dreigingsactoren (stix). De map die ontstaat gaat daarna naar kg build --data. Met "
            "--data de gegevens waarin de organisaties herkend worden: aan LEI, dan aan "
            "KvK-nummer; wat alleen aan de naam lijkt te kloppen, komt in voorstellen.csv. Er "
            "wordt niets opgehaald.",
            "Make tables of files of others: the LEI register of GLEIF (gleif: Level 1 and Level "
            "2, CSV or JSON), procurement (ocds), an SBOM (cyclonedx) or threat actors (stix). "
            "The folder that results then goes to kg build --data. With --data the data in which "
            "organisations are recognised: by LEI, then by Chamber of Commerce number; what only "
            "seems right by its name goes to voorstellen.csv. Nothing is fetched.",
        ),
        epilog=example(
            "kg import gleif lei2.csv.zip rr.csv.zip --marking openbaar --out lei",
            "kg build --data mijn --data lei",
        ),
    )
    @click.argument("format_", metavar=say("SOORT", "FORMAT"), type=click.Choice(list(FORMATS)))
    @click.argument(
        "files",
        nargs=-1,
        required=True,
        type=click.Path(path_type=Path),
        metavar=say("BESTAND…", "FILE…"),
    )
    @click.option(
        "--out",
        type=click.Path(path_type=Path),
        required=True,
        metavar=say("MAP", "FOLDER"),
        help=say("Nieuwe map voor de tabellen.", "New folder for the tables."),
    )
    @click.option(
        "--marking",
        required=True,
        metavar="ID",
        help=say(
            "Rubricering van de bron, zoals openbaar of dep-v.",
            "Marking of the source, such as openbaar or dep-v.",
        ),
    )
    @click.option(
        "--grade",
        type=click.Choice(("A", "B", "C")),
        default="B",
        metavar="A|B|C",
        help=say("Kwaliteit van de bron. [B]", "Grade of the source. [B]"),
    )
    @data_option()
    @click.option(
        "--source",
        "source",
        metavar="ID",
        help=say(
            "Id van de bron; anders gemaakt uit soort, datum en inhoud.",
            "Id of the source; made of kind, date and content otherwise.",
        ),
    )
    @click.option(
        "--title",
        metavar=say("TEKST", "TEXT"),
        help=say("Titel; anders volgens het bestand.", "Title; as the file says otherwise."),
    )
    @click.option(
        "--publisher",
        metavar=say("TEKST", "TEXT"),
        help=say("Uitgever; anders volgens het bestand.", "Publisher; as the file says otherwise."),
    )
    @click.option(
        "--date",
        metavar=say("DATUM", "DATE"),
        help=say("Datum; anders volgens het bestand.", "Date; as the file says otherwise."),
    )
    @click.option(
        "--url",
        metavar="URL",
        help=say("Waar het bestand vandaan komt.", "Where the file comes from."),
    )
    @click.option(
        "--skip-invalid",
        is_flag=True,
        help=say(
            "Laat weg wat fout is en neem de rest over.",
            "Leave out what is wrong and take over the rest.",
        ),
    )
    @click.option(
        "--format",
        "output",
        type=click.Choice(("table", "json", "csv")),
        default="table",
        metavar=say("VORM", "FORMAT"),
        help=say("Verslag: table, json, csv.", "Account: table, json, csv."),
    )
    def import_(
        format_: str,
        files: tuple[Path, ...],
        out: Path,
        marking: str,
        grade: str,
        data: tuple[Path, ...],
        source: str | None,
        title: str | None,
        publisher: str | None,
        date: str | None,
        url: str | None,
        skip_invalid: bool,
        output: str,
    ) -> None:
        if source is not None:
            try:
                check_id(source)
            except CellError as error:
                raise UsageError(f"usage.{error.code}", error.nl, error.en) from error
        refuse_existing(out)
        about = About(
            marking=marking,
            grade=grade,
            id=source or "",
            title=title or "",
            publisher=publisher or "",
            date=date or "",
            url=url or "",
        )
        with progress() as step:
            known = read_known(data_folders(list(data) or None), Schema.load(folder("ontology")))
            imported = import_files(
                format_, files, known, about, skip_invalid=skip_invalid, step=step
            )
            write(imported, out)
        _print(imported, out, output)

    return import_


def _print(imported: Imported, out: Path, output: str) -> None:
    tables = {table: len(rows) for table, rows in imported.tables.items()}
    if output == "json":
        print_json(
            {
                "out": str(out),
                "tables": tables,
                "proposals": len(imported.proposals),
                "counts": {one.code: one.number for one in imported.counts},
                "left_out": [
                    {
                        "file": one.location.file,
                        "row": one.location.row or None,
                        "column": one.location.column or None,
                        "path": one.location.path or None,
                        "code": one.code,
                        "message": {"nl": one.nl, "en": one.en},
                    }
                    for one in imported.left_out
                ],
            }
        )
        return
    counted = [(say(one.nl, one.en), one.number) for one in imported.counts]
    if output == "csv":
        print_csv(("what", "number"), [*counted, *((f"{t}.csv", n) for t, n in tables.items())])
    else:
        print_table(
            (say("Wat", "What"), say("Aantal", "Number")), [(w, str(n)) for w, n in counted]
        )
        click.echo()
        print_table(
            (say("Tabel", "Table"), say("Rijen", "Rows")),
            [(f"{table}.csv", str(number)) for table, number in tables.items()],
        )
    for problem in imported.left_out:
        note(f"{say('weggelaten', 'left out')}: {problem}")
    if imported.proposals:
        number = len(imported.proposals)
        note(
            say(
                f"! {number} keer moet iemand beslissen: zie {out / 'voorstellen.csv'}.",
                f"! {number} times somebody has to decide: see {out / 'voorstellen.csv'}.",
            )
        )
    note(say(f"Geschreven: {out}", f"Written: {out}"))
