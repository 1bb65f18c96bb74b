"""Things with their markings become graphs: one per file and marking, sorted lines.

Row numbers in provenance IRIs count only rows at or below the marking of the row. In a file with
one marking that is the number a person sees. In a mixed file it keeps a lower release from telling
how much stands above it; ``true_rows`` then gives the number in the file.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from kg.sources.model import PLACE, Batch, SourceGraph
from kg.sources.resolve import Resolution


def assemble(
    batches: Sequence[Batch], resolution: Resolution
) -> tuple[tuple[SourceGraph, ...], dict[str, int]]:
    """The graphs, sorted by IRI, and the true rows where they differ from the provenance IRI.

    The blocks of the batches are used up on the way.
    """
    by_file: dict[str, list[int]] = {}
    for number, batch in enumerate(batches):
        by_file.setdefault(batch.graph, []).append(number)
    graphs: list[SourceGraph] = []
    true_rows: dict[str, int] = {}
    for numbers in by_file.values():
        file = _File(numbers, batches, resolution)
        graphs += [file.graph(marking, true_rows) for marking in file.markings]
    return tuple(sorted(graphs, key=lambda graph: graph.iri)), true_rows


class _File:
    """The batches of one file (the sheets of a workbook)."""

    def __init__(
        self, numbers: Sequence[int], batches: Sequence[Batch], resolution: Resolution
    ) -> None:
        self._ranks = resolution.markings
        self._parts = [(batches[n], resolution.levels[n], resolution.unused[n]) for n in numbers]
        present = {
            level
            for batch, levels, unused in self._parts
            for position, level in enumerate(levels)
            if level in self._ranks and position not in unused and batch.keys[position]
        }
        #: From least to most secret.
        self.markings = sorted(present, key=lambda one: (self._ranks[one], one))

    def graph(self, marking: str, true_rows: dict[str, int]) -> SourceGraph:
        """What carries this marking, and no more."""
        first = self._parts[0][0]
        # The least secret graph of a file has the plain name, whatever is above it.
        suffix = "" if marking == self.markings[0] else f"~{marking}"
        iri = first.graph + suffix
        blocks: list[bytes] = []
        keys: set[str] = set()
        dates: list[str] = []
        for batch, levels, unused in self._parts:
            hidden = _Hidden(batch, levels, self._ranks, self._ranks[marking])
            for position, level in enumerate(levels):
                if level != marking or position in unused or not batch.keys[position]:
                    continue
                place = self._place(iri, batch, position, hidden, true_rows)
                blocks.append(batch.blocks[position].replace(PLACE, place))
                batch.blocks[position] = b""  # given up, so that it is not held twice
                keys.add(batch.keys[position])
                if position in batch.issued:
                    dates.append(batch.issued[position])
        blocks.sort()
        return SourceGraph(
            iri=iri,
            name=first.file.name,
            sha256=first.file.sha256,
            marking=marking,
            ntriples=b"".join(blocks),
            subjects=len(keys),
            date=max(dates, default=None),
        )

    @staticmethod
    def _place(
        iri: str, batch: Batch, position: int, hidden: _Hidden, true_rows: dict[str, int]
    ) -> bytes:
        row = batch.rows[position]
        if not row:
            return f"<{iri}>".encode()
        seen = row - hidden.before(row)
        sheet = f"sheet={quote(batch.sheet, safe='')}&" if batch.sheet else ""
        place = f"{iri}#{sheet}row={seen}"
        if seen != row:
            true_rows[place] = row
        return f"<{place}>".encode()


class _Hidden:
    """How many rows (of RDF: lines) of a batch are hidden, up to some row.

    They are above a rank, or stay within compartments that are not asked for.
    """

    def __init__(
        self, batch: Batch, levels: Sequence[str], ranks: Mapping[str, int], rank: int
    ) -> None:
        above = [
            position
            for position, level in enumerate(levels)
            if level and ranks.get(level, rank) > rank
        ]
        shut = [batch.rows[position] for position in above if batch.rows[position]]
        self._rows = sorted([*shut, *batch.hidden])
        self._totals: list[int] = []
        if self._rows and batch.rdf:
            every = sorted({*batch.rows, *batch.hidden})
            self._totals = list(_accumulate(_lengths(self._rows, every)))

    def before(self, row: int) -> int:
        """Rows above the rank that stand before this one."""
        count = bisect.bisect_left(self._rows, row)
        if not self._totals or not count:
            return count
        return self._totals[count - 1]


def _lengths(starts: Iterable[int], every_start: Sequence[int]) -> Iterable[int]:
    """Lines from each start to the next thing; what comes last hides nothing after it."""
    for start in starts:
        after = bisect.bisect_right(every_start, start)
        yield every_start[after] - start if after < len(every_start) else 0


def _accumulate(lengths: Iterable[int]) -> Iterable[int]:
    total = 0
    for length in lengths:
        total += length
        yield total
