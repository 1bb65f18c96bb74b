"""A fault tree as it was read: gates, basic events with a probability, and which gates are tops."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from kg.errors import AmbiguousError, UsageError
from kg.faulttree.formula import FALSE, TRUE, Formula, FormulaBuilder


@dataclass(frozen=True)
class Gate:
    """At least ``needed`` of ``inputs``, which are names of gates, events and constants."""

    name: str
    inputs: tuple[str, ...]
    needed: int
    label: str = ""


@dataclass(frozen=True)
class Event:
    """A basic event; ``probability`` is NaN when unknown."""

    name: str
    probability: float = math.nan
    label: str = ""


@dataclass(frozen=True)
class FaultTree:
    """A fault tree without loops or negation.

    Attributes:
        gates: inputs before the gates that use them; nested formulas are gates ``name/1``, ….
        events: sorted by name; the position is the number of the event in formulas.
        constants: house events and constants by name.
        tops: gates that no other gate uses, in the order of the file.
        notes: what was read in a particular way, (Dutch, English).
    """

    name: str
    gates: tuple[Gate, ...]
    events: tuple[Event, ...]
    constants: dict[str, bool]
    tops: tuple[str, ...]
    notes: tuple[tuple[str, str], ...] = ()

    @cached_property
    def probability(self) -> list[float]:
        """Per event its probability, NaN when unknown."""
        return [event.probability for event in self.events]

    def label(self, event: int) -> str:
        """What people call an event."""
        return self.events[event].label or self.events[event].name

    def choose(self, top: str | None) -> str:
        """The gate that is asked about: the one named, else the only top.

        Raises:
            UsageError: there is no such gate, or no gate at all.
            AmbiguousError: nothing was named and there are several; lists them.
        """
        names = {gate.name: gate.label for gate in self.gates}
        if top is not None:
            if top in names:
                return top
            known = ", ".join(self.tops[:10])
            raise UsageError(
                "open-psa.unknown-top",
                f"'{top}' is geen poort van deze foutenboom. Bovenste poorten: {known}.",
                f"'{top}' is not a gate of this fault tree. Top gates: {known}.",
            )
        if not self.tops:
            raise UsageError(
                "open-psa.no-gate",
                "Er staat geen poort in dit bestand.",
                "There is no gate in this file.",
            )
        if len(self.tops) > 1:
            raise AmbiguousError("--top", [(one, names[one]) for one in self.tops])
        return self.tops[0]

    def formula(self, top: str) -> Formula:
        """The formula of a gate; event i is ``events[i]``."""
        of = {event.name: number for number, event in enumerate(self.events)}
        of |= {name: TRUE if value else FALSE for name, value in self.constants.items()}
        builder = FormulaBuilder(len(self.events))
        for gate in self.gates:
            of[gate.name] = builder.gate([of[name] for name in gate.inputs], gate.needed)
        return builder.build(of[top])
