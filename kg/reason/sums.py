"""What a rule added up, as people check it: each share, whose it is, where it was written, the sum.

A rule whose header says ``enough: x`` gives its conclusion where values of ``?x`` together pass a
threshold: ``SUM(?share) AS ?total`` in its subquery and ``?total > ?threshold`` after it. The part
of them that a proof rests on is told here; the conditions of the rule say the same in SPARQL.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from kg.names import vit
from kg.reason.model import Fact, Ground, plain
from kg.reason.origin import Origin

#: What a term is called, in Dutch and in English.
Label = Callable[[Ground], tuple[str, str]]


class Added(NamedTuple):
    """What the solutions of a rule add up to.

    Attributes:
        values: what each record adds; records in the order of the largest share first.
        total, threshold: what they come to, and what that is held against.
        strict: whether the total must be more than the threshold, and not just as much.
        left_out: how many records more there are that the conclusion does not need.
    """

    values: tuple[tuple[Ground, Decimal], ...]
    total: Decimal
    threshold: Decimal
    strict: bool
    left_out: int


@dataclass(frozen=True)
class Summand:
    """One share: the record that states it, where that stands, and whose it is.

    ``path`` leads from who is concluded about to the holder: each has control over the next.
    """

    record: Ground
    share: Decimal
    path: tuple[Ground, ...]
    origin: tuple[Origin, ...]
    path_nl: tuple[str, ...]
    path_en: tuple[str, ...]


@dataclass(frozen=True)
class Sum:
    """Shares that add up to enough; see :class:`Added`."""

    summands: tuple[Summand, ...]
    owned: tuple[str, str]
    total: Decimal
    threshold: Decimal
    strict: bool
    left_out: int

    def line(self, language: str) -> str:
        """``34% + 20% = 54%, meer dan de drempel van 50%``."""
        dutch = language != "en"
        shares = [percent(one.share, language) for one in self.summands]
        total, limit = percent(self.total, language), percent(self.threshold, language)
        nl = f"{'meer dan' if self.strict else 'minstens'} de drempel van {limit}"
        en = f"{'more than' if self.strict else 'at least'} the threshold of {limit}"
        added = f"{' + '.join(shares)} = {total}" if len(shares) > 1 else total
        return f"{added}, {nl if dutch else en}"

    def lines(self, language: str) -> list[str]:
        """The sum, and each share with who holds it and where that was written."""
        dutch = language != "en"
        found = [self.line(language)]
        owned = self.owned[not dutch]
        for one in self.summands:
            path = " → ".join(one.path_nl if dutch else one.path_en)
            where = "; ".join(origin.text(language) for origin in one.origin)
            stands = f"; {'uit' if dutch else 'from'} {where}" if where else ""
            found.append(f"+ {path} ─{percent(one.share, language)}→ {owned}{stands}")
        if self.left_out:
            nl = f"belangen die meetellen en hiervoor niet nodig zijn: {self.left_out}"
            en = f"holdings that count and are not needed for this: {self.left_out}"
            found.append(nl if dutch else en)
        return found

    def to_json(self) -> dict[str, Any]:
        """Shares as numbers from 0 to 1, things as IRIs with their labels beside them."""
        return {
            "summands": [
                {
                    "record": plain(one.record),
                    "share": float(one.share),
                    "holder": plain(one.path[-1]),
                    "path": [plain(each) for each in one.path],
                    "path_labels": {"nl": list(one.path_nl), "en": list(one.path_en)},
                    "origin": [asdict(origin) for origin in one.origin],
                }
                for one in self.summands
            ],
            "total": float(self.total),
            "threshold": float(self.threshold),
            "must_be": "more" if self.strict else "at_least",
            "left_out": self.left_out,
        }


def summed(
    added: Added,
    conclusion: Fact,
    steps: Iterable[Fact],
    origins: Mapping[Fact, tuple[Origin, ...]],
    label: Label,
) -> Sum:
    """What was added up for a conclusion, in words.

    Args:
        steps: who directly controls whom, of all that the conclusion rests on.
        origins: where the premises were written.
    """
    controller, _, owned = conclusion
    next_to: dict[Ground, list[Ground]] = defaultdict(list)
    for one, _, other in steps:
        next_to[one].append(other)
    holders = {s: o for s, p, o in origins if p == vit("owner")}
    written = {s: found for (s, p, _), found in origins.items() if p == vit("share")}
    summands = []
    for record, share in added.values:
        path = _path(controller, holders.get(record, controller), next_to)
        names = [label(each) for each in path]
        nl, en = tuple(one[0] for one in names), tuple(one[1] for one in names)
        summands.append(Summand(record, share, path, written.get(record, ()), nl, en))
    return Sum(tuple(summands), label(owned), *added[1:])


def percent(share: Decimal, language: str) -> str:
    """A share as people write it, in full: ``33,4%``."""
    text = f"{(100 * share).normalize():f}%"
    return text.replace(".", ",") if language != "en" else text


def _path(start: Ground, end: Ground, next_to: Mapping[Ground, list[Ground]]) -> tuple[Ground, ...]:
    """The shortest way; start and end where none is told."""
    before: dict[Ground, Ground] = {}
    queue = deque([start])
    while queue and end not in before and start != end:
        one = queue.popleft()
        for other in next_to.get(one, ()):
            if other not in before and other != start:
                before[other] = one
                queue.append(other)
    path = [end]
    while path[-1] in before:
        path.append(before[path[-1]])
    return tuple(reversed(path if path[-1] == start else [end, start]))
