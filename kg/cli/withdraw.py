"""``kg withdraw``: what falls when countries withdraw what they control; all countries at once."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cascade import parse_horizon
from kg.cli.base import Command, example, format_option, html_option, release_options
from kg.cli.origin import open_release
from kg.cli.output import print_json, progress
from kg.cli.pages import keep_page
from kg.cli.terms import terms_options
from kg.cli.withdraw_output import (
    answer_csv,
    comparison_csv,
    matrix_csv,
    print_answer,
    print_comparison,
    print_matrix,
)
from kg.errors import UsageError
from kg.foreign.answer import withdraw
from kg.foreign.comparison import compare
from kg.foreign.matrix import matrix
from kg.foreign.question import Question
from kg.language import say
from kg.release import Release


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "withdraw",
        cls=Command,
        help=say(
            "Toon wat er omvalt als een land alles terugtrekt waarover het zeggenschap heeft: "
            "wat het in handen heeft en via welke keten, wat wanneer uitvalt, wat vervanging "
            "herstelt, en per vitaal proces het oordeel, waar dat op rust en wat het verandert. "
            "LAND is een landcode, IRI of label; meer landen trekken zich samen terug. Zonder "
            "LAND: alle landen die het beleid niet vertrouwt, tegen alle vitale processen.",
            "Show what falls over if a country withdraws all that it controls: what is in its "
            "hands and by which chain, what goes down when, what substitution brings back, and "
            "per vital process the verdict, what that rests on and what changes it. COUNTRY is a "
            "country code, IRI or label; several withdraw together. Without COUNTRY: every "
            "country that the policy does not trust, against all vital processes.",
        ),
        epilog=example(
            "kg withdraw CN",
            "kg withdraw CN Rusland --horizon P90D --at 2026-06-01",
            "kg withdraw TR --policy oef-beleid-streng --html turkije.html",
            "kg withdraw CN --paths --html wegen.html",
            "kg withdraw --html landen.html",
            "kg withdraw --compare oef-beleid-streng",
            "kg withdraw CN --format json",
        ),
    )
    @click.argument("countries", nargs=-1, metavar=say("[LAND]…", "[COUNTRY]…"))
    @terms_options
    @click.option(
        "--compare",
        "compared",
        metavar=say("BELEID", "POLICY"),
        help=say(
            "Vergelijk met dit beleid: welke bevindingen erbij komen, verdwijnen, veranderen.",
            "Compare with this policy: which findings appear, vanish, change.",
        ),
    )
    @click.option(
        "--trusted",
        is_flag=True,
        help=say(
            "Zonder LAND: ook de landen die het beleid vertrouwt.",
            "Without COUNTRY: the countries that the policy trusts as well.",
        ),
    )
    @click.option(
        "--paths",
        is_flag=True,
        help=say(
            "Teken met --html de wegen van land naar proces in plaats van de uitval in de tijd.",
            "With --html, draw the ways from country to process instead of what fails in time.",
        ),
    )
    @html_option()
    @release_options
    @format_option("table", "json", "csv")
    def withdraw_(
        countries: tuple[str, ...],
        policy: str | None,
        compared: str | None,
        horizon: str | None,
        at: str | None,
        trusted: bool,
        paths: bool,
        html: Path | None,
        release: Path,
        level: str | None,
        format_: str,
    ) -> None:
        hours = None if horizon is None else parse_horizon(horizon)
        _fits(countries, compared, trusted, paths, html)
        opened = open_release(release, level)
        question = Question(opened.store, opened.network(), policy, at, hours)
        if compared is not None:
            other = Question(opened.store, opened.network(), compared, at, hours)
            _compare(opened, question, other, format_)
        elif countries:
            _answer(opened, question, countries, paths, html, format_)
        else:
            _matrix(opened, question, trusted, html, format_)

    return withdraw_


def _fits(
    countries: tuple[str, ...],
    compared: str | None,
    trusted: bool,
    paths: bool,
    html: Path | None,
) -> None:
    """Refuse options that say nothing together.

    Raises:
        UsageError: they do not go together.
    """
    if compared is not None and (countries or trusted or html is not None):
        raise UsageError(
            "usage.withdraw",
            "--compare vergelijkt alle landen; laat LAND, --trusted en --html weg.",
            "--compare compares all countries; leave out COUNTRY, --trusted and --html.",
        )
    if paths and (not countries or html is None):
        raise UsageError(
            "usage.withdraw",
            "--paths hoort bij het beeld van een land; geef LAND en --html.",
            "--paths goes with the picture of a country; give COUNTRY and --html.",
        )
    if countries and trusted:
        raise UsageError(
            "usage.withdraw",
            "--trusted geldt voor het overzicht van alle landen; laat LAND of --trusted weg.",
            "--trusted is for the table of all countries; leave out COUNTRY or --trusted.",
        )


def _compare(release: Release, question: Question, other: Question, format_: str) -> None:
    with progress() as step:
        if step:
            step(say("twee keer alle landen", "all countries, twice"))
        found = compare(question, other)
    if format_ == "json":
        print_json(found.to_json(release.id, release.level))
    elif format_ == "csv":
        comparison_csv(found)
    else:
        print_comparison(found)


def _answer(
    release: Release,
    question: Question,
    countries: tuple[str, ...],
    paths: bool,
    html: Path | None,
    format_: str,
) -> None:
    named = question.countries(countries)
    with progress() as step:
        if step:
            step(say("terugtrekking rekenen", "computing the withdrawal"))
        found = withdraw(question, named)
    if html is not None:
        from kg.cli.cascade import sector_labels_of
        from kg.views.withdrawal_page import frame_of, ways_view, withdrawal_view

        frame = frame_of(question, release.level, release.id)
        if paths:
            view = ways_view(found, frame)
        else:
            names = sector_labels_of(release, question.network)
            view = withdrawal_view(found, frame, sector_labels=names)
        keep_page(release, view, html)
    if format_ == "json":
        print_json(found.to_json(release.id, release.level))
    elif format_ == "csv":
        answer_csv(found)
    else:
        print_answer(found)


def _matrix(
    release: Release, question: Question, trusted: bool, html: Path | None, format_: str
) -> None:
    with progress() as step:

        def told(done: int, count: int) -> None:
            if step:
                step(say(f"land {done} van {count}", f"country {done} of {count}"))

        found = matrix(question, trusted=trusted, progress=told)
    if html is not None:
        from kg.views.withdrawal_matrix import render_matrix
        from kg.views.withdrawal_page import frame_of

        frame = frame_of(question, release.level, release.id)
        keep_page(release, render_matrix(found, frame), html)
    if format_ == "json":
        print_json(found.to_json(release.id, release.level))
    elif format_ == "csv":
        matrix_csv(found)
    else:
        print_matrix(found)
