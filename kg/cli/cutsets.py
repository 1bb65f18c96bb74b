"""``kg cutsets``: which few things together bring a target down by a deadline."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from kg.cli.base import (
    EXIT_INTERRUPTED,
    Command,
    clean,
    example,
    format_option,
    release_options,
)
from kg.cli.cutsets_output import show_csv, show_table
from kg.cli.origin import open_release
from kg.cli.output import note, print_json, progress
from kg.errors import UsageError
from kg.faulttree.open_psa import read_open_psa
from kg.faulttree.report import answer
from kg.faulttree.search import Found, check, search
from kg.faulttree.solution import STEPS
from kg.language import say

if TYPE_CHECKING:
    from kg.cascade.cutsets import CutSets

#: How many sets are listed without --limit: what a person reads, what a program can swallow.
_SHOWN: Final = {"table": 25, "json": 100_000, "csv": 100_000}
#: The hours are computed for as many sets as take a moment: sets × units.
_HOURS_WORK: Final = 5_000_000
_ASSUMPTIONS_SHOWN: Final = 10


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "cutsets",
        cls=Command,
        help=say(
            "Welke kleinste groepen eenheden samen DOEL platleggen, binnen een termijn: de "
            "minimale doorsneden. Wat er één is, is een enkel punt van uitval. Met --open-psa voor "
            "een foutenboom uit een bestand.",
            "Which smallest groups of units together bring TARGET down by a deadline: the minimal "
            "cut sets. What is one unit is a single point of failure. With --open-psa for a fault "
            "tree from a file.",
        ),
        epilog=example(
            "kg cutsets rail --within PT8H --max-order 3",
            "kg cutsets rail --explain 2",
            "kg cutsets --open-psa boom.xml --importance",
        ),
    )
    @click.argument("target", required=False, metavar=say("[DOEL]", "[TARGET]"))
    @click.option(
        "--within",
        metavar=say("DUUR", "DURATION"),
        help=say(
            "De termijn, zoals PT8H; zonder telt elke uitval, hoe laat ook.",
            "The deadline, such as PT8H; without it any failure counts, however late.",
        ),
    )
    @click.option(
        "--max-order",
        type=int,
        metavar=say("GETAL", "NUMBER"),
        help=say(
            "Alleen groepen van ten hoogste zoveel eenheden.",
            "Only groups of at most so many units.",
        ),
    )
    @click.option(
        "--limit",
        type=int,
        metavar=say("GETAL", "NUMBER"),
        help=say(
            "Toon er ten hoogste zoveel; geteld worden ze alle. [tabel 25]",
            "Show at most so many; all are counted. [table 25]",
        ),
    )
    @click.option(
        "--count-only",
        is_flag=True,
        help=say("Alleen tellen, per orde.", "Only count, by order."),
    )
    @click.option(
        "--importance",
        is_flag=True,
        help=say(
            "Ook hoe zwaar elke eenheid weegt, waar kansen bekend zijn (Birnbaum, "
            "Fussell-Vesely, RAW, RRW).",
            "Also how much each unit matters, where probabilities are known (Birnbaum, "
            "Fussell-Vesely, RAW, RRW).",
        ),
    )
    @click.option(
        "--explain",
        type=int,
        metavar="N",
        help=say(
            "Leg uit hoe groep N het doel platlegt.", "Explain how group N brings the target down."
        ),
    )
    @click.option(
        "--open-psa",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar=say("BESTAND", "FILE"),
        help=say("Een foutenboom in Open-PSA.", "A fault tree in Open-PSA."),
    )
    @click.option(
        "--top",
        metavar=say("POORT", "GATE"),
        help=say(
            "De poort in dat bestand waar het om gaat.", "The gate of that file to ask about."
        ),
    )
    @click.option(
        "--steps",
        type=int,
        default=STEPS,
        metavar=say("GETAL", "NUMBER"),
        help=say(
            f"Hoeveel rekenstappen ten hoogste. [{STEPS}]", f"How many steps at most. [{STEPS}]"
        ),
    )
    @release_options
    @format_option("table", "json", "csv")
    def cutsets(
        target: str | None,
        within: str | None,
        max_order: int | None,
        limit: int | None,
        count_only: bool,
        importance: bool,
        explain: int | None,
        open_psa: Path | None,
        top: str | None,
        steps: int,
        release: Path,
        level: str | None,
        format_: str,
    ) -> None:
        check(max_order, limit, steps)
        if limit is None:
            limit = max(_SHOWN[format_], explain or 0)
        if open_psa is not None:
            if target or within or explain is not None or level:
                raise UsageError(
                    "usage.cutsets",
                    "Een foutenboom uit een bestand heeft geen DOEL, --within, --explain of "
                    "--level; kies een poort met --top.",
                    "A fault tree from a file has no TARGET, --within, --explain or --level; "
                    "choose a gate with --top.",
                )
            found = _tree(open_psa, top, max_order, limit, count_only, importance, steps, format_)
        elif target is None or top is not None:
            raise UsageError(
                "usage.cutsets",
                "Geef een DOEL uit een release, of --open-psa BESTAND (en dan zo nodig --top).",
                "Give a TARGET of a release, or --open-psa FILE (and then --top where needed).",
            )
        else:
            from kg.cascade.cutsets import cut_sets, parse_within
            from kg.network import resolve

            hours = math.inf if within is None else parse_within(within)
            opened = open_release(release, level)
            network = opened.network()
            unit = resolve(network, target)
            known = [0.0 if math.isnan(one) else one for one in network.unavailability.tolist()]
            with progress() as step:
                if step:
                    step(say("doorsneden zoeken", "searching for cut sets"))
                result = cut_sets(
                    network,
                    unit,
                    hours,
                    max_order,
                    limit=limit,
                    count_only=count_only,
                    # Unknown counts as 0: more can only fail more, so the answer is a lower bound.
                    probability=known if importance and any(known) else None,
                    steps=steps,
                )
            _unit(result, opened.id, opened.level, explain, importance, format_)
            found = result.found
        if any(one.reason == "interrupted" for one in found.stopped):
            raise click.exceptions.Exit(EXIT_INTERRUPTED)

    return cutsets


def _tree(
    path: Path,
    top: str | None,
    max_order: int | None,
    limit: int,
    count_only: bool,
    importance: bool,
    steps: int,
    format_: str,
) -> Found:
    """The answer about a fault tree from a file; printed."""
    tree = read_open_psa(path)
    for nl, en in tree.notes[:_ASSUMPTIONS_SHOWN]:
        note("! " + say(nl, en))
    if len(tree.notes) > _ASSUMPTIONS_SHOWN:
        more = len(tree.notes) - _ASSUMPTIONS_SHOWN
        note(say(f"! En nog {more} opmerkingen.", f"! And {more} more remarks."))
    gate = tree.choose(top)
    with progress() as step:
        if step:
            step(say("doorsneden zoeken", "searching for cut sets"))
        found = search(tree.formula(gate), max_order, limit, count_only=count_only, steps=steps)
    solution = found.solution
    known = solution is not None and any(not math.isnan(p) for p in tree.probability)
    total = solution.probability(tree.probability) if known and solution else None
    weigh = importance and total is not None and not math.isnan(total)
    result = answer(
        found,
        gate,
        math.inf,
        max_order,
        name=lambda event: tree.events[event].name,
        label=tree.label,
        probability=total,
        importance=solution.importance(tree.probability) if weigh and solution else (),
    )
    if not importance:
        result.pop("importance", None)
    named = {event for one in found.sets or () for event in one}
    labels = {tree.events[event].name: tree.label(event) for event in sorted(named)}
    if format_ == "json":
        print_json({**result, "labels": labels})
    elif format_ == "csv":
        show_csv(result, labels, [], importance=importance)
    else:
        click.echo(clean(say(f"Foutenboom {tree.name or path.name}, poort {gate}",
                             f"Fault tree {tree.name or path.name}, gate {gate}")))  # fmt: skip
        show_table(result, labels, [])
    return found


def _unit(
    result: CutSets,
    release: str,
    level: str,
    explain: int | None,
    importance: bool,
    format_: str,
) -> None:
    """The answer about a unit of a release; printed."""
    from kg.cascade import Outage, explain_path, fail
    from kg.views.events import event_line
    from kg.views.words import duration

    network = result.network
    sets = result.found.sets or ()
    if explain is not None and not 1 <= explain <= len(sets):
        raise UsageError(
            "usage.explain",
            f"Er is geen groep {explain}; er zijn er hier {len(sets)}.",
            f"There is no group {explain}; there are {len(sets)} here.",
        )
    hours: list[float] = []
    if len(sets) * len(network.units) <= _HOURS_WORK:
        for one in sets:
            fall = fail(network, [Outage(unit) for unit in one], result.within_hours)
            event = fall.first(result.target, ("down",))
            assert event is not None, one
            hours.append(event.hours)
    values = result.to_json(release, level)
    if hours or not sets:
        values["hours"] = hours
    lines: list[str] = []
    if explain is not None:
        fall = fail(network, [Outage(unit) for unit in sets[explain - 1]], result.within_hours)
        down = fall.first(result.target, ("down",))
        lines = [event_line(fall, event) for event in explain_path(fall, result.target, down)]
        values["explanation"] = lines
    labels: dict[str, str] = values["labels"]
    if importance:
        _lower_bound(result, values)
    if format_ == "json":
        print_json(values)
    elif format_ == "csv":
        show_csv(values, labels, hours, importance="importance" in values)
    else:
        label = network.label(result.target)
        when = (
            say("ooit", "ever")
            if math.isinf(result.within_hours)
            else say("binnen ", "within ") + duration(result.within_hours)
        )
        click.echo(clean(say(f"Wat {label} {when} platlegt",
                             f"What brings {label} down {when}")))  # fmt: skip
        show_table(values, labels, hours)
        for line in lines:
            click.echo(clean(line))
        for unknown in result.assumptions[:_ASSUMPTIONS_SHOWN]:
            click.echo(clean(f"! {unknown.text(network)}"))
        more = len(result.assumptions) - _ASSUMPTIONS_SHOWN
        if more > 0:
            click.echo(
                say(f"! En nog {more} onbekende buffers.", f"! And {more} more unknown buffers.")
            )


def _lower_bound(result: CutSets, values: dict[str, Any]) -> None:
    """Say what the probability leaves out; drop it where nothing that matters is known."""
    unavailability = result.network.unavailability
    unknown = sum(math.isnan(unavailability[one.event]) for one in result.importance)
    if unknown == len(result.importance) or math.isnan(result.probability or math.nan):
        values["probability"] = None
        values.pop("importance", None)
        note(
            say(
                "! Van geen eenheid die ertoe doet is de kans op uitval bekend (unavailability), "
                "of het is te groot: zonder die kans weegt niets.",
                "! The probability of being down (unavailability) is known of no unit that "
                "matters, or it is too large: without it nothing weighs.",
            )
        )
        return
    values["probability_unknown_units"] = unknown
    if unknown:
        note(
            say(
                f"! Van {unknown} van {len(result.importance)} eenheden die ertoe doen is de kans "
                "op uitval onbekend; die telt als 0, dus de kans is een ondergrens.",
                f"! Of {unknown} of {len(result.importance)} units that matter the probability of "
                "being down is unknown; it counts as 0, so the probability is a lower bound.",
            )
        )
