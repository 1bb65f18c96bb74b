"""Predicted beside observed: outcomes, times, and what simpler rules would have said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from kg.cascade.backtest.blind import BlindNeeds
from kg.cascade.backtest.explain import explain_miss
from kg.cascade.backtest.predict import Needs, Prediction, recovery_after_suppliers
from kg.sources.incidents import OUTCOMES, Incident, NegativeType, Outcome, Text

#: A predicted time agrees within half an hour, or within a tenth of what was observed.
TOLERANCE_HOURS: Final = 0.5
TOLERANCE_SHARE: Final = 0.1

Basis = Literal["initiators", "suppliers"]
#: The rules of thumb that the model is held against.
BASELINES: Final = ("nothing", "everything")


class Time(NamedTuple):
    """An observed and a predicted hour; ``predicted`` None when the model gives none."""

    entity: str
    observed: float
    predicted: float | None

    @property
    def error(self) -> float | None:
        """Hours between the two."""
        return None if self.predicted is None else abs(self.predicted - self.observed)

    @property
    def within(self) -> bool:
        """Does the prediction agree within the tolerance?"""
        limit = max(TOLERANCE_HOURS, TOLERANCE_SHARE * self.observed)
        return self.error is not None and self.error <= limit + 1e-9


class Bounds(NamedTuple):
    """An observed range of hours and a predicted hour."""

    entity: str
    low: float | None
    high: float | None
    predicted: float | None

    @property
    def within(self) -> bool:
        """Does the prediction lie in the range?"""
        if self.predicted is None:
            return False
        return (self.low or 0.0) <= self.predicted and (
            self.high is None or self.predicted <= self.high
        )


class Recovery(NamedTuple):
    """An observed and a predicted return. ``basis``: what the prediction was given.

    ``initiators``: when the initiating outages ended. ``suppliers``: when the direct suppliers
    were seen to return, where the end of an initiating outage is not known.
    """

    time: Time
    basis: Basis | None


class Comparison(NamedTuple):
    """One observed entity. ``given``: it was told to fail, so it is no prediction."""

    entity: str
    observed: Outcome
    predicted: Outcome
    given: bool
    negative_type: NegativeType
    explanation: Text | None

    @property
    def hit(self) -> bool:
        """Is the outcome as predicted?"""
        return self.observed == self.predicted

    @property
    def hard(self) -> bool:
        """A survivor that leaned on what failed, and survived by a buffer or a reserve."""
        return self.observed == "survived" and self.negative_type in ("buffered", "redundant")


@dataclass(frozen=True)
class IncidentScore:
    """One incident, scored.

    Attributes:
        comparisons: one per observed entity, in the order of the file.
        timed: failures (and degradations) with an observed hour.
        bounded: failures of which only a range of hours was observed.
        recovered: returns with an observed hour, initiating entities left out.
        baselines: outcomes by rule of thumb, per entity that was not given.
        blind: what the library made of it, when that is what was scored.
    """

    prediction: Prediction
    comparisons: tuple[Comparison, ...]
    timed: tuple[Time, ...]
    bounded: tuple[Bounds, ...]
    recovered: tuple[Recovery, ...]
    baselines: Mapping[str, Mapping[str, Outcome]]
    blind: BlindNeeds | None = None

    @property
    def incident(self) -> Incident:
        """The incident that this is about."""
        return self.prediction.incident

    def predicted_only(self) -> tuple[Comparison, ...]:
        """The comparisons that are predictions: the initiating entities left out."""
        return tuple(one for one in self.comparisons if not one.given)


def compare(prediction: Prediction, blind: BlindNeeds | None = None) -> IncidentScore:
    """The score of one incident; every miss is explained.

    ``blind``: what the prediction was made of, when that was the library.
    """
    incident = prediction.incident
    return IncidentScore(
        prediction=prediction,
        comparisons=tuple(_outcomes(prediction, blind)),
        timed=tuple(_times(prediction)),
        bounded=tuple(_bounds(prediction)),
        recovered=tuple(_recoveries(prediction)),
        baselines=baselines(incident, prediction.needs, prediction.given),
        blind=blind,
    )


def _outcomes(prediction: Prediction, blind: BlindNeeds | None) -> Iterable[Comparison]:
    for seen in prediction.incident.observed:
        predicted = prediction.outcome(seen.entity)
        hit = predicted == seen.outcome
        yield Comparison(
            seen.entity,
            seen.outcome,
            predicted,
            seen.entity in prediction.given,
            seen.negative_type,
            None if hit else explain_miss(prediction, seen, blind),
        )


def _times(prediction: Prediction) -> Iterable[Time]:
    for seen in prediction.incident.observed:
        if seen.fail is not None:
            event = prediction.first(seen.entity)
            yield Time(seen.entity, seen.fail, event.hours if event else None)


def _bounds(prediction: Prediction) -> Iterable[Bounds]:
    for seen in prediction.incident.observed:
        known = (seen.fail_low, seen.fail_high) != (None, None)
        if seen.outcome != "survived" and seen.fail is None and known:
            event = prediction.first(seen.entity)
            hours = event.hours if event else None
            yield Bounds(seen.entity, seen.fail_low, seen.fail_high, hours)


def _recoveries(prediction: Prediction) -> Iterable[Recovery]:
    for seen in prediction.incident.observed:
        if seen.recover is None or seen.outcome != "failed" or seen.entity in prediction.given:
            continue
        basis: Basis | None = "initiators"
        hours = prediction.recovery(seen.entity)
        if hours is None:
            basis, hours = "suppliers", recovery_after_suppliers(prediction, seen.entity)
        if hours is None:
            basis = None
        yield Recovery(Time(seen.entity, seen.recover, hours), basis)


def baselines(
    incident: Incident, needs: Needs, given: frozenset[str]
) -> Mapping[str, Mapping[str, Outcome]]:
    """What two rules of thumb say of every observed entity that was not given.

    ``nothing``: only what was struck fails. ``everything``: whatever leans on it, directly or not,
    fails, whatever its reserves and buffers.
    """
    users: dict[str, set[str]] = {}
    for need in needs.needs:
        for supplier in need.suppliers:
            users.setdefault(supplier, set()).add(need.dependent)
    reached, todo = set(given), sorted(given)
    while todo:
        for user in sorted(users.get(todo.pop(), set()) - reached):
            reached.add(user)
            todo.append(user)
    rules: dict[str, Callable[[str], Outcome]] = {
        "nothing": lambda _: "survived",
        "everything": lambda one: "failed" if one in reached else "survived",
    }
    entities = [seen.entity for seen in incident.observed if seen.entity not in given]
    return MappingProxyType(
        {name: MappingProxyType({one: rules[name](one) for one in entities}) for name in BASELINES}
    )


def confusion(pairs: Iterable[tuple[Outcome, Outcome]]) -> dict[Outcome, dict[Outcome, int]]:
    """Counts by observed, then predicted outcome."""
    table: dict[Outcome, dict[Outcome, int]] = {o: dict.fromkeys(OUTCOMES, 0) for o in OUTCOMES}
    for observed, predicted in pairs:
        table[observed][predicted] += 1
    return table
