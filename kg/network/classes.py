"""Which classes units have: few classes, fewer combinations of them, one small number per unit."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import NamedTuple

from kg.errors import UsageError
from kg.language import current_language
from kg.names import ID, VIT, local_id


class Classes(NamedTuple):
    """The classes that units of one network have.

    Attributes:
        names: IRIs, sorted; the position is the code of the class.
        labels, labels_en: their labels in Dutch and in English.
        above: per class the codes of all classes above it, sorted.
        sets: combinations of most specific classes, as sorted codes; units carry the position.
    """

    names: tuple[str, ...] = (VIT + "FunctionalUnit",)
    labels: tuple[str, ...] = ("functionele eenheid",)
    labels_en: tuple[str, ...] = ("functional unit",)
    above: tuple[tuple[int, ...], ...] = ((),)
    sets: tuple[tuple[int, ...], ...] = ((0,),)

    def label(self, code: int) -> str:
        """The label of a class in the language in force."""
        return (self.labels_en if current_language() == "en" else self.labels)[code]

    def sets_within(self, code: int) -> tuple[int, ...]:
        """The combinations that hold this class or one below it."""
        return tuple(
            position
            for position, members in enumerate(self.sets)
            if any(one == code or code in self.above[one] for one in members)
        )

    def resolve(self, text: str) -> int:
        """The class that people mean: local name, label, CURIE or IRI, in any case.

        Raises:
            UsageError: no unit of this network has such a class; names those that occur.
        """
        wanted = text.strip().removeprefix("vit:").casefold()
        for code, iri in enumerate(self.names):
            known = (iri, iri.removeprefix(VIT), self.labels[code], self.labels_en[code])
            if wanted in (name.casefold() for name in known):
                return code
        there = ", ".join(iri.removeprefix(VIT) for iri in self.names)
        raise UsageError(
            "usage.unknown-class",
            f"'{text}' is geen klasse van eenheden in dit netwerk; wel: {there}.",
            f"'{text}' is not a class of units of this network; there are: {there}.",
        )


def classes_of(
    root: str,
    members: Mapping[str, Set[str]],
    above: Mapping[str, Set[str]],
    labels: Mapping[str, str],
    labels_en: Mapping[str, str],
) -> tuple[Classes, dict[str, int]]:
    """The classes that occur, and the combination that each unit has; the first is the root alone.

    Args:
        members: the units of each class.
        above: all classes above each class; a class above itself is one of a ring of equals.
    """
    names = sorted({root, *(iri for iri, units in members.items() if units)})
    code = {iri: position for position, iri in enumerate(names)}
    higher = tuple(
        tuple(sorted(code[up] for up in above.get(iri, ()) if up in code and up != iri))
        for iri in names
    )
    own: dict[str, list[int]] = {}
    for iri in names:
        if iri != root:
            for unit in members[iri]:
                own.setdefault(unit, []).append(code[iri])
    position: dict[tuple[int, ...], int] = {(code[root],): 0}
    seen: dict[tuple[int, ...], tuple[int, ...]] = {}
    for codes in {tuple(codes) for codes in own.values()}:
        covered = {up for one in codes for up in higher[one] if one not in higher[up]}
        seen[codes] = tuple(one for one in codes if one not in covered)
    for lowest in sorted(set(seen.values())):
        position.setdefault(lowest, len(position))
    named = [labels.get(iri) or labels_en.get(iri) or _short(iri) for iri in names]
    return (
        Classes(
            tuple(names),
            tuple(named),
            tuple(labels_en.get(iri) or label for iri, label in zip(names, named, strict=True)),
            higher,
            tuple(position),
        ),
        {unit: position[seen[tuple(codes)]] for unit, codes in own.items()},
    )


def _short(iri: str) -> str:
    return local_id(iri) if iri.startswith(ID) else iri.removeprefix(VIT)
