"""Compartments: the second axis beside the markings, per sector or ministry.

A thing stays within every compartment of every source that it has, and within its own. Whoever
belongs to the set C of compartments sees the things whose compartments all lie in C (the lattice
of D. E. Denning, 1976, A lattice model of secure information flow). What lies outside C is taken
out before anything is compared, so that for a reader of C it was never there: neither as a
duplicate, nor as what is referred to, nor as a row that was counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kg.errors import Location, Problem
from kg.sources.cells import shown
from kg.sources.model import Batch, Known, Links

Compartments = frozenset[str]

_NONE: Compartments = frozenset()


class Compartmented:
    """Batches, with for each thing the compartments that it stays within.

    Attributes:
        present: the compartments that things stay within, sorted.
        problems: compartments that do not exist, and what cannot be shown to anyone for it.
    """

    def __init__(self, batches: Sequence[Batch], known: Known | None = None) -> None:
        self._batches = batches
        known = known or Known()
        declared = known.compartments | {
            batch.keys[position] for batch in batches for position in batch.is_compartment
        }
        self._of: list[list[Compartments]] | None = None
        named = {
            one for batch in batches for links in batch.own_compartments.values() for one in links
        }
        named |= {one for links in known.within.values() for one in links}
        self.present = tuple(sorted(named & declared))
        self.problems: tuple[Problem, ...] = ()
        if named:
            self._of = self._all(known)
            self.problems = tuple(sorted({*self._unknown(declared), *self._outside()}))

    def _all(self, known: Known) -> list[list[Compartments]]:
        by_source: dict[str, Compartments] = {
            source: frozenset(links) for source, links in known.within.items()
        }
        for batch in self._batches:
            for position in batch.is_source:
                own = frozenset(batch.own_compartments.get(position, ()))
                key = batch.keys[position]
                by_source[key] = by_source.get(key, _NONE) | own
        found: list[list[Compartments]] = []
        for batch in self._batches:
            together: dict[Links, Compartments] = {}
            of_batch: list[Compartments] = []
            for position, sources in enumerate(batch.sources):
                inherited = together.get(sources)
                if inherited is None:
                    inherited = _NONE.union(*(by_source.get(one, _NONE) for one in sources))
                    together[sources] = inherited
                if position in batch.is_source:
                    inherited |= by_source[batch.keys[position]]
                of_batch.append(inherited | frozenset(batch.own_compartments.get(position, ())))
            found.append(of_batch)
        return found

    def _unknown(self, declared: Iterable[str]) -> Iterable[Problem]:
        declared = frozenset(declared)
        choices = ", ".join(sorted(declared))
        assert self._of is not None
        for batch, of_batch in zip(self._batches, self._of, strict=True):
            for position, own in sorted(batch.own_compartments.items()):
                for one in own:
                    if one not in declared:
                        yield _problem(
                            batch,
                            position,
                            "unknown-compartment",
                            f"Het compartiment '{shown(one)}' bestaat niet; kies uit: "
                            f"{choices or '(er zijn geen compartimenten in de gegevens)'}.",
                            f"The compartment '{shown(one)}' does not exist; choose from: "
                            f"{choices or '(there are no compartments in the data)'}.",
                        )
            for position, all_of_it in enumerate(of_batch):
                lost = all_of_it - declared
                if lost and not lost & set(batch.own_compartments.get(position, ())):
                    yield _problem(
                        batch,
                        position,
                        "within-unknown-compartment",
                        f"'{shown(batch.keys[position])}' heeft een bron in een compartiment dat "
                        f"niet bestaat ({shown(min(lost))}); verbeter de bron.",
                        f"'{shown(batch.keys[position])}' has a source in a compartment that does "
                        f"not exist ({shown(min(lost))}); correct the source.",
                    )

    def _outside(self) -> Iterable[Problem]:
        """What refers to something that those who see it may not all see."""
        assert self._of is not None
        inside: dict[str, set[Compartments]] = {}
        for batch, of_batch in zip(self._batches, self._of, strict=True):
            for key, one in zip(batch.keys, of_batch, strict=True):
                inside.setdefault(key, set()).add(one)
        inside = {key: all_of_it for key, all_of_it in inside.items() if _NONE not in all_of_it}
        for batch, of_batch in zip(self._batches, self._of, strict=True):
            for column, links in batch.links.items():
                for position, targets in enumerate(links):
                    for target in targets:
                        homes = inside.get(target)
                        if homes and not any(home <= of_batch[position] for home in homes):
                            yield _refused(batch, position, column, target, min(map(sorted, homes)))

    def seen_by(self, compartments: Compartments) -> list[Batch]:
        """The batches as a reader of these compartments has them; to be assembled once."""
        if self._of is None:  # no lists are copied but the one that is used up
            return [replace(batch, blocks=list(batch.blocks)) for batch in self._batches]
        return [
            _kept(batch, [at for at, one in enumerate(of_batch) if one <= compartments])
            for batch, of_batch in zip(self._batches, self._of, strict=True)
        ]


def _problem(batch: Batch, position: int, code: str, nl: str, en: str) -> Problem:
    header = batch.headers.get("compartment", "compartment")
    location = Location(batch.file.name, batch.sheet, batch.rows[position], header)
    return Problem(location, f"intake.{code}", nl, en)


def _refused(batch: Batch, position: int, column: str, target: str, home: Sequence[str]) -> Problem:
    within = ", ".join(home)
    return Problem(
        Location(batch.file.name, batch.sheet, batch.rows[position], column),
        "intake.reference-outside",
        f"'{shown(target)}' blijft binnen {within} en deze rij niet; geef de rij een bron die "
        "daar ook binnen blijft, of verwijs naar iets anders.",
        f"'{shown(target)}' stays within {within} and this row does not; give the row a source "
        "that stays there too, or refer to something else.",
    )


def _kept(batch: Batch, positions: Sequence[int]) -> Batch:
    """A batch with only these things, in the same order."""
    new = {old: at for at, old in enumerate(positions)}
    gone = [row for at, row in enumerate(batch.rows) if at not in new and row]
    rows = set(gone) - {batch.rows[at] for at in positions}
    return Batch(
        file=batch.file,
        graph=batch.graph,
        sheet=batch.sheet,
        rdf=batch.rdf,
        headers=batch.headers,
        keys=[batch.keys[at] for at in positions],
        rows=[batch.rows[at] for at in positions],
        blocks=[batch.blocks[at] for at in positions],
        links={column: [links[at] for at in positions] for column, links in batch.links.items()},
        sources=[batch.sources[at] for at in positions],
        own_markings={new[at]: one for at, one in batch.own_markings.items() if at in new},
        own_compartments={new[at]: one for at, one in batch.own_compartments.items() if at in new},
        is_source={new[at] for at in batch.is_source if at in new},
        is_compartment={new[at] for at in batch.is_compartment if at in new},
        issued={new[at]: one for at, one in batch.issued.items() if at in new},
        ranks={
            key: rank
            for key, rank in batch.ranks.items()
            if any(batch.keys[at] == key for at in positions)
        },
        untyped={new[at] for at in batch.untyped if at in new},
        bad={new[at] for at in batch.bad if at in new},
        problems=[one for one in batch.problems if one.location.row not in rows],
        hidden=sorted(gone),
    )
