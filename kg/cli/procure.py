"""``kg procure``: what a contract would change; several offers side by side."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cascade import parse_horizon
from kg.cli.base import Command, example, format_option, html_option, release_options
from kg.cli.change_output import EFFECT_COLUMNS, effect_rows, print_change
from kg.cli.origin import open_release
from kg.cli.output import note, print_csv, print_json, progress
from kg.cli.pages import keep_page
from kg.cli.paragraphs import SHOWN, heading, more, paragraph, said, sources
from kg.cli.terms import terms_options
from kg.language import say
from kg.offer import Offer, Offers, procure
from kg.views.change import change_notes, verdict_line
from kg.views.offer import contract_text, hand_rows, offer_notes, supply_text
from kg.views.withdrawal import terms_text


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "procure",
        cls=Command,
        help=say(
            "Toon vóór het tekenen wat een aanbod zou veranderen: welke buitenlandse, "
            "strategische of risicovolle afhankelijkheden erbij komen, verdwijnen of ernstiger "
            "worden, met de weg erheen; in wiens handen de levering is; concentratie. Een aanbod "
            "is een map of bestand met tabellen of RDF, zoals alle gegevens; het verwijst met id "
            "naar wat in de release staat. Een levering zegt met replacesSupply welke zij "
            "vervangt. Meer aanbiedingen komen naast elkaar, elk tegen het heden. Eindigt met 1 "
            "als een aanbod niet klopt; nieuwe afhankelijkheden zijn geen fout.",
            "Show before signing what an offer would change: which foreign, strategic or risky "
            "dependencies appear, vanish or get worse, with the way there; in whose hands the "
            "supply is; concentration. An offer is a folder or file of tables or RDF, like all "
            "data; it refers by id to what is in the release. A supply says with replacesSupply "
            "which one it replaces. Several offers come side by side, each against the present. "
            "Exits with 1 if an offer is not right; new dependencies are no error.",
        ),
        epilog=example(
            "kg procure --offer examples/offers/kern-oost",
            "kg procure --offer a.xlsx --offer b.xlsx",
            "kg procure --offer aanbod.ttl --horizon P90D --html aanbod.html",
        ),
    )
    @click.option(
        "--offer",
        "offers",
        type=click.Path(path_type=Path),
        multiple=True,
        required=True,
        metavar=say("MAP_OF_BESTAND", "FOLDER_OR_FILE"),
        help=say("Een aanbod (herhaalbaar).", "An offer (repeatable)."),
    )
    @terms_options
    @html_option()
    @release_options
    @format_option("table", "json", "csv")
    def procure_(
        offers: tuple[Path, ...],
        policy: str | None,
        at: str | None,
        horizon: str | None,
        html: Path | None,
        release: Path,
        level: str | None,
        format_: str,
    ) -> None:
        hours = None if horizon is None else parse_horizon(horizon)
        opened = open_release(release, level)
        with progress() as step:
            found = procure(
                opened, offers, policy=policy, at=at, horizon_hours=hours, progress=step
            )
        if html is not None:
            from kg.views.change_page import offers_view
            from kg.views.withdrawal_page import frame_of

            frame = frame_of(found.question, opened.level, opened.id)
            keep_page(opened, offers_view(found, frame), html)
        if format_ == "json":
            print_json(found.to_json(opened.id, opened.level))
        elif format_ == "csv":
            rows = ((one.name, *row) for one in found.offers for row in effect_rows(one.change))
            print_csv(("offer", *EFFECT_COLUMNS), rows)
        else:
            _print(found)

    return procure_


def _print(found: Offers) -> None:
    paragraph(terms_text(found.question))
    for one in found.offers:
        paragraph(f"{one.name}: {verdict_line(one.change)}.", indent="  ")
    for one in found.offers:
        _offer(one)


def _offer(one: Offer) -> None:
    heading(say(f"Aanbod {one.name}", f"Offer {one.name}"))
    for text in (*offer_notes(one), *change_notes(one.change)):
        paragraph(f"! {text}", indent="  ")
    for supply in one.supplies[:SHOWN]:
        paragraph(f"* {supply_text(one, supply)}", indent="  ")
        for place, text in enumerate(hand_rows(one, supply)):
            said("" if place else say("In handen", "In hands"), text)
    more(len(one.supplies))
    for contract in one.contracts[:SHOWN]:
        paragraph(f"* {contract_text(one, contract)}", indent="  ")
    more(len(one.contracts))
    print_change(one.change)
    sources(one.change.after, one.change.sources())
    for remark in one.remarks:
        note(str(remark))
