"""What a documented incident is, once read: frozen values, times in hours from its start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args

from kg.language import say

Outcome = Literal["failed", "degraded", "survived"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
NegativeType = Literal["independent", "buffered", "redundant", "unknown"]
NEGATIVE_TYPES: Final[tuple[NegativeType, ...]] = get_args(NegativeType)
Effect = Literal["fails", "degrades"]

#: The words for sectors in incident files, and the ids of the same sectors in the reference data.
#: Any other word stands for itself (``broadcast`` and ``building`` are no sector of ours).
SECTORS: Final = MappingProxyType(
    {
        "aviation": "luchtvaart",
        "emergency": "oov",
        "energy": "energie",
        "fuel": "aardolie",
        "government": "overheid",
        "health": "gezondheid",
        "heat": "warmte",
        "payments": "financieel",
        "public_transport": "openbaar-vervoer",
        "rail": "spoor",
        "road": "wegvervoer",
        "telecom": "telecom",
        "water": "drinkwater",
    }
)


def sector_id(word: str) -> str:
    """The id of a sector in the reference data for the word that an incident file uses."""
    return SECTORS.get(word, word)


class Text(NamedTuple):
    """A text in both languages; each falls back on the other when the file has only one."""

    nl: str = ""
    en: str = ""

    def __str__(self) -> str:
        return say(self.nl or self.en, self.en or self.nl)


class Entity(NamedTuple):
    """Something that could fail; ``sector`` and ``kind`` are words of the file."""

    id: str
    name: Text
    sector: str
    kind: str


class Dependency(NamedTuple):
    """``dependent`` needs ``minimum`` of its ``suppliers``.

    ``buffer`` in hours, ``None`` unknown. ``k_unknown``: the file says k-of-n without a k; the
    minimum is then 1.
    """

    dependent: str
    suppliers: tuple[str, ...]
    minimum: int
    k_unknown: bool
    buffer: float | None
    effect: Effect
    source: str
    inferred: bool
    note: Text


class Initiating(NamedTuple):
    """What was struck from outside, from when, and until when if the file says so (hours)."""

    entity: str
    start: float
    end: float | None
    why: Text


class Observation(NamedTuple):
    """What became of an entity; times in hours, ``None`` unknown.

    ``fail_low`` and ``fail_high`` bound a time of failure that is only roughly known.
    ``negative_type`` says why a survivor survived; ``unknown`` for what did not survive.
    """

    entity: str
    outcome: Outcome
    fail: float | None
    fail_low: float | None
    fail_high: float | None
    recover: float | None
    negative_type: NegativeType
    why: Text
    precision: Text
    source: str


@dataclass(frozen=True)
class Incident:
    """One documented incident. ``warnings`` are about fields of the file that were not used."""

    slug: str
    title: Text
    place: Text
    date: str
    grade: str
    file: str
    entities: tuple[Entity, ...]
    dependencies: tuple[Dependency, ...]
    initiating: tuple[Initiating, ...]
    observed: tuple[Observation, ...]
    limits: tuple[Text, ...]
    notes: Text
    warnings: tuple[Text, ...]

    @cached_property
    def entity(self) -> MappingProxyType[str, Entity]:
        """Entities by id."""
        return MappingProxyType({entity.id: entity for entity in self.entities})

    @cached_property
    def observation(self) -> MappingProxyType[str, Observation]:
        """What was observed, by entity."""
        return MappingProxyType({one.entity: one for one in self.observed})

    def name(self, entity: str) -> str:
        """The name of an entity in the language in force."""
        return str(self.entity[entity].name)
