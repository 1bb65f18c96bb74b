"""What the entities of an incident need according to the library alone: their kinds, nothing else.

The rules, in this order, the same for every incident:

1. An entity gets every archetype that has its kind, in its sector or in any.
2. A requirement of the library, or a figure on a buffer or restart, that rests only on sources
   about this very incident is left out (leave one out). A buffer or restart lag is the median of
   the figures that are left; where the library has no figures on it, what it states; else unknown.
3. The suppliers of a requirement are all other entities with one of its supplying archetypes. When
   there are none it asks for nothing. ``everySupplier``: each of them is needed, because the kinds
   alone do not say which one serves whom; ``anySupplier``: one is enough.
4. Its reserve is every entity in the same sector with a reserve archetype; when there is none, one
   is taken to be there and to work, and an assumption says so.
5. An entity that no archetype fits needs nothing, and is listed as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from kg.cascade.backtest.predict import Need, Needs
from kg.network import parse_hours
from kg.sources.archetypes import ArchetypeRequirement, Library, Range
from kg.sources.incidents import Entity, Incident, Text, sector_id


@dataclass(frozen=True)
class BlindNeeds:
    """Needs by the library, and per entity its archetypes and what was not used.

    ``left_out``: by entity, the requirements of its archetypes that rest only on this incident.
    """

    needs: Needs
    archetypes: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, tuple[str, ...]]

    @cached_property
    def unmatched(self) -> tuple[str, ...]:
        """Entities that no archetype fits."""
        return tuple(entity for entity, found in self.archetypes.items() if not found)


def blind_needs(incident: Incident, library: Library) -> BlindNeeds:
    """What the library says that the entities of an incident need; its dependencies are not read.

    Deterministic; O(entities² × requirements) at worst, small for what is documented.
    """
    archetypes = {
        one.id: tuple(found.id for found in library.of_kind(one.kind, one.sector))
        for one in incident.entities
    }
    made = _Made(incident, library, archetypes)
    for entity in incident.entities:
        for archetype in archetypes[entity.id]:
            made.restart(entity, archetype)
            for requirement in library.requirements_of(archetype):
                made.require(entity, requirement)
    return BlindNeeds(
        Needs(tuple(made.needs), made.reserves, made.lags, tuple(made.assumptions)),
        archetypes,
        {entity: tuple(found) for entity, found in made.left_out.items()},
    )


class _Made:
    """What has been made of the library for one incident so far."""

    def __init__(
        self, incident: Incident, library: Library, archetypes: Mapping[str, tuple[str, ...]]
    ) -> None:
        self.incident = incident
        self.library = library
        self.archetypes = archetypes
        self.needs: list[Need] = []
        self.reserves: dict[str, Text] = {}
        self.lags: dict[str, float] = {}
        self.assumptions: list[Text] = []
        self.left_out: dict[str, list[str]] = {}

    def restart(self, entity: Entity, archetype: str) -> None:
        """The restart lag of an entity: the longest that its archetypes give."""
        hours = self.typical(archetype, self.library.archetype[archetype].restart)
        if hours is not None:
            self.lags[entity.id] = max(hours, self.lags.get(entity.id, 0.0))

    def require(self, entity: Entity, requirement: ArchetypeRequirement) -> None:
        """Add the needs that one requirement of the library gives one entity."""
        suppliers = [one for one in self.fitting(requirement.suppliers) if one != entity.id]
        if not suppliers:
            return
        if self.library.rests_only_on(self.incident.slug, requirement.sources):
            self.left_out.setdefault(entity.id, []).append(requirement.id)
            return
        reserves = self.reserves_of(entity, requirement)
        buffer = self.typical(requirement.id, requirement.buffer)
        if buffer is None:
            self.assumptions.append(
                Text(
                    f"{entity.name.nl or entity.name.en}: de gebruikelijke buffer is onbekend en "
                    f"telt als 0 uur ({requirement.id}).",
                    f"{entity.name.en or entity.name.nl}: the usual buffer is unknown and counts "
                    f"as 0 hours ({requirement.id}).",
                )
            )
        groups = [suppliers] if requirement.any_supplier else [[one] for one in suppliers]
        for group in groups:
            self.needs.append(
                Need(
                    entity.id,
                    tuple(dict.fromkeys((*group, *reserves))),
                    1,
                    buffer,
                    requirement.effect == "degrades",
                    requirement.id,
                    restart=requirement.purpose == "restart",
                )
            )

    def fitting(self, wanted: Sequence[str]) -> list[str]:
        """The entities with one of these archetypes, in the order of the file."""
        return [one for one, found in self.archetypes.items() if set(found) & set(wanted)]

    def reserves_of(self, entity: Entity, requirement: ArchetypeRequirement) -> list[str]:
        """The entities that stand by for one, or a reserve that is taken to be there."""
        if not requirement.reserves:
            return []
        place = sector_id(entity.sector)
        found = [
            one
            for one in self.fitting(requirement.reserves)
            if one != entity.id and sector_id(self.incident.entity[one].sector) == place
        ]
        if found:
            return found
        # A space and a slash: no other entity can have this id, and IRIs quote it.
        reserve = f"{entity.id} / {requirement.id}"
        name = entity.name
        self.reserves[reserve] = Text(
            f"eigen reserve van {name.nl or name.en} (aanname)",
            f"own reserve of {name.en or name.nl} (assumption)",
        )
        self.assumptions.append(
            Text(
                f"{name.nl or name.en}: aangenomen is dat de gebruikelijke eigen reserve er is en "
                f"werkt ({requirement.id}).",
                f"{name.en or name.nl}: the usual reserve of its own is taken to be there and to "
                f"work ({requirement.id}).",
            )
        )
        return [reserve]

    def typical(self, subject: str, stated: Range) -> float | None:
        """Hours: the median of the figures of others, else what the library states."""
        figures = self.library.figures_of(subject)
        if not figures:
            return representative(stated)
        slug = self.incident.slug
        others = [f for f in figures if not self.library.rests_only_on(slug, f.sources)]
        return typical_hours(figure.value for figure in others)


def typical_hours(ranges: Iterable[Range]) -> float | None:
    """The median of what each range stands for, in hours; None of nothing."""
    known = [hours for one in ranges if (hours := representative(one)) is not None]
    return median(known) if known else None


def representative(one: Range) -> float | None:
    """The best figure of a range, else the middle of low and high, else the only bound; hours."""
    low, best, high = (None if text is None else parse_hours(text) for text in one)
    if best is not None:
        return best
    bounds = [hours for hours in (low, high) if hours is not None]
    return sum(bounds) / len(bounds) if bounds else None
