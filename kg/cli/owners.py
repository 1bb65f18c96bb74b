"""``kg owners``: who owns an organisation, who controls it from which country, what it owns."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.base import Command, example, format_option, html_option, release_options
from kg.cli.origin import open_release
from kg.cli.output import print_csv, print_json, print_table
from kg.cli.pages import keep_page
from kg.cli.paragraphs import heading, paragraph, sources
from kg.cli.terms import control_options
from kg.foreign.owners import Holding, Owners, owners_of
from kg.foreign.question import Question
from kg.language import say
from kg.views.owners import (
    HOLDING_COLUMNS,
    chain_text,
    control_lines,
    holding_row,
    owners_title,
    seat_text,
)
from kg.views.withdrawal import terms_text
from kg.views.words import share_text


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "owners",
        cls=Command,
        help=say(
            "Toon de eigendom van ORGANISATIE: wie er welk belang in heeft, direct en daarboven, "
            "sinds wanneer; wie er zeggenschap over heeft, alleen of gezamenlijk; het "
            "doorgerekende aandeel; de keten naar elk land; en wat de organisatie zelf bezit.",
            "Show the ownership of ORGANISATION: who holds which interest in it, directly and "
            "above, since when; who controls it, alone or jointly; the integrated share; the "
            "chain to each country; and what the organisation owns itself.",
        ),
        epilog=example(
            "kg owners oef-org-bankendiesel",
            "kg owners oef-org-dc --at 2027-02-01 --html eigendom.html",
            "kg owners oef-org-kernhulp --policy oef-beleid-streng --format json",
        ),
    )
    @click.argument("organisation", metavar=say("ORGANISATIE", "ORGANISATION"))
    @control_options
    @html_option()
    @release_options
    @format_option("table", "json", "csv")
    def owners_(
        organisation: str,
        policy: str | None,
        at: str | None,
        html: Path | None,
        release: Path,
        level: str | None,
        format_: str,
    ) -> None:
        opened = open_release(release, level)
        question = Question(opened.store, opened.network(), policy, at)
        found = owners_of(question, question.organisation(organisation))
        if html is not None:
            from kg.views.owners import owners_view
            from kg.views.withdrawal_page import frame_of

            keep_page(opened, owners_view(found, frame_of(question, opened.level, opened.id)), html)
        if format_ == "json":
            print_json(found.to_json(opened.id, opened.level))
        elif format_ == "csv":
            _csv(found)
        else:
            _table(found)

    return owners_


def _table(found: Owners) -> None:
    question = found.question
    paragraph(owners_title(found))
    paragraph(say("Zetel: ", "Seat: ") + seat_text(found, found.organisation))
    paragraph(terms_text(question))
    for line in control_lines(found):
        paragraph(line)
    _holdings(found, found.above, ("Belangen erin en daarboven", "Interests in it and above"))
    if found.shares:
        heading(say("Doorgerekend aandeel, langs alle wegen", "Integrated share, along all paths"))
        print_table(
            (say("Wie", "Who"), say("Zetel", "Seat"), say("Aandeel", "Share")),
            [
                (question.name(iri), seat_text(found, iri), share_text(share))
                for iri, share in found.shares.items()
            ],
        )
    if found.chains:
        heading(say("Ketens naar landen", "Chains to countries"))
        for country, chain in found.chains.items():
            paragraph(f"- {chain_text(found, country, chain)}", indent="  ")
    _holdings(found, found.below, ("Wat het zelf bezit", "What it owns itself"))
    sources(question, question.sources(found.records()))


def _holdings(found: Owners, holdings: tuple[Holding, ...], head: tuple[str, str]) -> None:
    if holdings:
        heading(say(*head))
        columns = [say(*words) for words in HOLDING_COLUMNS]
        print_table(columns, [holding_row(found, one) for one in holdings])


def _csv(found: Owners) -> None:
    """One row per record, above first; share from 0 to 1."""
    name = found.question.name
    print_csv(
        (
            "side", "record", "owner", "owner_label", "owned", "owned_label", "share", "since",
            "until", "control",
        ),
        (
            (
                side, one.iri, one.owner, name(one.owner), one.owned, name(one.owned), one.share,
                one.since, one.until, one.gives,
            )
            for side, holdings in (("above", found.above), ("below", found.below))
            for one in holdings
        ),
    )  # fmt: skip
