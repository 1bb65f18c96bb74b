"""``--with`` of ``kg cascade``: the same outages before and after measures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.cascade import cascade
from kg.cascade.measures import Comparison, compare
from kg.cli.base import clean
from kg.cli.output import print_csv, print_json, print_table
from kg.cli.pages import keep_page
from kg.cli.strikes import Struck, print_strikes
from kg.language import say
from kg.network import Measure
from kg.release import Release
from kg.views import Frame
from kg.views.measures import cost_text, gain_text, measures_title, measures_view
from kg.views.words import duration, number

Function = TypeVar("Function", bound=Callable[..., Any])


def with_option() -> Callable[[Function], Function]:
    """``--with MEASURE`` (repeatable)."""
    return click.option(
        "--with",
        "with_",
        multiple=True,
        metavar=say("MAATREGEL", "MEASURE"),
        help=say(
            "Vergelijk zonder en met deze maatregel (herhaalbaar).",
            "Compare without and with this measure (repeatable).",
        ),
    )


def run_with(
    release: Release,
    hit: Struck,
    names: Sequence[str],
    format_: str,
    html: Path | None,
    sector_labels: Mapping[str, str],
) -> None:
    """Compute, print and draw the comparison."""
    network = release.network()
    measures = dict.fromkeys(release.measures.resolve(name) for name in names)
    found = compare(network, measures, hit.outages, hit.hours, cascade)
    if html is not None:
        frame = Frame(release.level, release.id, release.policy, release.date)
        view = measures_view(found, frame, title=hit.title, sector_labels=sector_labels)
        keep_page(release, replace(view, notes=(*hit.notes, *view.notes)), html)
    if format_ == "json":
        print_json(
            {
                **found.after.to_json(release.id, release.level),
                "strikes": [one.to_json(network) for one in hit.strikes],
                "notes": list(hit.notes),
                "with": found.to_json(),
                "before": found.before.to_json(release.id, release.level),
            }
        )
    elif format_ == "csv":
        _csv(found)
    else:
        print_strikes(network, hit)
        _table(found, hit)


def _table(found: Comparison, hit: Struck) -> None:
    network = found.before.network
    click.echo(clean(measures_title(hit.title, found.measures)))
    click.echo(clean(gain_text(found.gain)))
    click.echo(clean(cost_text(found.measures, found.gain)))
    for ring in found.freed:
        names = " → ".join(network.label(unit) for unit in ring)
        click.echo(
            clean(
                say(
                    f"Herstel loopt niet meer vast op: {names}",
                    f"Recovery is no longer stuck on: {names}",
                )
            )
        )
    click.echo()
    if found.changes:
        print_table(
            (
                say("Eenheid", "Unit"),
                say("Zonder", "Without"),
                say("Met", "With"),
                say("Gewonnen", "Won"),
            ),
            [
                (
                    ("* " if network.vital[one.unit] else "") + network.label(one.unit),
                    _down(one.first_before, one.down_before),
                    _down(one.first_after, one.down_after),
                    say(f"{number(one.won, 2)} uur", f"{number(one.won, 2)} hours"),
                )
                for one in found.changes
            ],
        )
        click.echo(say("* vitaal proces", "* vital process"))
    else:
        click.echo(
            say(
                "Deze maatregelen veranderen niets aan wat er uitvalt of wanneer.",
                "These measures change nothing about what goes down, or when.",
            )
        )
    for text in (*hit.notes, *found.notes):
        click.echo(clean(f"! {text}"))
    for one in found.measures:
        if not one.in_cascades:
            click.echo(clean(f"! {one.name}: {_why_not(one)}"))


def _why_not(one: Measure) -> str:
    if one.changes:
        return say(
            "versnelt alleen vervanging, wat in een cascade niet meespeelt.",
            "only speeds up substitution, which plays no part in a cascade.",
        )
    return say(
        "verandert niets wat in het netwerk te rekenen is.",
        "changes nothing that can be computed in the network.",
    )


def _down(first: float, hours: float) -> str:
    if math.isinf(first):
        return say("blijft werken", "keeps working")
    return say(
        f"na {duration(first)}, {number(hours)} uur plat",
        f"after {duration(first)}, down {number(hours)} hours",
    )


def _csv(found: Comparison) -> None:
    """One row per unit that fares differently, times in hours."""
    network = found.before.network
    print_csv(
        (
            "unit",
            "label",
            "sector",
            "vital",
            "first_down_before",
            "first_down_after",
            "down_before",
            "down_after",
            "won",
        ),
        (
            (
                network.units[one.unit],
                network.label(one.unit),
                network.sector_of(one.unit),
                str(bool(network.vital[one.unit])).lower(),
                one.first_before if math.isfinite(one.first_before) else None,
                one.first_after if math.isfinite(one.first_after) else None,
                one.down_before,
                one.down_after,
                one.won,
            )
            for one in found.changes
        ),
    )
