"""The scores as JSON and as counts; several incidents together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from kg.cascade.backtest.compare import (
    BASELINES,
    Bounds,
    Comparison,
    IncidentScore,
    Recovery,
    Time,
    confusion,
)
from kg.language import say
from kg.sources.incidents import NEGATIVE_TYPES, OUTCOMES, Incident, Outcome

#: Keys of a count; the model itself beside the rules of thumb.
MODEL: Final = "model"


def caveat(*, blind: bool = False) -> str:
    """What agreement proves, and what it does not."""
    if blind:
        return say(
            "Blind: de bibliotheek van archetypen is gemaakt door wie de voorvallen kende. Eisen "
            "en cijfers die alleen op een voorval zelf rusten doen bij dat voorval niet mee; "
            "verder is dit geen bewijs van voorspellen.",
            "Blind: the library of archetypes was made by people who knew the incidents. "
            "Requirements and figures that rest only on an incident itself are left out for it; "
            "beyond that this is no proof of foresight.",
        )
    return say(
        "De afhankelijkheden zijn meestal in dezelfde teksten gelezen als de afloop. "
        "Overeenstemming laat zien dat het model kan uitdrukken wat er gebeurde; het is geen "
        "bewijs dat het dit had voorzien.",
        "The dependencies were mostly read in the same texts as the outcomes. Agreement shows that "
        "the model can express what happened; it is no proof of foresight.",
    )


def score_json(score: IncidentScore) -> dict[str, Any]:
    """The JSON of one incident; hours as numbers, names beside ids."""
    incident, prediction = score.incident, score.prediction
    return {
        "slug": incident.slug,
        "title": str(incident.title),
        "grade": incident.grade,
        **counts([score]),
        "timed": [_time(incident, time) for time in score.timed],
        "timed_bounds": [_bounds(incident, one) for one in score.bounded],
        "recovered": [_recovery(incident, one) for one in score.recovered],
        "misses": [_miss(incident, one) for one in score.comparisons if not one.hit],
        "initiating": [
            {
                "entity": one.entity,
                "label": incident.name(one.entity),
                "start_hours": one.start,
                "end_hours": one.end if one.end < float("inf") else None,
                "end_is": one.ends,
            }
            for one in prediction.struck
        ],
        "horizon_hours": prediction.result.horizon_hours,
        **_library_json(score),
        "assumptions": [str(text) for text in dict.fromkeys(prediction.needs.assumptions)],
        "cannot_express": [str(text) for text in incident.limits],
        "warnings": [str(text) for text in incident.warnings],
    }


def _library_json(score: IncidentScore) -> dict[str, Any]:
    """Which archetypes were used for what, and what was left out because it rests on this."""
    blind = score.blind
    if blind is None:
        return {}
    return {
        "archetypes": {entity: list(found) for entity, found in blind.archetypes.items()},
        "unmatched": list(blind.unmatched),
        "left_out": sorted({one for found in blind.left_out.values() for one in found}),
    }


def total_of(scores: Sequence[IncidentScore]) -> dict[str, Any]:
    """The counts of all incidents together."""
    return {"incidents": len(scores), **counts(scores)}


def counts(scores: Sequence[IncidentScore]) -> dict[str, Any]:
    """Hits and misses. ``failed``, ``survived`` and ``degraded`` count every observed entity,
    ``given`` how many of these were told to fail; all other keys leave those out."""
    everything = [one for score in scores for one in score.comparisons]
    predicted = [one for one in everything if not one.given]
    times = [time for score in scores for time in score.timed]
    own_times = [t for score in scores for t in score.timed if t.entity not in _given(score)]
    bounds = [one for score in scores for one in score.bounded]
    recovered = [one for score in scores for one in score.recovered]
    return {
        **{outcome: _tally(_of(everything, outcome)) for outcome in OUTCOMES},
        "given": {outcome: sum(c.given for c in _of(everything, outcome)) for outcome in OUTCOMES},
        "survived_by_type": {
            kind: _tally(c for c in _of(predicted, "survived") if c.negative_type == kind)
            for kind in NEGATIVE_TYPES
        },
        "hard_survivors": _tally(c for c in predicted if c.hard),
        "predicted": {MODEL: _tally(predicted), **_baseline_tallies(scores)},
        "confusion": {
            MODEL: confusion((c.observed, c.predicted) for c in predicted),
            **{name: confusion(_baseline_pairs(scores, name)) for name in BASELINES},
        },
        "times": {
            "within": sum(t.within for t in own_times) + sum(b.within for b in bounds),
            "of": len(own_times) + len(bounds),
            "given": len(times) - len(own_times),
        },
        "recoveries": {
            "within": sum(one.time.within for one in recovered),
            "predicted": sum(one.time.predicted is not None for one in recovered),
            "of": len(recovered),
        },
    }


def _given(score: IncidentScore) -> frozenset[str]:
    return score.prediction.given


def _of(comparisons: Iterable[Comparison], outcome: Outcome) -> list[Comparison]:
    return [one for one in comparisons if one.observed == outcome]


def _tally(comparisons: Iterable[Comparison]) -> dict[str, int]:
    hits = [one.hit for one in comparisons]
    return {"hit": sum(hits), "miss": len(hits) - sum(hits)}


def _baseline_pairs(scores: Sequence[IncidentScore], name: str) -> list[tuple[Outcome, Outcome]]:
    return [
        (one.observed, score.baselines[name][one.entity])
        for score in scores
        for one in score.predicted_only()
    ]


def _baseline_tallies(scores: Sequence[IncidentScore]) -> dict[str, dict[str, int]]:
    found = {}
    for name in BASELINES:
        hits = [observed == said for observed, said in _baseline_pairs(scores, name)]
        found[name] = {"hit": sum(hits), "miss": len(hits) - sum(hits)}
    return found


def _rounded(hours: float | None) -> float | None:
    """Differences of hours carry the noise of binary fractions; a millionth is a 4 ms."""
    return None if hours is None else round(hours, 6)


def _time(incident: Incident, time: Time) -> dict[str, Any]:
    return {
        "entity": time.entity,
        "label": incident.name(time.entity),
        "observed_hours": time.observed,
        "predicted_hours": _rounded(time.predicted),
        "error_hours": _rounded(time.error),
        "within_tolerance": time.within,
    }


def _bounds(incident: Incident, bounds: Bounds) -> dict[str, Any]:
    return {
        "entity": bounds.entity,
        "label": incident.name(bounds.entity),
        "low_hours": bounds.low,
        "high_hours": bounds.high,
        "predicted_hours": _rounded(bounds.predicted),
        "within_bounds": bounds.within,
    }


def _recovery(incident: Incident, recovery: Recovery) -> dict[str, Any]:
    return {**_time(incident, recovery.time), "given": recovery.basis}


def _miss(incident: Incident, one: Comparison) -> dict[str, Any]:
    seen = incident.observation[one.entity]
    return {
        "entity": one.entity,
        "label": incident.name(one.entity),
        "observed": one.observed,
        "predicted": one.predicted,
        "negative_type": one.negative_type if one.observed == "survived" else None,
        "explanation": str(one.explanation),
        "source_says": str(seen.why) or None,
    }
