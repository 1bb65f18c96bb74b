"""Network → network: what measures make of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from kg.names import local_id
from kg.network.assemble import grouped
from kg.network.measures import Measure
from kg.network.model import Ints, Network, Note
from kg.network.strings import Strings

#: What stands per requirement and moves along when requirements go.
_PER_REQUIREMENT: Final = (
    "dependent", "minimum", "buffer", "buffer_known", "buffer_low", "buffer_high", "effect",
    "purpose", "needs_full", "refill", "substitution", "kind", "implicit",
)  # fmt: skip


def apply(network: Network, measures: Iterable[Measure]) -> Network:
    """The network with all of these measures done; the given one is not changed.

    - An added fulfiller raises n and leaves k as it is.
    - A new buffer is the whole time, stock included; it is known from then on, without a range.
      Of several the longest counts, and one that is not longer than what is there does nothing.
    - A new restart lag or substitution time is known from then on; of several the shortest counts,
      and one that is not shorter than what is known does nothing.
    - A removed requirement is gone, whatever else changes it.

    The order of the measures does not matter. What conflicts or does nothing is among the notes of
    the new network. Without any change it is the given network itself.

    Cost: O(U + R + F).
    """
    chosen = sorted({one.iri: one for one in measures}.values(), key=lambda one: one.iri)
    change = _Change(network)
    removed = sorted({need for one in chosen for need in one.removes})
    change.removed[removed] = True
    for one in chosen:
        for need in one.removes:
            change.others(chosen, one, need)
    # Removed requirements need no change; their conflicts are told already.
    change.numbers(chosen, "buffers", longest=True)
    change.numbers(chosen, "substitutions", longest=False)
    change.numbers(chosen, "restarts", longest=False)
    for one in chosen:
        for need, unit in one.adds:
            change.add(one, need, unit)
    return change.done()


class _Change:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.notes: set[Note] = set()
        self.removed = np.zeros(len(network.requirements), dtype=np.bool_)
        self.added: set[tuple[int, int]] = set()
        self.arrays: dict[str, Any] = {}

    def array(self, name: str) -> Any:
        """An array of the network that may be written."""
        if name not in self.arrays:
            self.arrays[name] = getattr(self.network, name).copy()
        return self.arrays[name]

    def note(self, one: Measure, nl: str, en: str) -> None:
        self.notes.add(Note(one.iri, f"{one.label}: {nl}.", f"{one.label_en}: {en}."))

    def others(self, chosen: Sequence[Measure], one: Measure, need: int) -> None:
        """Tell which other measures change a requirement that this one removes."""
        for other in chosen:
            touched = {at for at, _ in (*other.adds, *other.buffers, *other.substitutions)}
            if need in touched:
                name = local_id(self.network.requirements[need])
                self.note(
                    other,
                    f"eis {name} verandert niet meer, want '{one.label}' neemt haar weg",
                    f"requirement {name} does not change, as '{one.label_en}' removes it",
                )

    def numbers(self, chosen: Sequence[Measure], kind: str, *, longest: bool) -> None:
        """Set the buffers, substitution times or restart lags that these measures bring."""
        network = self.network
        asked: dict[int, list[tuple[float, Measure]]] = {}
        for one in chosen:
            for at, hours in getattr(one, kind):
                if kind == "restarts" or not self.removed[at]:
                    asked.setdefault(at, []).append((hours, one))
        for at, offers in sorted(asked.items()):
            best = (max if longest else min)(hours for hours, _ in offers)
            names = network.units if kind == "restarts" else network.requirements
            name = local_id(names[at])
            for hours, one in offers:
                if hours != best:
                    self.note(
                        one,
                        f"{hours:g} uur voor {name} telt niet, een andere maatregel geeft {best:g}",
                        f"{hours:g} hours for {name} do not count, another measure gives {best:g}",
                    )
            values, known = _NUMBERS[kind]
            before = float(getattr(network, values)[at])
            is_known = known is None or bool(getattr(network, known)[at])
            if is_known and (best <= before if longest else best >= before):
                for _, one in offers:
                    self.note(
                        one,
                        f"{best:g} uur voor {name} verandert niets, het is al {before:g}",
                        f"{best:g} hours for {name} change nothing, it is {before:g} already",
                    )
                continue
            self.array(values)[at] = best
            if known is not None:
                self.array(known)[at] = True
            if kind == "buffers":
                self.array("buffer_low")[at] = self.array("buffer_high")[at] = np.nan
            if kind == "restarts" and not is_known and best > 0:
                for _, one in offers:
                    self.note(
                        one,
                        f"de opstarttijd van {name} was onbekend en telde als 0; nu is zij "
                        f"{best:g} uur, waardoor herstel later kan lijken",
                        f"the restart lag of {name} was unknown and counted as 0; now it is "
                        f"{best:g} hours, so that recovery may seem later",
                    )

    def add(self, one: Measure, need: int, unit: int) -> None:
        if self.removed[need]:
            return
        if unit in self.network.fulfillers(need):
            name = local_id(self.network.requirements[need])
            label = self.network.labels[unit], self.network.labels_en[unit]
            self.note(
                one,
                f"'{label[0]}' vervult eis {name} al",
                f"'{label[1]}' fulfils requirement {name} already",
            )
            return
        self.added.add((need, unit))

    def done(self) -> Network:
        if self.added or self.removed.any():
            self.rows()
        if not self.arrays and not self.notes:
            return self.network
        notes = tuple(sorted({*self.network.notes, *self.notes}))
        return replace(self.network, **self.arrays, notes=notes)

    def rows(self) -> None:
        """Lay the requirements and their fulfillers anew."""
        network, kept = self.network, np.flatnonzero(~self.removed)
        number = np.cumsum(~self.removed) - 1
        owners = np.repeat(
            np.arange(len(network.requirements), dtype=np.int64), np.diff(network.req_ptr)
        )
        more = np.array(sorted(self.added), dtype=np.int64).reshape(-1, 2)
        owners = np.concatenate((owners, more[:, 0]))
        units = np.concatenate((network.req_units, more[:, 1])).astype(np.int32)
        stays = ~self.removed[owners]
        owners, units = number[owners[stays]], units[stays]
        order = np.lexsort((units, owners))
        units, owning = units[order], owners[order].astype(np.int32)
        sizes = np.bincount(owning, minlength=len(kept))
        for name in _PER_REQUIREMENT:
            self.arrays[name] = self.arrays.get(name, getattr(network, name))[kept]
        dependent: Ints = self.arrays["dependent"]
        size = len(network.units)
        self.arrays["req_ptr"] = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        self.arrays["req_units"] = units
        self.arrays["use_ptr"], self.arrays["use_reqs"] = grouped(units, owning, size)
        self.arrays["own_ptr"], self.arrays["own_reqs"] = grouped(
            dependent, np.arange(len(kept), dtype=np.int32), size
        )
        if self.removed.any():
            for name in ("requirements", "requirement_labels"):
                texts: Strings = getattr(network, name)
                self.arrays[name] = Strings.of(texts[at] for at in kept.tolist())


#: Per kind of change: the array of hours, and the one that says whether they are known.
_NUMBERS: Final[dict[str, tuple[str, str | None]]] = {
    "buffers": ("buffer", "buffer_known"),
    "substitutions": ("substitution", None),
    "restarts": ("restart_lag", "restart_known"),
}
