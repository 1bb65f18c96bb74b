"""What can only be seen with everything read: unknown references, doubles, markings.

A thing is as secret as the most secret of its sources. What stands at a level may not refer to
what is above it: the lower release would show a hole, and so tell that something is there.
"""

from __future__ import annotations

import bisect
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from kg.errors import Location, Problem
from kg.schema import fold
from kg.sources.cells import shown
from kg.sources.model import Batch, Known, Links

_SUGGESTIONS: Final = 100
_SEARCHED: Final = 20_000


@dataclass(frozen=True)
class Resolution:
    """For every batch: the marking of each thing (empty where unknown) and what is not to be used.

    ``problems`` are those of the things themselves; ``consequences`` say what went with them.
    """

    levels: tuple[Sequence[str], ...]
    unused: tuple[frozenset[int], ...]
    problems: tuple[Problem, ...]
    consequences: tuple[Problem, ...]
    markings: Mapping[str, int]


def resolve(
    batches: Sequence[Batch], *, skip_invalid: bool, known: Known | None = None
) -> Resolution:
    """Check the references between all batches and find the marking of everything.

    What is ``known`` may be referred to, and may not be defined again.

    With ``skip_invalid`` everything that is wrong is unused, and whatever refers to it, and so on;
    without it only second definitions are unused, so that later stages see as much as possible.
    Cost: linear in things and references.
    """
    return _Resolver(batches, known or Known()).run(skip_invalid=skip_invalid)


class _Resolver:
    """Numbers all things through; item ``n`` is thing ``n - offset`` of its batch."""

    def __init__(self, batches: Sequence[Batch], known: Known) -> None:
        self._batches, self._known = batches, known
        self._offsets: list[int] = []
        total = 0
        for batch in batches:
            self._offsets.append(total)
            total += len(batch.keys)
        self._keys = [key for batch in batches for key in batch.keys]
        self._problems: list[Problem] = []
        self._wrong: set[int] = set()
        self._double: set[int] = set()
        self._suggested = 0
        self._folded: dict[str, str] | None = None

    def run(self, *, skip_invalid: bool) -> Resolution:
        self._markings = self._ranks()
        self._index()
        self._level_sources()
        self._level_all()
        self._find_doubles()
        self._find_known()
        self._find_untyped()
        self._reach = self._lowest_ranks(self._double)
        for position, batch in enumerate(self._batches):
            self._wrong |= {self._offsets[position] + one for one in batch.bad}
            self._check_links(position)
        unused: set[int] = self._double
        consequences: list[Problem] = []
        if skip_invalid:
            unused, consequences = self._propagate()
        return Resolution(
            levels=tuple(self._slice(position) for position in range(len(self._batches))),
            unused=self._by_batch(unused),
            problems=tuple(self._problems),
            consequences=tuple(consequences),
            markings=self._live_markings(unused),
        )

    # -- numbering

    def _place(self, item: int) -> tuple[Batch, int]:
        position = bisect.bisect_right(self._offsets, item) - 1
        # Batches without things share their offset with the next one.
        return self._batches[position], item - self._offsets[position]

    def _slice(self, position: int) -> list[str]:
        start = self._offsets[position]
        return self._level[start : start + len(self._batches[position].keys)]

    def _by_batch(self, items: set[int]) -> tuple[frozenset[int], ...]:
        found: list[set[int]] = [set() for _ in self._batches]
        for item in items:
            position = bisect.bisect_right(self._offsets, item) - 1
            found[position].add(item - self._offsets[position])
        return tuple(frozenset(one) for one in found)

    def _report(self, item: int, column: str, code: str, nl: str, en: str) -> None:
        self._problems.append(self._problem(item, column, code, nl, en))
        self._wrong.add(item)

    def _problem(self, item: int, column: str, code: str, nl: str, en: str) -> Problem:
        batch, position = self._place(item)
        shown_as = batch.headers.get(column, column)
        location = Location(batch.file.name, batch.sheet, batch.rows[position], shown_as)
        return Problem(location, f"intake.{code}", nl, en)

    # -- markings

    def _ranks(self) -> dict[str, int]:
        ranks = dict(self._known.markings)
        for batch in self._batches:
            for key, rank in batch.ranks.items():
                ranks.setdefault(key, rank)
        return ranks

    def _index(self) -> None:
        """Items by key: the first one, and all of them where there are several."""
        self._first: dict[str, int] = {}
        self._several: dict[str, list[int]] = {}
        for item, key in enumerate(self._keys):
            if not key:
                continue
            first = self._first.setdefault(key, item)
            if first != item:
                self._several.setdefault(key, [first]).append(item)

    def _items(self, key: str) -> list[int]:
        if key in self._several:
            return self._several[key]
        return [self._first[key]] if key in self._first else []

    def _highest(self, markings: Links) -> str:
        """The most secret of these; empty when one of them is unknown."""
        if not markings or any(one not in self._markings for one in markings):
            return ""
        return max(markings, key=lambda one: (self._markings[one], one))

    def _level_sources(self) -> None:
        """Marking by id of the source; where one is defined twice, the least secret."""
        self._source_level = dict(self._known.sources)
        self._sources = set(self._known.sources)
        for batch in self._batches:
            for position in sorted(batch.is_source):
                key = batch.keys[position]
                level = self._highest(batch.own_markings.get(position, ()))
                self._sources.add(key)
                known = self._source_level.get(key, "")
                if level and (not known or self._markings[level] < self._markings[known]):
                    self._source_level[key] = level

    def _level_all(self) -> None:
        self._level: list[str] = []
        for batch in self._batches:
            by_sources: dict[Links, str] = {}
            for position, sources in enumerate(batch.sources):
                own = batch.own_markings.get(position, ())
                if own or position in batch.is_source:
                    self._level.append(self._own_level(batch, position, own, sources))
                    continue
                level = by_sources.get(sources)
                if level is None:
                    level = self._highest(tuple(self._source_level.get(s, "") for s in sources))
                    by_sources[sources] = level
                self._level.append(level)

    def _own_level(self, batch: Batch, position: int, own: Links, sources: Links) -> str:
        item = len(self._level)
        unknown = [one for one in own if one not in self._markings]
        if unknown or not own:
            choices = ", ".join(sorted(self._markings, key=lambda one: (self._markings[one], one)))
            name = shown(unknown[0]) if unknown else ""
            nl = f"De markering '{name}' bestaat niet" if name else "De bron heeft geen markering"
            en = f"The marking '{name}' does not exist" if name else "The source has no marking"
            if position not in batch.bad or unknown:
                self._report(
                    item,
                    "marking",
                    "unknown-marking" if name else "no-marking",
                    f"{nl}; kies uit: {choices or '(er zijn geen markeringen in de gegevens)'}.",
                    f"{en}; choose from: {choices or '(there are no markings in the data)'}.",
                )
            return ""
        from_sources = [self._source_level.get(one, "") for one in sources]
        return self._highest((*own, *(one for one in from_sources if one)))

    def _rank(self, item: int) -> float:
        level = self._level[item]
        return self._markings[level] if level else inf

    def _live_markings(self, unused: set[int]) -> dict[str, int]:
        live = {
            key: rank
            for key, rank in self._markings.items()
            if key in self._known.markings or any(item not in unused for item in self._items(key))
        }
        return dict(sorted(live.items(), key=lambda one: (one[1], one[0])))

    # -- doubles

    def _find_doubles(self) -> None:
        for key, items in self._several.items():
            if all(self._place(item)[0].rdf for item in items):
                continue  # RDF files may each say something about the same thing
            # The least secret one stays, or adding a secret one could change what is open.
            kept = min(items, key=lambda item: (self._rank(item), item))
            where = self._where(kept)
            for item in items:
                both_rdf = self._place(item)[0].rdf and self._place(kept)[0].rdf
                if item == kept or both_rdf:
                    continue
                self._double.add(item)
                self._report(
                    item,
                    "id",
                    "duplicate-id",
                    f"De id '{shown(key)}' staat ook in {where[0]}; geef een van de twee een "
                    "andere id, of voeg de rijen samen.",
                    f"The id '{shown(key)}' also stands in {where[1]}; give one of the two "
                    "another id, or merge the rows.",
                )

    def _find_known(self) -> None:
        for key in sorted(self._first.keys() & self._known.things):
            for item in self._items(key):
                self._report(
                    item,
                    "id",
                    "known-id",
                    f"De id '{shown(key)}' staat al in de release; verwijs ernaar, of geef dit "
                    "een andere id.",
                    f"The id '{shown(key)}' is in the release already; refer to it, or give this "
                    "another id.",
                )

    def _where(self, item: int) -> tuple[str, str]:
        batch, position = self._place(item)
        row = batch.rows[position]
        sheet_nl = f", blad {batch.sheet}" if batch.sheet else ""
        sheet_en = f", sheet {batch.sheet}" if batch.sheet else ""
        row_nl, row_en = (f", rij {row}", f", row {row}") if row else ("", "")
        return f"{batch.file.name}{sheet_nl}{row_nl}", f"{batch.file.name}{sheet_en}{row_en}"

    def _find_untyped(self) -> None:
        for offset, batch in zip(self._offsets, self._batches, strict=True):
            for position in sorted(batch.untyped):
                item = offset + position
                typed = any(
                    self._is_typed(other) and self._rank(other) <= self._rank(item)
                    for other in self._items(self._keys[item])
                )
                if not typed:
                    self._report(
                        item,
                        "rdf:type",
                        "no-type",
                        f"{shown(self._keys[item])} heeft geen klasse; voeg rdf:type toe.",
                        f"{shown(self._keys[item])} has no class; add rdf:type.",
                    )

    def _is_typed(self, item: int) -> bool:
        batch, position = self._place(item)
        return position not in batch.untyped

    # -- references

    def _lowest_ranks(self, without: set[int]) -> dict[str, float]:
        """From which rank on a key can be referred to. What is bad itself counts for everyone:
        one mistake is one message."""
        ranks: dict[str, float] = dict.fromkeys(self._known.things, -inf)
        for item, key in enumerate(self._keys):
            if key and item not in without:
                level = self._level[item]
                rank = self._markings[level] if level else -inf
                if key not in ranks or rank < ranks[key]:
                    ranks[key] = rank
        return ranks

    def _check_links(self, position: int) -> None:
        batch, offset, reach = self._batches[position], self._offsets[position], self._reach
        ranks = [self._rank(offset + one) for one in range(len(batch.keys))]
        for column, links in batch.links.items():
            for one, targets in enumerate(links):
                for target in targets:
                    found = reach.get(target)
                    if found is None or found > ranks[one]:
                        self._refuse_link(offset + one, column, target, above=found is not None)
        for one, targets in enumerate(batch.sources):
            for target in targets:
                if target not in self._sources:
                    self._refuse_source(offset + one, target)

    def _refuse_link(self, item: int, column: str, target: str, *, above: bool) -> None:
        if above:
            self._report(
                item,
                column,
                "reference-above",
                f"'{shown(target)}' heeft een hogere markering dan deze rij "
                f"({self._level[item]}); geef de rij een bron met die markering, of verwijs naar "
                "iets dat niet hoger gemarkeerd is.",
                f"'{shown(target)}' has a higher marking than this row ({self._level[item]}); "
                "give the row a source with that marking, or refer to something that is not "
                "marked higher.",
            )
            return
        nl, en = self._suggest(target)
        self._report(
            item,
            column,
            "unknown-reference",
            f"'{shown(target)}' bestaat niet in de gegevens.{nl} Verbeter de id of voeg het ding "
            "toe.",
            f"'{shown(target)}' does not exist in the data.{en} Correct the id or add the thing.",
        )

    def _refuse_source(self, item: int, target: str) -> None:
        known = target in self._first or target in self._known.things
        self._report(
            item,
            "source",
            "not-a-source" if known else "unknown-source",
            f"'{shown(target)}' {'is geen bron' if known else 'bestaat niet'}; noem de id van een "
            "rij in Source.csv, of voeg de bron daar toe.",
            f"'{shown(target)}' {'is not a source' if known else 'does not exist'}; name the id "
            "of a row in Source.csv, or add the source there.",
        )

    def _suggest(self, target: str) -> tuple[str, str]:
        if self._folded is None:
            self._folded = {fold(key): key for key in sorted({*self._first, *self._known.things})}
        self._suggested += 1
        close = self._folded.get(fold(target), "")
        if not close and self._suggested <= _SUGGESTIONS and len(self._folded) <= _SEARCHED:
            near = difflib.get_close_matches(fold(target)[:100], sorted(self._folded), 1, 0.75)
            close = self._folded[near[0]] if near else ""
        if not close:
            return "", ""
        return f" Bedoelde u '{close}'?", f" Did you mean '{close}'?"

    # -- leaving out

    def _depends_on(self, item: int) -> Iterator[str]:
        batch, position = self._place(item)
        for links in batch.links.values():
            yield from links[position]
        yield from batch.sources[position]
        yield from batch.own_markings.get(position, ())

    def _referrers(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for item in range(len(self._keys)):
            for key in self._depends_on(item):
                found.setdefault(key, []).append(item)
        return found

    def _propagate(self) -> tuple[set[int], list[Problem]]:
        """Everything that is wrong, and everything that leans on it."""
        gone = set(self._wrong)
        if not gone:
            return gone, []
        consequences: list[Problem] = []
        referrers = self._referrers()
        todo = sorted(gone, reverse=True)
        while todo:
            item = todo.pop()
            key = self._keys[item]
            if not key:
                continue
            siblings = [] if item in self._double else self._items(key)
            for other in siblings:
                # Half a thing would say something that nobody meant; a secret half is no reason
                # to change the open one.
                if other not in gone and self._rank(other) >= self._rank(item):
                    self._follow(other, key, gone, todo, consequences)
            lowest = min(
                (self._rank(one) for one in self._items(key) if one not in gone), default=inf
            )
            for other in referrers.get(key, ()):
                # Without a live source a thing has no rank, and nowhere to go.
                if other not in gone and (lowest == inf or lowest > self._rank(other)):
                    self._follow(other, key, gone, todo, consequences)
        return gone, consequences

    def _follow(
        self, item: int, key: str, gone: set[int], todo: list[int], consequences: list[Problem]
    ) -> None:
        gone.add(item)
        todo.append(item)
        own = shown(self._keys[item])
        location = self._problem(item, "", "", "", "").location
        consequences.append(
            Problem(
                location,
                "intake.refers-to-left-out",
                f"'{own}' is weggelaten omdat het verwijst naar '{shown(key)}', dat is weggelaten.",
                f"'{own}' was left out because it refers to '{shown(key)}', which was left out.",
                "warning",
            )
        )
