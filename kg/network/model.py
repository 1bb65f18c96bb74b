"""The network that cascades run on: read-only arrays, no RDF."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kg.errors import UsageError
from kg.language import current_language, say
from kg.network.classes import Classes
from kg.network.durations import array_to_ticks
from kg.network.mapped import map_array, sum_of
from kg.network.strings import Strings
from kg.sums import damaged

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Pointers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]

FAILS: Final = 0
DEGRADES: Final = 1
OPERATION: Final = 0
RESTART: Final = 1
#: Kinds of dependency (Rinaldi, Peerenboom & Kelly 2001); the code is the position, -1 unknown.
KINDS: Final = ("physical", "cyber", "geographic", "logical")

#: The file beside the arrays that says what they are.
NAMES: Final = "names.json"
#: Texts are two arrays, each in a file of its own.
_TEXT_FILES: Final = (".data", ".ends")
#: What stands in the JSON as a list and is a tuple of texts here.
_TUPLES: Final = ("sectors", "sector_labels", "sector_wider")


class Note(NamedTuple):
    """Something in the data that the network reads in a way that people should know of."""

    iri: str
    nl: str
    en: str

    def __str__(self) -> str:
        return say(self.nl, self.en)


class Plain(NamedTuple):
    """The same network as Python lists with times in ticks: fast to walk one element at a time."""

    dependent: list[int]
    tolerated: list[int]  # how many fulfillers may be absent before the requirement is lost
    buffer: list[int]
    fails: list[bool]
    operation: list[bool]
    needs_full: list[bool]
    refill: list[int]
    substitution: list[int]
    restart_lag: list[int]
    fulfillers: list[list[int]]
    uses: list[list[int]]
    own: list[list[int]]


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """Units and requirements as read-only arrays. U units, R requirements, F fulfilments.

    Attributes:
        units: IRIs, sorted; the position is the index of the unit everywhere else.
        labels, labels_en: labels in Dutch and English (each falls back on the other).
        sectors, sector_labels: sector IRIs, sorted, and their Dutch labels.
        sector_wider: per sector the IRIs of all sectors that it is part of, sorted.
        sector: int32[U], position in ``sectors``, -1 when unknown.
        vital: bool[U], is it a vit:VitalProcess.
        restart_lag: float64[U], hours from all-clear to working; 0 when unknown.
        restart_known: bool[U], is the restart lag known.
        unavailability: float64[U], probability of being down by its own cause, NaN when unknown.
        classes: the classes that units have; class_set: int32[U], position in ``classes.sets``.
        places: WKT (longitude, latitude) of the different places, sorted.
        place: int32[U], position in ``places``, -1 when unknown.
        requirements: IRIs, sorted.
        requirement_labels: their own labels, empty when they have none; ask
            :meth:`requirement_label` for what people read.
        dependent: int32[R], the unit that requires.
        minimum: int32[R], k of k-of-n, 1 ≤ k ≤ n.
        buffer: float64[R], hours; 0 when unknown, inf when it never runs out.
        buffer_known: bool[R]; buffer_low, buffer_high: float64[R], NaN when not given.
        effect: int8[R], 0 fails, 1 degrades.
        purpose: int8[R], 0 operation, 1 restart.
        needs_full: bool[R], a degraded fulfiller does not count.
        refill: float64[R], hours from empty to full; 0 is at once.
        substitution: float64[R], hours until replaced; inf when unknown.
        kind: int8[R], position in :data:`KINDS`, -1 unknown.
        implicit: bool[R], minted from operatedBy or suppliedBy.
        req_ptr int64[R+1], req_units int32[F]: fulfillers of a requirement, sorted.
        use_ptr int64[U+1], use_reqs int32[F]: requirements that a unit fulfils, sorted.
        own_ptr int64[U+1], own_reqs int32[R]: requirements of a unit, sorted.
        date: the analysis date (ISO 8601), empty when there is none.
        notes: what had to be read in a particular way, for people.
    """

    units: Strings
    labels: Strings
    labels_en: Strings
    sectors: tuple[str, ...]
    sector_labels: tuple[str, ...]
    sector_wider: tuple[tuple[str, ...], ...]
    sector: Ints
    vital: Bools
    restart_lag: Floats
    restart_known: Bools
    unavailability: Floats
    classes: Classes
    class_set: Ints
    places: Strings
    place: Ints
    requirements: Strings
    requirement_labels: Strings
    dependent: Ints
    minimum: Ints
    buffer: Floats
    buffer_known: Bools
    buffer_low: Floats
    buffer_high: Floats
    effect: Codes
    purpose: Codes
    needs_full: Bools
    refill: Floats
    substitution: Floats
    kind: Codes
    implicit: Bools
    req_ptr: Pointers
    req_units: Ints
    use_ptr: Pointers
    use_reqs: Ints
    own_ptr: Pointers
    own_reqs: Ints
    date: str = ""
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            elif isinstance(value, Strings):
                value.data.flags.writeable = value.ends.flags.writeable = False

    def __repr__(self) -> str:
        return f"Network({len(self.units)} units, {len(self.requirements)} requirements)"

    def index(self, iri: str) -> int:
        """The index of a unit by its full IRI; what people type goes through ``resolve``.

        O(log U): nothing is read that is not looked at.
        """
        found = self.units.find(iri)
        if found is None:
            raise UsageError(
                "usage.unknown-unit",
                f"'{iri}' is geen eenheid in dit netwerk.",
                f"'{iri}' is not a unit of this network.",
            )
        return found

    def __contains__(self, iri: object) -> bool:
        return isinstance(iri, str) and self.units.find(iri) is not None

    def requirement_index(self, iri: str) -> int:
        """The index of a requirement by its full IRI; O(log R)."""
        found = self.requirements.find(iri)
        if found is None:
            raise UsageError(
                "usage.unknown-requirement",
                f"'{iri}' is geen vereiste in dit netwerk.",
                f"'{iri}' is not a requirement of this network.",
            )
        return found

    def label(self, unit: int) -> str:
        """The label of a unit in the language in force."""
        return (self.labels_en if current_language() == "en" else self.labels)[unit]

    def requirement_label(self, requirement: int) -> str:
        """The label of a requirement; without one of its own, who needs whom."""
        own = self.requirement_labels[requirement]
        if own:
            return own
        needed = ", ".join(self.labels[unit] for unit in self.fulfillers(requirement))
        return f"{self.labels[self.dependent[requirement]]} ← {needed}"

    def stated(self, requirement: int) -> str:
        """What the sources state: the requirement itself, or the unit that implies it."""
        if self.implicit[requirement]:
            return self.units[int(self.dependent[requirement])]
        return self.requirements[requirement]

    def sector_of(self, unit: int) -> str | None:
        """The IRI of the sector of a unit."""
        position = int(self.sector[unit])
        return None if position < 0 else self.sectors[position]

    def units_within(self, code: int) -> Ints:
        """The units of a class or of one below it, sorted; O(U)."""
        wanted = np.array(self.classes.sets_within(code), dtype=np.int32)
        return np.flatnonzero(np.isin(self.class_set, wanted)).astype(np.int32)

    def place_of(self, unit: int) -> str:
        """Where a unit stands as WKT; empty when unknown."""
        position = int(self.place[unit])
        return "" if position < 0 else self.places[position]

    def fulfillers(self, requirement: int) -> Ints:
        """The units that fulfil a requirement, sorted."""
        return self.req_units[self.req_ptr[requirement] : self.req_ptr[requirement + 1]]

    def uses(self, unit: int) -> Ints:
        """The requirements that a unit fulfils, sorted."""
        return self.use_reqs[self.use_ptr[unit] : self.use_ptr[unit + 1]]

    def own(self, unit: int) -> Ints:
        """The requirements of a unit, sorted."""
        return self.own_reqs[self.own_ptr[unit] : self.own_ptr[unit + 1]]

    @cached_property
    def plain(self) -> Plain:
        """Python lists of what a walk over the network needs; made once."""
        return Plain(
            dependent=self.dependent.tolist(),
            tolerated=(np.diff(self.req_ptr) - self.minimum).tolist(),
            buffer=array_to_ticks(self.buffer).tolist(),
            fails=(self.effect == FAILS).tolist(),
            operation=(self.purpose == OPERATION).tolist(),
            needs_full=self.needs_full.tolist(),
            refill=array_to_ticks(self.refill).tolist(),
            substitution=array_to_ticks(self.substitution).tolist(),
            restart_lag=array_to_ticks(self.restart_lag).tolist(),
            fulfillers=_rows(self.req_ptr, self.req_units),
            uses=_rows(self.use_ptr, self.use_reqs),
            own=_rows(self.own_ptr, self.own_reqs),
        )

    def digest(self) -> str:
        """SHA-256 over every name and number; equal networks have equal digests."""
        total = hashlib.sha256(self._names().encode())
        for name, array in self._arrays().items():
            total.update(f"\n{name} {array.dtype} {array.shape}\n".encode())
            total.update(np.ascontiguousarray(array).tobytes())
        return total.hexdigest()

    def save(self, folder: Path) -> None:
        """Write one .npy file per array and the rest as JSON into ``folder``; always the same.

        The JSON (:data:`NAMES`) holds a sum of each array, which :meth:`load` holds them against.
        """
        folder.mkdir(parents=True, exist_ok=True)
        arrays = self._arrays()
        for name, array in arrays.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        sums = {name: sum_of(folder / f"{name}.npy") for name in arrays}
        text = self._names(sums=sums)
        (folder / NAMES).write_text(text + "\n", encoding="utf-8", newline="\n")

    @staticmethod
    def load(folder: Path) -> Network:
        """Open what :meth:`save` wrote; arrays are mapped, and held against their sums.

        Cost: 5 ms, and every byte of the arrays is read once, some 5 GB/s: 12 ms for 100,000 units.

        Raises:
            ReleaseError: something is missing or damaged.
        """
        try:
            values: dict[str, Any] = json.loads((folder / NAMES).read_text("utf-8"))
            values["notes"] = tuple(Note(*note) for note in values["notes"])
            for name in _TUPLES:
                values[name] = _nested(values[name])
            values["classes"] = Classes(*map(_nested, values["classes"]))
            sums: dict[str, str] = values.pop("sums")
            arrays = {name: map_array(folder / f"{name}.npy", one) for name, one in sums.items()}
            for field in fields(Network):
                if field.name in values:
                    continue
                if field.type == Strings.__name__:
                    values[field.name] = Strings(*(arrays[field.name + one] for one in _TEXT_FILES))
                else:
                    values[field.name] = arrays[field.name]
            return Network(**values)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise damaged(folder / NAMES) from error

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        found: dict[str, npt.NDArray[Any]] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                found[field.name] = value
            elif isinstance(value, Strings):
                data, ends = _TEXT_FILES
                found[field.name + data], found[field.name + ends] = value.data, value.ends
        return found

    def _names(self, **more: Any) -> str:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        small = more | {
            key: one for key, one in values.items() if not isinstance(one, np.ndarray | Strings)
        }
        return json.dumps(small, ensure_ascii=False, sort_keys=True)


def _nested(value: Any) -> Any:
    """Lists of JSON as tuples, at any depth."""
    return tuple(map(_nested, value)) if isinstance(value, list) else value


def _rows(pointers: Pointers, values: Ints) -> list[list[int]]:
    flat = values.tolist()
    ends = pointers.tolist()
    return [flat[ends[row] : ends[row + 1]] for row in range(len(ends) - 1)]
