"""``kg screen --measures``: which measures win most against scenarios, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import click

from kg.cascade import cascade, parse_horizon, parse_outage
from kg.cascade.measures import (
    Case,
    Gain,
    Ranking,
    gain_json,
    rank_measures,
)
from kg.cascade.strikes import scenario_strikes
from kg.cli.base import clean
from kg.cli.output import print_csv, print_json, print_table, progress
from kg.errors import UsageError
from kg.language import say
from kg.network import Measure
from kg.network.measures import cost_json, measure_json, status_word
from kg.release import Release
from kg.views.measures import euro
from kg.views.words import duration, number

Function = TypeVar("Function", bound=Callable[..., Any])

#: Measures that the greedy choice puts together without a choice of people.
_STEPS: Final = 5


class Options(NamedTuple):
    """What was asked: units and scenarios by name, a horizon, a budget in euro."""

    units: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    horizon: str | None = None
    budget: float | None = None
    steps: int = 5
    format_: str = "table"


def measure_options(function: Function) -> Function:
    """The options of the ranking of measures; :func:`screen_measures` reads them."""
    options = (
        click.option(
            "--measures",
            is_flag=True,
            help=say(
                "Rangschik de maatregelen, elk en samen, tegen alle scenario's.",
                "Rank the measures, each and together, against all scenarios.",
            ),
        ),
        click.option(
            "--scenario",
            "scenarios",
            multiple=True,
            metavar="ID|LABEL",
            help=say(
                "Bij --measures: tegen dit scenario (herhaalbaar).",
                "With --measures: against this scenario (repeatable).",
            ),
        ),
        click.option(
            "--budget",
            type=float,
            metavar="EUR",
            help=say(
                "Bij --measures: kies binnen dit bedrag, naar winst per euro.",
                "With --measures: choose within this amount, by gain per euro.",
            ),
        ),
        click.option(
            "--steps",
            type=click.IntRange(1, 100),
            metavar="N",
            help=say(
                f"Bij --measures: hoogstens zoveel samen. [{_STEPS}]",
                f"With --measures: at most this many together. [{_STEPS}]",
            ),
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def screen_measures(
    release: Release,
    asked: Mapping[str, Any],
    units: tuple[str, ...],
    horizon: str | None,
    format_: str,
    *,
    others: Sequence[object] = (),
) -> bool:
    """Rank and print, when the options of :func:`measure_options` ask for it; whether they do.

    Args:
        units: names; measures are then held against the outage of each.
        others: options that have no meaning beside ``--measures``, as they were given.

    Raises:
        UsageError: there is nothing to hold measures against, no measures, or options clash.
    """
    own = [asked[name] for name in ("scenarios", "budget", "steps")]
    if not asked["measures"]:
        if any(one not in (None, ()) for one in own):
            raise UsageError(
                "usage.screen",
                "--scenario, --budget en --steps horen bij --measures.",
                "--scenario, --budget and --steps go with --measures.",
            )
        return False
    if any(others):
        raise UsageError(
            "usage.screen",
            "Bij --measures gaan alleen --scenario, --units, --horizon, --budget en --steps.",
            "Only --scenario, --units, --horizon, --budget and --steps go with --measures.",
        )
    steps = asked["steps"] or _STEPS
    _rank(release, Options(units, asked["scenarios"], horizon, asked["budget"], steps, format_))
    return True


def _rank(release: Release, options: Options) -> None:
    budget = options.budget
    if budget is not None and not 0 <= budget < float("inf"):
        raise UsageError(
            "usage.budget",
            "Het budget is een bedrag in euro van nul of meer.",
            "The budget is an amount in euros of zero or more.",
        )
    measures = release.measures.found
    if not measures:
        raise UsageError(
            "usage.no-measures",
            "Deze release heeft geen maatregelen; beschrijf ze in Measure.csv.",
            "This release has no measures; describe them in Measure.csv.",
        )
    cases = _cases(release, options)
    with progress() as step:

        def told(done: int, total: int) -> None:
            if step:
                step(say(f"maatregel {done + 1} van {total}", f"measure {done + 1} of {total}"))

        found = rank_measures(
            release.network(),
            measures,
            cases,
            cascade,
            budget=budget,
            most_steps=options.steps,
            progress=told,
        )
    if options.format_ == "json":
        print_json(_json(release, found, budget))
    elif options.format_ == "csv":
        _csv(found)
    else:
        _table(found, budget)


def _cases(release: Release, options: Options) -> list[Case]:
    """The scenarios that were named, each unit that was named, or else all standing scenarios."""
    network = release.network()
    hours = None if options.horizon is None else parse_horizon(options.horizon)
    default = parse_horizon("PT72H")
    chosen = [release.scenarios.resolve(name) for name in options.scenarios]
    if not chosen and not options.units:
        chosen = [one for one in release.scenarios.found if one.outages]
    found = []
    for one in dict.fromkeys(chosen):
        strikes = scenario_strikes(one, release.threats)
        horizon = hours if hours is not None else one.horizon
        outages = tuple(strike.outage for strike in strikes)
        found.append(Case(one.name, one.iri, outages, default if horizon is None else horizon))
    for text in options.units:
        outage = parse_outage(network, text)
        name, iri = network.label(outage.unit), network.units[outage.unit]
        found.append(Case(name, iri, (outage,), default if hours is None else hours))
    if not found:
        raise UsageError(
            "usage.no-scenario",
            "Er zijn geen scenario's om maatregelen tegen te houden; noem --units of beschrijf "
            "een scenario in Scenario.csv.",
            "There are no scenarios to hold measures against; name --units, or describe a scenario "
            "in Scenario.csv.",
        )
    return found


def _table(found: Ranking, budget: float | None) -> None:
    cases = "; ".join(f"{one.name} ({duration(one.hours)})" for one in found.cases)
    click.echo(clean(say(f"Maatregelen tegen: {cases}", f"Measures against: {cases}")) + "\n")
    headings = (
        say("Maatregel", "Measure"),
        say("Stand", "Status"),
        say("Kosten", "Cost"),
        say("Vitale uren", "Vital hours"),
        say("Alle uren", "All hours"),
        say("Uren/mln €", "Hours/mln €"),
    )
    print_table(
        headings,
        [
            (
                one.measure.name,
                status_word(one.measure.status),
                _cost(one.measure),
                number(one.gain.vital_hours),
                number(one.gain.unit_hours),
                _per_million(one.gain, one.measure.investment),
            )
            for one in found.ranked
        ],
    )
    click.echo()
    click.echo(_greedy_text(budget))
    if found.steps:
        print_table(
            (
                say("Stap", "Step"),
                say("Maatregel", "Measure"),
                say("Kosten samen", "Cost so far"),
                say("Vitale uren erbij", "Vital hours more"),
                say("Samen", "Together"),
                say("Alle uren samen", "All hours"),
            ),
            [
                (
                    str(number_),
                    one.measure.name,
                    euro(one.spent),
                    number(one.adds.vital_hours),
                    number(one.together.vital_hours),
                    number(one.together.unit_hours),
                )
                for number_, one in enumerate(found.steps, 1)
            ],
        )
    else:
        click.echo(say("Geen maatregel wint iets.", "No measure wins anything."))
    for text in _notes(found):
        click.echo(clean(f"! {text}"))


def _greedy_text(budget: float | None) -> str:
    if budget is None:
        return say(
            "Samen, stap voor stap de maatregel die het meest toevoegt (niet per se de beste "
            "combinatie):",
            "Together, step by step the measure that adds most (not always the best combination):",
        )
    return say(
        f"Binnen {euro(budget)}, stap voor stap wat per euro het meest toevoegt (niet per se de "
        "beste combinatie):",
        f"Within {euro(budget)}, step by step what adds most per euro (not always the best "
        "combination):",
    )


def _notes(found: Ranking) -> list[str]:
    notes = [
        say(
            "Gewonnen uren zijn uren minder plat binnen de horizon; elk scenario telt even zwaar.",
            "Hours won are hours less down within the horizon; every scenario counts the same.",
        )
    ]
    closed = [
        one.measure for one in found.ranked if one.measure.status in ("completed", "rejected")
    ]
    groups: list[tuple[Sequence[Measure], str, str]] = [
        (
            closed,
            "Voltooid of afgewezen, daarom niet in de combinatie",
            "Completed or rejected, so not in the combination",
        ),
        (
            found.over_budget,
            "Kosten onbekend, daarom niet in de combinatie",
            "Cost unknown, so not in the combination",
        ),
        (
            found.substitution_only,
            "Versnelt alleen vervanging, wat in deze cascades niet meespeelt",
            "Only speeds up substitution, which plays no part in these cascades",
        ),
        (
            found.without_change,
            "Verandert niets wat in het netwerk te rekenen is",
            "Changes nothing that can be computed in the network",
        ),
    ]
    for measures, nl, en in groups:
        if measures:
            notes.append(f"{say(nl, en)}: " + "; ".join(one.name for one in measures) + ".")
    if found.cut:
        notes.append(
            say(
                f"Na {len(found.steps)} stappen gestopt; meer maatregelen voegen nog iets toe.",
                f"Stopped after {len(found.steps)} steps; more measures still add something.",
            )
        )
    return notes


def _cost(one: Measure) -> str:
    return say("onbekend", "unknown") if one.investment is None else euro(one.investment)


def _per_million(gain: Gain, price: float | None) -> str:
    return number(gain.unit_hours * 1e6 / price) if price else "–"


def _json(release: Release, found: Ranking, budget: float | None) -> dict[str, Any]:
    return {
        "release": release.id,
        "level": release.level,
        "cases": [
            {"name": one.name, "case": one.iri, "horizon_hours": one.hours} for one in found.cases
        ],
        "budget_euro": budget,
        "ranked": [
            {
                **measure_json(one.measure),
                **gain_json(one.gain, (one.measure,)),
                "per_case": [gain._asdict() for gain in one.per_case],
            }
            for one in found.ranked
        ],
        "greedy": {
            "optimal": False,
            "complete": not found.cut,
            "steps": [
                {
                    **measure_json(one.measure),
                    "adds": one.adds._asdict(),
                    "together": one.together._asdict(),
                    "spent_euro": one.spent,
                    "cost": cost_json([step.measure for step in found.steps[: at + 1]]),
                }
                for at, one in enumerate(found.steps)
            ],
        },
        "not_computable": [one.iri for one in found.without_change],
        "substitution_only": [one.iri for one in found.substitution_only],
        "cost_unknown": [one.iri for one in found.over_budget],
        "notes": _notes(found),
    }


def _csv(found: Ranking) -> None:
    """One row per measure, as ranked; the step is its place in the greedy choice."""
    step = {one.measure.iri: at for at, one in enumerate(found.steps, 1)}
    print_csv(
        (
            "measure",
            "label",
            "status",
            "investment_euro",
            "vital_hours",
            "unit_hours",
            "vital_saved",
            "units_saved",
            "step",
        ),
        (
            (
                one.measure.iri,
                one.measure.name,
                one.measure.status,
                one.measure.investment,
                *one.gain,
                step.get(one.measure.iri),
            )
            for one in found.ranked
        ),
    )
