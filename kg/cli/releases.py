"""``kg releases``: which releases there are, their levels, and which one is current."""

from pathlib import Path

import click

from kg.cli.base import Command, example, format_option
from kg.cli.output import note, print_csv, print_json, print_table
from kg.language import say


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "releases",
        cls=Command,
        help=say("Toon welke releases er zijn.", "Show which releases there are."),
        epilog=example("kg releases", "kg releases --release /srv/kg --format json"),
    )
    @click.option(
        "--release",
        type=click.Path(path_type=Path),
        default=Path("releases"),
        metavar=say("MAP", "FOLDER"),
        help=say("Map met releases. [releases]", "Folder of releases. [releases]"),
    )
    @format_option("table", "json", "csv")
    def releases_(release: Path, format_: str) -> None:
        from kg.release import releases

        found = releases(release)
        if format_ == "json":
            names = ("release", "levels", "current")
            print_json([dict(zip(names, one, strict=True)) for one in found])
            return
        rows = [
            (name, " ".join(levels), say("ja", "yes") if current else "")
            for name, levels, current in found
        ]
        if format_ == "csv":
            print_csv(("release", "levels", "current"), rows)
            return
        print_table(("Release", say("Niveaus", "Levels"), say("Huidige", "Current")), rows)
        if not found:
            note(
                say(
                    f"In {release} staat nog geen release; maak er een met: kg build",
                    f"There is no release in {release} yet; make one with: kg build",
                )
            )

    return releases_
