"""``kg validate``: what is wrong in data, and where; builds nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from kg.build import Checked, check
from kg.cli.base import EXIT_NO, Command, data_option, example, format_option
from kg.cli.output import note, print_csv, print_json, print_table, progress
from kg.errors import Location, Problem
from kg.language import say
from kg.views.words import errors_and_warnings

_SEVERITY = {"error": ("fout", "error"), "warning": ("waarschuwing", "warning"), "info": ("", "")}


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "validate",
        cls=Command,
        help=say(
            "Toon alles wat niet klopt, in één keer, met bestand, rij en kolom. Eindigt met 1 als "
            "er fouten zijn; waarschuwingen tellen niet als fout.",
            "Show everything that is wrong, at once, with file, row and column. Exits with 1 if "
            "there are errors; warnings are not errors.",
        ),
        epilog=example(
            "kg validate --data mijn-sector/", "kg validate --data a.xlsx --format turtle"
        ),
    )
    @data_option()
    @click.option(
        "--skip-invalid",
        is_flag=True,
        help=say(
            "Laat weg wat fout is en toon de rest.", "Leave out what is wrong and show the rest."
        ),
    )
    @format_option("table", "json", "csv", "turtle")
    @click.pass_context
    def validate(
        ctx: click.Context, data: tuple[Path, ...], skip_invalid: bool, format_: str
    ) -> None:
        with progress() as step:
            checked = check(list(data) or None, skip_invalid=skip_invalid, progress=step)
        problems = checked.staged.problems
        _print(checked, format_)
        if problems or not checked.report.conforms:
            ctx.exit(EXIT_NO)

    return validate


def _print(checked: Checked, format_: str) -> None:
    report, staged = checked.report, checked.staged
    if format_ == "turtle":
        click.echo(report.turtle, nl=False)
        for problem in staged.problems:
            note(str(problem))
    elif format_ == "json":
        print_json(
            {
                **report.to_json(),
                "conforms": report.conforms and not staged.problems,
                "problems": [_json(problem) for problem in staged.problems],
                "left_out": [_json(problem) for problem in staged.left_out],
            }
        )
    else:
        everything = [*staged.problems, *(result.to_problem() for result in report.results)]
        if format_ == "csv":
            names = ("severity", "file", "sheet", "row", "column", "code", "message")
            print_csv(names, _csv(everything))
            return
        headings = (
            say("Ernst", "Severity"),
            say("Waar", "Where"),
            say("Wat", "What"),
            "Code",
        )
        if everything:
            print_table(headings, (_row(problem) for problem in everything))
        for problem in staged.left_out:
            note(f"{say('weggelaten', 'left out')}: {problem}")
        things = sum(graph.subjects for graph in staged.graphs)
        errors = sum(problem.severity == "error" for problem in everything)
        warnings = sum(problem.severity == "warning" for problem in everything)
        found = errors_and_warnings(errors, warnings)
        click.echo(
            say(f"{things} dingen nagekeken: {found}.", f"{things} things checked: {found}.")
        )


def _row(problem: Problem) -> tuple[str, ...]:
    return (
        say(*_SEVERITY[problem.severity]),
        str(problem.location),
        say(problem.nl, problem.en),
        problem.code,
    )


def _csv(problems: Iterable[Problem]) -> Iterator[tuple[object, ...]]:
    for problem in problems:
        at: Location = problem.location
        place = (at.file, at.sheet, at.row or None, at.column)
        yield (problem.severity, *place, problem.code, say(problem.nl, problem.en))


def _json(problem: Problem) -> dict[str, object]:
    at = problem.location
    return {
        "severity": problem.severity,
        "file": at.file or None,
        "sheet": at.sheet or None,
        "row": at.row or None,
        "column": at.column or None,
        "code": problem.code,
        "message": {"nl": problem.nl, "en": problem.en},
    }
