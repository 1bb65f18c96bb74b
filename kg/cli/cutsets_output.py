"""How ``kg cutsets`` prints: a table for people, rows for programs."""

from __future__ import annotations

from typing import Any, Final

import click

from kg.cli.output import note, print_csv, print_table
from kg.language import say

_WEIGHTS_SHOWN: Final = 25


def show_table(values: dict[str, Any], labels: dict[str, str], hours: list[float]) -> None:
    """What a person reads: how many, which, how likely, and what is left out."""
    spread = ", ".join(
        say(f"{count} van orde {order}", f"{count} of order {order}")
        for order, count in values["by_order"].items()
    )
    total = values["count"]
    click.echo(
        say(f"{total} minimale doorsneden", f"{total} minimal cut sets")
        + (f": {spread}." if spread else ".")
    )
    if values.get("probability") is not None:
        least = say("minstens ", "at least ") if values.get("probability_unknown_units") else ""
        click.echo(say("Kans op uitval van het geheel: ", "Probability of the whole failing: ")
                   + least + _short(values["probability"]))  # fmt: skip
    elif "probability" in values:
        click.echo(
            say(
                "De kans op het geheel is onbekend: niet elke kans is gegeven.",
                "The probability of the whole is unknown: not every one is given.",
            )
        )
    sets = values.get("cut_sets", [])
    if sets:
        from kg.views.words import duration  # only where something is listed

        click.echo()
        headings = ["", say("Orde", "Order"), *([say("Na", "After")] if hours else []),
                    say("Samen", "Together")]  # fmt: skip
        rows = [
            [
                str(number),
                str(len(one)),
                *([duration(hours[number - 1])] if hours else []),
                " + ".join(labels[name] for name in one),
            ]
            for number, one in enumerate(sets, 1)
        ]
        print_table(headings, rows)
    weights = sorted(values.get("importance", []), key=lambda one: -(one["birnbaum"] or 0.0))
    if weights:
        click.echo()
        print_table(
            [say("Eenheid", "Unit"), "Birnbaum", "Fussell-Vesely", "RAW", "RRW"],
            [
                [
                    one["label"],
                    *(_short(one[key]) for key in ("birnbaum", "fussell_vesely", "raw", "rrw")),
                ]
                for one in weights[:_WEIGHTS_SHOWN]
            ],
        )
        if len(weights) > _WEIGHTS_SHOWN:
            total = len(weights)
            click.echo(
                say(
                    f"! De zwaarste {_WEIGHTS_SHOWN} van {total}; alle met --format json.",
                    f"! The first {_WEIGHTS_SHOWN} of {total}; all with --format json.",
                )
            )
    for stop in values["stopped"]:
        click.echo(f"! {stop['text']}")


def _short(number: float | None) -> str:
    if number is None:
        return "∞"
    return say(f"{number:.4g}".replace(".", ","), f"{number:.4g}")


def show_csv(
    values: dict[str, Any], labels: dict[str, str], hours: list[float], *, importance: bool
) -> None:
    """One row per cut set; with --importance one per unit; with --count-only one per order."""
    if importance:
        columns = ("unit", "label", "birnbaum", "fussell_vesely", "raw", "rrw")
        weights = values.get("importance", [])
        print_csv(columns, ([one[key] for key in columns] for one in weights))
    elif "cut_sets" not in values:
        print_csv(("order", "count"), values["by_order"].items())
    else:
        print_csv(
            ("order", "hours", "units", "labels"),
            (
                (
                    len(one),
                    hours[place] if hours else None,
                    ";".join(one),
                    "; ".join(labels[name] for name in one),
                )
                for place, one in enumerate(values["cut_sets"])
            ),
        )
    for stop in values["stopped"]:
        note(f"! {stop['text']}")
