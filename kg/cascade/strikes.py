"""What is struck, when and why: a scenario, a threat, a class of units, a sector, an area."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from kg.cascade.model import Outage
from kg.errors import UsageError
from kg.language import say
from kg.names import ID, expand, local_id
from kg.network import Exposure, Network, Scenario, Threats


@dataclass(frozen=True)
class Strike:
    """An outage and why it is in; ``evidence`` is the IRI of a scenario or of an exposure."""

    outage: Outage
    nl: str
    en: str
    evidence: str | None = None

    def __str__(self) -> str:
        return say(self.nl, self.en)

    def to_json(self, network: Network) -> dict[str, Any]:
        """Full IRIs, times in hours."""
        outage = self.outage
        return {
            "unit": network.units[outage.unit],
            "label": network.label(outage.unit),
            "start_hours": outage.start,
            "end_hours": outage.end if math.isfinite(outage.end) else None,
            "cause": outage.cause,
            "evidence": self.evidence,
            "text": str(self),
        }


class Asked(NamedTuple):
    """Which units something strikes; what is empty or ``None`` sets no condition.

    Attributes:
        threat: position among the threats, the cause.
        exposed: only units whose exposure to the threat is recorded. Where nothing else narrows
            the choice down, it is so in any case.
        sectors: sector IRIs; sectors that are part of one of them count.
        classes: codes of classes; classes below one of them count.
        within: the units in an area.
    """

    threat: int | None = None
    exposed: bool = False
    sectors: tuple[str, ...] = ()
    classes: tuple[int, ...] = ()
    within: Collection[int] | None = None


@dataclass
class _Narrowing:
    """What is left after each condition, so that an empty answer can say which one emptied it."""

    left: set[int]
    steps: list[tuple[str, str, int]] = field(default_factory=list)

    def keep(self, units: Iterable[int], nl: str, en: str) -> None:
        self.left &= set(units)
        self.steps.append((nl, en, len(self.left)))


def scenario_strikes(scenario: Scenario, threats: Threats) -> tuple[Strike, ...]:
    """The outages of a standing scenario.

    Raises:
        UsageError: none of its outages counts on the analysis date.
    """
    if not scenario.outages:
        raise UsageError(
            "usage.no-strike",
            f"Scenario {local_id(scenario.iri)} heeft op de analysedatum geen enkele uitval.",
            f"Scenario {local_id(scenario.iri)} has no outage on the analysis date.",
        )
    names = {one.iri: (one.label, one.label_en) for one in threats.found}
    found = []
    for one in scenario.outages:
        nl, en = "in het scenario", "in the scenario"
        if one.cause is not None:
            label, label_en = names.get(one.cause, (local_id(one.cause),) * 2)
            nl, en = f"{nl}, door '{label}'", f"{en}, by '{label_en}'"
        if one.probability is not None:
            nl, en = f"{nl}, kans {one.probability:g}", f"{en}, probability {one.probability:g}"
        outage = Outage(one.unit, one.start, one.end, one.cause, one.probability)
        found.append(Strike(outage, nl, en, scenario.iri))
    return tuple(found)


def strikes(
    network: Network,
    threats: Threats,
    asked: Asked,
    *,
    start: float = 0.0,
    end: float = math.inf,
) -> tuple[Strike, ...]:
    """An outage on [start, end) hours for every unit that meets all conditions, sorted by unit.

    Raises:
        UsageError: no unit meets them; says how many were left after each condition.
    """
    exposed = _exposures(threats, asked.threat)
    others = asked.sectors or asked.classes or asked.within is not None
    narrowing = _Narrowing(set(range(len(network.units))))
    if asked.threat is not None and (asked.exposed or not others):
        threat = threats.found[asked.threat]
        narrowing.keep(
            exposed,
            f"met vastgelegde blootstelling aan '{threat.label}'",
            f"with recorded exposure to '{threat.label_en}'",
        )
    if asked.sectors:
        names = ", ".join(map(local_id, asked.sectors))
        narrowing.keep(
            _in_sectors(network, asked.sectors), f"in sector {names}", f"in sector {names}"
        )
    if asked.classes:
        there = [network.units_within(code) for code in asked.classes]
        names = ", ".join(network.classes.labels[code] for code in asked.classes)
        names_en = ", ".join(network.classes.labels_en[code] for code in asked.classes)
        narrowing.keep(
            np.concatenate(there).tolist(), f"van klasse {names}", f"of class {names_en}"
        )
    if asked.within is not None:
        narrowing.keep(asked.within, "in het gebied", "in the area")
    if not narrowing.left:
        raise _nothing(threats, narrowing, asked)
    cause = None if asked.threat is None else threats.found[asked.threat].iri
    given_nl = ", ".join(nl for nl, _, _ in narrowing.steps)
    given_en = ", ".join(en for _, en, _ in narrowing.steps)
    found = []
    for unit in sorted(narrowing.left):
        exposure = exposed.get(unit)
        nl, en = given_nl, given_en
        if exposure is not None:
            told_nl, told_en = _told(threats, exposure)
            nl, en = (f"{nl}; {told_nl}", f"{en}; {told_en}") if others else (told_nl, told_en)
        elif asked.threat is not None:
            nl += "; blootstelling niet vastgelegd"
            en += "; exposure not recorded"
        found.append(
            Strike(
                Outage(unit, start, end, cause), nl, en, None if exposure is None else exposure.iri
            )
        )
    return tuple(found)


def resolve_sector(network: Network, text: str) -> str:
    """The IRI of a sector, or of one that sectors of this network are part of.

    Raises:
        UsageError: there is no such sector; names those that occur.
    """
    bare = text.strip()
    known = {*network.sectors, *(iri for wider in network.sector_wider for iri in wider)}
    for iri in (bare, expand(bare), ID + bare, ID + bare.casefold()):
        if iri in known:
            return iri
    for iri, label in zip(network.sectors, network.sector_labels, strict=True):
        if label.casefold() == bare.casefold():
            return iri
    there = ", ".join(map(local_id, network.sectors)) or "-"
    raise UsageError(
        "usage.unknown-sector",
        f"'{text}' is geen sector van eenheden in dit netwerk; wel: {there}.",
        f"'{text}' is not a sector of units of this network; there are: {there}.",
    )


def _exposures(threats: Threats, threat: int | None) -> dict[int, Exposure]:
    """Per unit its exposure to the threat or a case of it; to the threat itself goes first."""
    if threat is None:
        return {}
    cases = threats.cases_of(threat)
    found: dict[int, Exposure] = {}
    for one in threats.exposures:
        if one.threat in cases and (one.unit not in found or one.threat == threat):
            found[one.unit] = one
    return found


def _in_sectors(network: Network, sectors: Collection[str]) -> list[int]:
    wanted = [
        at
        for at, iri in enumerate(network.sectors)
        if iri in sectors or any(wider in sectors for wider in network.sector_wider[at])
    ]
    return [int(unit) for unit in np.flatnonzero(np.isin(network.sector, wanted))]


def _told(threats: Threats, exposure: Exposure) -> tuple[str, str]:
    threat = threats.found[exposure.threat]
    nl, en = LIKELIHOODS.get(exposure.likelihood, ("", ""))
    return (
        f"blootstelling aan '{threat.label}' vastgelegd" + (f" ({nl})" if nl else ""),
        f"exposure to '{threat.label_en}' recorded" + (f" ({en})" if en else ""),
    )


#: The scale of vit:Likelihood in words.
LIKELIHOODS: Final[Mapping[str, tuple[str, str]]] = {
    "veryUnlikely": ("zeer onwaarschijnlijk", "very unlikely"),
    "unlikely": ("onwaarschijnlijk", "unlikely"),
    "possible": ("mogelijk", "possible"),
    "likely": ("waarschijnlijk", "likely"),
    "veryLikely": ("zeer waarschijnlijk", "very likely"),
}


def _nothing(threats: Threats, narrowing: _Narrowing, asked: Asked) -> UsageError:
    nl = ", ".join(f"{words}: {count}" for words, _, count in narrowing.steps)
    en = ", ".join(f"{words}: {count}" for _, words, count in narrowing.steps)
    if asked.threat is not None and len(narrowing.steps) == 1:
        there = sorted({local_id(threats.found[one.threat].iri) for one in threats.exposures})
        names = ", ".join(there) or "-"
        return UsageError(
            "usage.no-strike",
            f"Niets wordt getroffen ({nl}). Blootstelling is vastgelegd aan: {names}. Of kies "
            "zelf met --in-sector, --of-class of --area.",
            f"Nothing is struck ({en}). Exposure is recorded to: {names}. Or choose yourself "
            "with --in-sector, --of-class or --area.",
        )
    return UsageError(
        "usage.no-strike",
        f"Niets wordt getroffen; eenheden die overbleven: {nl}.",
        f"Nothing is struck; units that were left: {en}.",
    )
