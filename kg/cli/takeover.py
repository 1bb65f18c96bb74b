"""``kg takeover``: what it changes that someone else holds an organisation."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cascade import parse_horizon
from kg.cli.base import Command, example, format_option, html_option, release_options
from kg.cli.change_output import EFFECT_COLUMNS, effect_rows, print_change
from kg.cli.origin import open_release
from kg.cli.output import print_csv, print_json, progress
from kg.cli.pages import keep_page
from kg.cli.paragraphs import heading, paragraph, said, sources
from kg.cli.terms import terms_options
from kg.foreign.question import Question
from kg.foreign.takeover import Takeover, read_share, take_over
from kg.language import say
from kg.views.change import change_notes, process_label, verdict_line
from kg.views.takeover import (
    acquirer_rows,
    assumptions,
    controller_rows,
    holder_rows,
    influence_text,
    takeover_title,
)
from kg.views.withdrawal import terms_text
from kg.views.words import counted, first_few


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "takeover",
        cls=Command,
        help=say(
            "Toon wat een andere eigenaar verandert: wie X bestuurt, voor en na; wat daarmee "
            "onder zeggenschap van welk land komt; welke buitenlandse, strategische of "
            "risicovolle afhankelijkheden erbij komen, verdwijnen of ernstiger worden; "
            "concentratie; en wie de verwerver is. Aangenomen: Y houdt precies dit aandeel, de "
            "andere houders krimpen naar rato, en boven de drempel van het beleid eindigt "
            "vastgelegde zeggenschap van anderen, behalve een gouden aandeel.",
            "Show what another owner changes: who controls X, before and after; what comes under "
            "control of which country by that; which foreign, strategic or risky dependencies "
            "appear, vanish or get worse; concentration; and who acquires. Assumed: Y holds "
            "exactly this share, the other holders shrink in proportion, and above the threshold "
            "of the policy recorded control of others ends, save a golden share.",
        ),
        epilog=example(
            "kg takeover --owned oef-org-spoorradio --owner oef-org-fjall",
            "kg takeover --owned oef-org-dc --owner oef-org-orchidee --html beeld.html",
            'kg takeover --owned oef-org-tso --owner "Fonds (fictief)" --owner-seat CN',
            "kg takeover --owned oef-org-cargo --owner oef-org-karadalga --format json",
        ),
    )
    @click.option(
        "--owned",
        required=True,
        metavar="X",
        help=say(
            "Wie wordt overgenomen: id, IRI of label.", "Who is taken over: id, IRI or label."
        ),
    )
    @click.option(
        "--owner",
        required=True,
        metavar="Y",
        help=say(
            "De nieuwe eigenaar: id, IRI of label; met --owner-seat een vrije naam.",
            "The new owner: id, IRI or label; with --owner-seat a free name.",
        ),
    )
    @click.option(
        "--owner-seat",
        metavar=say("LAND", "COUNTRY"),
        help=say(
            "Zetel van een eigenaar die niet in de gegevens staat: landcode of label.",
            "Seat of an owner that is not in the data: country code or label.",
        ),
    )
    @click.option(
        "--share",
        default="1",
        metavar=say("AANDEEL", "SHARE"),
        help=say("Welk aandeel Y houdt: 0.51 of 51%. [1]", "Which share Y holds: 0.51 or 51%. [1]"),
    )
    @terms_options
    @html_option()
    @release_options
    @format_option("table", "json", "csv")
    def takeover(
        owned: str,
        owner: str,
        owner_seat: str | None,
        share: str,
        policy: str | None,
        at: str | None,
        horizon: str | None,
        html: Path | None,
        release: Path,
        level: str | None,
        format_: str,
    ) -> None:
        part = read_share(share)
        hours = None if horizon is None else parse_horizon(horizon)
        opened = open_release(release, level)
        question = Question(opened.store, opened.network(), policy, at, hours)
        with progress() as step:

            def told(done: int, count: int) -> None:
                if step:
                    step(say(f"land {done} van {count}", f"country {done} of {count}"))

            found = take_over(question, owned, owner, part, owner_seat, told)
        if html is not None:
            from kg.views.change_page import takeover_view
            from kg.views.withdrawal_page import frame_of

            frame = frame_of(question, opened.level, opened.id)
            keep_page(opened, takeover_view(found, frame), html)
        if format_ == "json":
            print_json(found.to_json(opened.id, opened.level))
        elif format_ == "csv":
            print_csv(EFFECT_COLUMNS, effect_rows(found.change))
        else:
            _print(found)

    return takeover


def _print(found: Takeover) -> None:
    question, change = found.question, found.change
    paragraph(takeover_title(found))
    paragraph(terms_text(question))
    paragraph(say("Oordeel: ", "Verdict: ") + verdict_line(change) + ".", indent="  ")
    for text in (*assumptions(found), *change_notes(change)):
        paragraph(f"! {text}", indent="  ")
    heading(say("Aandelen", "Shares"))
    for text in holder_rows(found):
        paragraph(f"- {text}", indent="  ")
    heading(say(f"Wie {question.name(found.owned)} bestuurt",
                f"Who controls {question.name(found.owned)}"))  # fmt: skip
    for word, controllers in (
        (say("Voor", "Before"), found.before),
        (say("Na", "After"), found.after),
    ):
        for place, text in enumerate(controller_rows(found, controllers)):
            said("" if place else word, text)
    heading(say("De verwerver", "The acquirer"))
    for name, text in acquirer_rows(found):
        paragraph(f"- {name}: {text}", indent="  ")
    paragraph(
        say("- Significante invloed: ", "- Significant influence: ") + influence_text(found),
        indent="  ",
    )
    processes = counted(
        len(found.leaning),
        ("vitaal proces leunt op", "vitale processen leunen op"),
        ("vital process leans on", "vital processes lean on"),
    )
    units = counted(len(found.operates), ("eenheid", "eenheden"), ("unit", "units"))
    names = first_few([process_label(question, one) for one in found.leaning])
    paragraph(
        say(
            f"- {processes} {units} in handen van {question.name(found.owned)}",
            f"- {processes} {units} in the hands of {question.name(found.owned)}",
        )
        + (f": {names}" if names else "."),
        indent="  ",
    )
    print_change(change)
    sources(change.after, change.sources())
