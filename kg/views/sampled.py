"""Sampling as words and as bands: what the command line prints and the page shows."""

from kg.cascade import SampleResult
from kg.cascade.sampled import Chance, UnitChance
from kg.language import say
from kg.views.model import Band, Bands, Table
from kg.views.words import counted, duration, number

#: A page lists at most this many units; the JSON lists all.
MOST_ROWS = 200
#: What is unknown is named up to this many times.
_NAMED = 5


def sampled_bands(result: SampleResult) -> Bands:
    """The section of the page: units and vital processes over time, and who is how likely."""
    units, vital = result.band(result.units_down), result.band(result.vital_down)
    return Bands(
        title=say("Hoe zeker is dit", "How certain is this"),
        text=" ".join(
            (
                summary(result),
                say(
                    "De lijn is de mediaan; het vlak loopt van het 5e tot het 95e percentiel.",
                    "The line is the median; the area runs from the 5th to the 95th percentile.",
                ),
            )
        ),
        bands=(
            Band(
                say("Uitgevallen eenheden", "Units down"),
                "#f3c9a8",
                "#7f3800",
                result.grid_hours,
                tuple((float(a), float(b), float(c)) for a, b, c in units),
            ),
            Band(
                say("Uitgevallen vitale processen", "Vital processes down"),
                "#a9cbe2",
                "#14476b",
                result.grid_hours,
                tuple((float(a), float(b), float(c)) for a, b, c in vital),
            ),
        ),
        tables=(
            Table(
                say("Aantallen in de tijd", "Numbers over time"),
                (
                    say("Na", "After"),
                    say("Eenheden 5 %", "Units 5 %"),
                    say("mediaan", "median"),
                    "95 %",
                    say("Vitale processen 5 %", "Vital processes 5 %"),
                    say("mediaan", "median"),
                    "95 %",
                ),
                tuple(
                    (duration(hours), *map(str, one), *map(str, other))
                    for hours, one, other in zip(result.grid_hours, units, vital, strict=True)
                ),
            ),
            Table(
                say("Kans op uitval per eenheid", "Probability of going down, per unit")
                + _cut(len(result.chances)),
                columns(result),
                rows(result)[:MOST_ROWS],
            ),
        ),
    )


def _cut(units: int) -> str:
    if units <= MOST_ROWS:
        return ""
    return say(
        f", de eerste {MOST_ROWS} van {units}; --format json noemt ze alle",
        f", the first {MOST_ROWS} of {units}; --format json lists them all",
    )


def columns(result: SampleResult) -> tuple[str, ...]:
    """The headings of :func:`rows`."""
    horizon = duration(result.horizon_hours)
    return (
        say("Eenheid", "Unit"),
        say(f"Kans binnen {horizon}", f"Chance within {horizon}"),
        say("95 %-interval", "95 % interval"),
        say("Dan nog uit", "Still down then"),
        say("Na (5 % · mediaan · 95 %)", "After (5 % · median · 95 %)"),
    )


def rows(result: SampleResult) -> tuple[tuple[str, ...], ...]:
    """One row per unit that went down in any sample, the likeliest first."""
    return tuple(_row(result, one) for one in result.chances)


def _row(result: SampleResult, one: UnitChance) -> tuple[str, ...]:
    after = " · ".join("–" if hours is None else duration(hours) for hours in one.hours)
    return (
        result.network.label(one.unit),
        percent(one.ever.p),
        interval(one.ever),
        percent(one.lasting.p),
        after,
    )


def percent(share: float) -> str:
    """A share as a percentage with one decimal; never 0 or 100 when it is not."""
    if 0 < share < 0.001:
        return f"< {number(0.1)} %"
    if 0.999 < share < 1:
        return f"> {number(99.9)} %"
    return f"{number(100 * share)} %"


def interval(chance: Chance) -> str:
    """``28,1–33,2 %``."""
    return f"{number(100 * chance.low)}–{number(100 * chance.high)} %"


def summary(result: SampleResult) -> str:
    """What was drawn, in a sentence or two."""
    buffers = counted(len(result.varied), ("buffer", "buffers"), ("buffer", "buffers"))
    outages = sum(one.probability is not None for one in result.outages)
    chances = counted(
        outages,
        ("uitval met een kans", "uitvallen met een kans"),
        ("outage with a probability", "outages with a probability"),
    )
    drawn = buffers + (say(f" en {chances}", f" and {chances}") if outages else "")
    samples = counted(result.samples, ("trekking", "trekkingen"), ("sample", "samples"))
    return say(
        f"{samples}, beginwaarde {result.seed}. Getrokken: {drawn}; {len(result.fixed)} buffers "
        "staan vast.",
        f"{samples}, seed {result.seed}. Drawn: {drawn}; {len(result.fixed)} buffers are fixed.",
    )


def notes(result: SampleResult) -> tuple[str, ...]:
    """What a reader must know: cut short, nothing drawn, bounds that lack, what is unknown."""
    network, found = result.network, []
    if not result.complete:
        found.append(
            say(
                f"Afgebroken: {result.samples} van {result.asked} trekkingen zijn gedaan; dit is "
                f"wat --samples {result.samples} geeft.",
                f"Interrupted: {result.samples} of {result.asked} samples were done; this is "
                f"what --samples {result.samples} gives.",
            )
        )
    if result.chances:
        step = duration(result.step_hours)
        found.append(
            say(
                f"Tijden zijn naar boven afgerond, op {step}.",
                f"Times are rounded up, to {step}.",
            )
        )
    if not result.varied and all(one.probability is None for one in result.outages):
        found.append(
            say(
                "Er is niets te trekken: geen buffer heeft grenzen en geen uitval een kans.",
                "There is nothing to draw: no buffer has bounds and no outage a probability.",
            )
        )
    lacking = [one for one in result.varied if one.missing]
    for one in lacking[:_NAMED]:
        label = network.requirement_label(one.requirement)
        side = say(*{"low": ("onder", "lower"), "high": ("boven", "upper")}[one.missing])
        found.append(
            say(
                f"'{label}' heeft geen {side}grens; de beste schatting staat ervoor in.",
                f"'{label}' has no {side} bound; the best estimate stands in for it.",
            )
        )
    found += [one.text(network) for one in result.assumptions[:_NAMED]]
    more = max(0, len(lacking) - _NAMED) + max(0, len(result.assumptions) - _NAMED)
    if more:
        found.append(
            say(
                f"En nog {more} aannames; --format json noemt ze alle.",
                f"And {more} more assumptions; --format json lists them all.",
            )
        )
    return tuple(found)
