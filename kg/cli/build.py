"""``kg build``: from data to an immutable release."""

from pathlib import Path

import click

from kg.build import build
from kg.cli.base import Command, data_option, example, format_option
from kg.cli.output import note, print_csv, print_json, print_table, progress
from kg.errors import Problem, UsageError
from kg.language import say
from kg.release import Release


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "build",
        cls=Command,
        help=say(
            "Maak een release: lees, valideer, redeneer, zoek. Is er iets mis in de gegevens, dan "
            "staat er per fout waar, en wordt er niets gebouwd.",
            "Build a release: read, validate, reason, find. If something is wrong in the data, "
            "each error says where, and nothing is built.",
        ),
        epilog=example(
            "kg build",
            "kg build --data mijn-sector/ --out releases/",
            "kg build --data mijn-sector.xlsx --skip-invalid --at 2026-08-15",
            "kg build --data mijn --clearance openbaar --clearance dep-v+kring-energie",
        ),
    )
    @data_option()
    @click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("releases"),
        metavar=say("MAP", "FOLDER"),
        help=say("Waar de release komt. [releases]", "Where the release goes. [releases]"),
    )
    @click.option(
        "--at",
        metavar=say("DATUM", "DATE"),
        help=say(
            "Peildatum; anders de laatste datum van de bronnen.",
            "Analysis date; otherwise the latest date among the sources.",
        ),
    )
    @click.option(
        "--policy",
        metavar="ID",
        help=say("Beleid dat de drempels zet.", "Policy that sets the thresholds."),
    )
    @click.option(
        "--clearance",
        "clearances",
        multiple=True,
        metavar=say("NIVEAU", "LEVEL"),
        help=say(
            "Bouw alleen dit niveau: een rubricering, met + de compartimenten waar een lezer toe "
            "behoort (herhaalbaar). [elk dat iets toevoegt: zonder, binnen één of binnen alle "
            "compartimenten]",
            "Build only this level: a marking, with + the compartments that a reader belongs to "
            "(repeatable). [each that adds something: within none, one or all compartments]",
        ),
    )
    @click.option(
        "--skip-invalid",
        is_flag=True,
        help=say(
            "Bouw met wat goed is en meld wat is weggelaten.",
            "Build from what is right and list what was left out.",
        ),
    )
    @click.option(
        "--reasoner",
        type=click.Choice(["sparql", "owlrl"]),
        default="sparql",
        help=say("owlrl is de trage toetssteen.", "owlrl is the slow reference."),
    )
    @format_option("table", "json", "csv")
    def build_(
        data: tuple[Path, ...],
        out: Path,
        at: str | None,
        policy: str | None,
        clearances: tuple[str, ...],
        skip_invalid: bool,
        reasoner: str,
        format_: str,
    ) -> None:
        _check_date(at)
        with progress() as step:
            made = build(
                list(data) or None,
                out,
                at=at,
                policy=policy,
                skip_invalid=skip_invalid,
                reasoner=reasoner,
                progress=step,
                told=note,
                clearances=clearances,
            )
        levels = [Release.open(out, level) for level in made.levels]
        for left in made.left_out:
            note(f"{say('weggelaten', 'left out')}: {Problem.from_json(left)}")
        if format_ == "json":
            print_json({"out": str(out), "levels": [dict(one.manifest) for one in levels]})
            return
        rows = [_row(one) for one in levels]
        if format_ == "csv":
            names = (
                "level",
                "release",
                "date",
                "policy",
                "asserted",
                "inferred",
                "findings",
                "units",
            )
            print_csv(names, rows)
            return
        print_table(
            (
                say("Niveau", "Level"),
                "Release",
                say("Peildatum", "Date"),
                say("Beleid", "Policy"),
                say("Ingevoerd", "Asserted"),
                say("Afgeleid", "Inferred"),
                say("Bevindingen", "Findings"),
                say("Eenheden", "Units"),
            ),
            rows,
        )

    return build_


def _row(release: Release) -> tuple[str, ...]:
    counts = release.manifest["counts"]
    numbers = (str(counts[name]) for name in ("asserted", "inferred", "findings", "units"))
    return (release.level, release.id, release.date, release.policy, *numbers)


def _check_date(at: str | None) -> None:
    from datetime import date

    try:
        date.fromisoformat(at or "2000-01-01")
    except ValueError as error:
        raise UsageError(
            "build.date",
            f"'{at}' is geen datum; schrijf jjjj-mm-dd.",
            f"'{at}' is not a date; write yyyy-mm-dd.",
        ) from error
