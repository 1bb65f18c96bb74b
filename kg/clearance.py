"""For whom a level of a release is: a marking, and the compartments that he belongs to.

Clearances form a lattice (D. E. Denning, 1976, A lattice model of secure information flow): one is
at or below another when its marking is no more secret and its compartments are among those of the
other. The name of a clearance, ``dep-v+kring-energie``, is that of the level built for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kg.errors import UsageError

#: Between the marking and the compartments in a name; no id can hold it.
JOIN: Final = "+"


@dataclass(frozen=True)
class Clearance:
    """A marking (its id) and compartments (their ids)."""

    marking: str
    compartments: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """``dep-v``, ``dep-v+kring-energie+kring-spoor``; ids in the order of the alphabet."""
        return JOIN.join((self.marking, *sorted(self.compartments)))


def clearance_of(name: str, markings: Sequence[str], compartments: Sequence[str]) -> Clearance:
    """The clearance of this name.

    Raises:
        UsageError: there is no such marking or compartment in the data.
    """
    marking, *wanted = name.split(JOIN)
    for one, known, nl, en in (
        *((one, compartments, "compartiment", "compartment") for one in wanted),
        (marking, markings, "markering", "marking"),
    ):
        if one not in known:
            choices = ", ".join(known) or "–"
            raise UsageError(
                "release.clearance",
                f"De gegevens kennen geen {nl} '{one}' waar iets onder valt; wel: {choices}.",
                f"The data have no {en} '{one}' that anything falls under; they have: {choices}.",
            )
    return Clearance(marking, frozenset(wanted))
