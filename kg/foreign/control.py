"""Who controls what, and through which chain a country controls a unit, with the facts behind it.

**Control.** This is the company control problem: x controls y when the shares in y of x and of all
that x controls add up to more than the policy's threshold, or when a source establishes control
(a golden share, a consolidation) of x or of something that x controls, whatever the share. What
holds is the least set that satisfies this, so organisations that own each other control each other
only where their shares say so. It is monotone: more shares never take control away. Per record
only what is valid on the date counts, and of records about the same holding the highest (see
:mod:`kg.foreign.stakes`). Two owners with their seat in one country do not by that alone act
together: they control what they hold together only when one of them, or a third, controls both.

**Joint control.** A source may establish it. It is inferred of y where no one controls y alone and
two or more, with nothing in common, each hold the policy's joint threshold or more (with what they
control): with an equal half each can block the other. Both have it under their control, since each
can withdraw it. Joint control does not add up: shares that a joint venture holds are those of none
of its parents alone. A half beside scattered shares can block too, and controls nothing jointly.

Sources: S. Ceri, G. Gottlob and L. Tanca, What you always wanted to know about Datalog, IEEE
Transactions on Knowledge and Data Engineering 1 (1989) 146-166, for the fixpoint; Commission
Consolidated Jurisdictional Notice, OJ C 95, 16.4.2008, points 54 and 62 to 64, for joint control.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from kg.foreign.holdings import integrated
from kg.foreign.policy import Terms
from kg.foreign.stakes import Stakes
from kg.network import Network
from kg.store import Graph

#: From a unit or organisation to who or what it takes its control from.
_UPWARDS: Final = ("operatedBy", "suppliedBy", "ofProduct", "manufacturer")

#: What integrated shares may differ from exact ones, so that a tenth is not more than a tenth.
_ROUNDING: Final = 1e-9
#: Who stands directly above something, and the records of ownership that say so.
_Above = dict[str, dict[str, tuple[str, ...]]]


class Chain(NamedTuple):
    """From the organisation with its seat in the country down to the unit.

    Attributes:
        links: the organisations and the unit, IRIs.
        evidence: everything that says so, sorted IRIs.
        records: per step between two links the IRIs of the ownerships behind it: all that add up,
            with those that give control of who holds them; none where one operates, supplies or
            makes the other.
    """

    links: tuple[str, ...]
    evidence: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]


class Control:
    """Answers for one graph; the shortest chain, then the one with the smallest IRIs.

    Ownership is read as it was stated, never what was inferred from it, so that any date and any
    policy can be asked about.

    Args:
        stakes: instead of the records in the graph.
        seats: of organisations that are not in the graph, the countries.

    Attributes:
        stakes: the records that it goes by.
    """

    def __init__(
        self,
        graph: Graph,
        terms: Terms,
        stakes: Stakes | None = None,
        seats: Mapping[str, str] | None = None,
    ) -> None:
        self._terms = terms
        self._seat = graph.several("seat") | {
            iri: [country] for iri, country in (seats or {}).items()
        }
        #: Stated outright, of a thing whose owners are not in the data.
        self._stated: dict[str, list[str]] = {}
        for thing, country in graph.asserted("underControlOf"):
            self._stated.setdefault(thing, []).append(country)
        self.stakes = Stakes(graph, terms.date) if stakes is None else stakes
        self._alone = self._controlling()
        self._joint = {owned: found for owned in self.stakes.owned if (found := self._both(owned))}
        self._up: dict[str, list[str]] = {}
        #: What each supply supplies, and who makes each product.
        self.supplied: list[tuple[str, str]] = []
        self.makers: list[tuple[str, str]] = []
        kept = {"ofProduct": self.supplied, "manufacturer": self.makers}
        for local in _UPWARDS:
            pairs = graph.pairs(local)
            kept.get(local, []).extend(pairs)
            for subject, value in pairs:
                self._up.setdefault(subject, []).append(value)
        for given in (self._alone, self._joint):
            for owned, owners in given.items():
                self._up.setdefault(owned, []).extend(owners)
        self._products = {product for _, product in self.supplied}
        self._known: dict[tuple[str, str], Chain | None] = {}
        self._over: dict[str, frozenset[str]] = {}

    def units(self, network: Network, *, trusted: bool = False) -> dict[str, list[int]]:
        """The units under the control of each country outside the trusted groups, sorted.

        ``trusted``: of the countries in the trusted groups as well.
        """
        below: dict[str, list[str]] = {}
        for node, above in self._up.items():
            for one in above:
                below.setdefault(one, []).append(node)
        seats: dict[str, list[str]] = {}
        for given in (self._seat, self._stated):
            for thing, countries in given.items():
                for country in countries:
                    seats.setdefault(country, []).append(thing)
        found = {}
        left_out = frozenset() if trusted else self._terms.trusted
        for country in sorted(seats.keys() - left_out):
            seen, queue = set(seats[country]), list(seats[country])
            while queue:
                for one in below.get(queue.pop(), ()):
                    if one not in seen:
                        seen.add(one)
                        queue.append(one)
            if units := sorted(network.index(one) for one in seen if one in network):
                found[country] = units
        return found

    def chain(self, unit: str, country: str) -> Chain | None:
        """The chain from ``country`` to ``unit``; None when the facts give none."""
        if (unit, country) not in self._known:
            self._known[unit, country] = self._search(
                unit, lambda node: country in self._seat.get(node, ())
            ) or self._search(unit, lambda node: country in self._stated.get(node, ()))
        return self._known[unit, country]

    def chain_from(self, unit: str, controller: str) -> Chain | None:
        """The chain from an organisation to what it has under its control; None without one."""
        return self._search(unit, lambda node: node == controller)

    def above(self, unit: str) -> frozenset[str]:
        """Every organisation that has it under its control, alone or jointly; not the unit."""
        if unit not in self._over:
            seen, queue = {unit}, [unit]
            while queue:
                for one in self._up.get(queue.pop(), ()):
                    if one not in seen:
                        seen.add(one)
                        queue.append(one)
            self._over[unit] = frozenset(seen - self._products - {unit})
        return self._over[unit]

    def seats(self, organisation: str) -> list[str]:
        """The countries where it has its own seat, sorted."""
        return sorted(self._seat.get(organisation, ()))

    def alone(self) -> frozenset[tuple[str, str]]:
        """Every (owned, owner) with control alone: directly, or the lowest that adds up to it."""
        return _pairs(self._alone)

    def jointly(self) -> frozenset[tuple[str, str]]:
        """Every (owned, owner) with joint control, the lowest of each chain."""
        return _pairs(self._joint)

    def countries(self, organisation: str) -> frozenset[str]:
        """The seats of those at the top: whom nobody else controls."""
        seen, queue = {organisation}, deque([organisation])
        found: set[str] = set()
        while queue:
            node = queue.popleft()
            above = [one for one in self._up.get(node, ()) if one not in seen]
            if not self._up.get(node):
                found.update(self._seat.get(node, ()))
            seen.update(above)
            queue.extend(above)
        # Owners in a circle have nobody above them: all of them count.
        return frozenset(found or {c for node in seen for c in self._seat.get(node, ())})

    def controllers(self, organisation: str) -> frozenset[str]:
        """Everyone else who controls it alone, directly or through others."""
        return frozenset(_reached(self._alone, organisation) - {organisation})

    def joint_controllers(self, organisation: str) -> frozenset[str]:
        """Everyone who controls it together with another."""
        stated = {one.owner for one in self.stakes.owned.get(organisation, ()) if one.joint}
        return frozenset(stated.union(_apart(self._blocking(organisation))))

    def blockers(self, organisation: str) -> frozenset[str]:
        """Who can block its decisions, where no one controls it alone: see joint control."""
        return frozenset(self._blocking(organisation))

    def holdings(self, organisation: str) -> dict[str, float]:
        """Who has which share of it along all paths, from 0 to 1, largest first.

        Control without a share counts for nothing here. See :mod:`kg.foreign.holdings`.

        Raises:
            KgError: owners above it own each other whole.
        """
        return integrated(organisation, self.direct_shares)

    def influence(self, organisation: str) -> dict[str, float]:
        """Whose integrated share exceeds the policy's threshold of significant influence, and who
        controls it neither alone nor jointly; largest first. Empty when the policy has none.

        Raises:
            KgError: as :meth:`holdings`.
        """
        least = self._terms.influence_threshold
        if least is None:
            return {}
        control = self.controllers(organisation) | self.joint_controllers(organisation)
        return {
            owner: share
            for owner, share in self.holdings(organisation).items()
            if share > least + _ROUNDING and owner != organisation and owner not in control
        }

    def direct_shares(self, organisation: str) -> dict[str, float]:
        """Its owners on the date and the share of each, from 0 to 1; by IRI of the record."""
        counted = self.stakes.counted(organisation, self.stakes.owners(organisation))
        return {one.owner: float(one.share) for one in counted}

    # --- control alone -------------------------------------------------------------------------

    def _controlling(self) -> _Above:
        """The least fixpoint, in rounds: what a round finds holds from the next one on."""
        threshold = _exact(self._terms.threshold)
        above: _Above = {}
        for owned, records in self.stakes.owned.items():
            for one in records:
                if one.asserted or one.share > threshold:
                    found = above.setdefault(owned, {})
                    found[one.owner] = (*found.get(one.owner, ()), one.iri)
        # Only where there are several owners can shares add up.
        owners_of = self.stakes.owners
        shared = {one: owners for one in self.stakes.owned if len(owners := owners_of(one)) > 1}
        while True:
            fresh = {
                owned: found
                for owned, owners in shared.items()
                if (found := self._together(above, owned, owners, threshold))
            }
            if not fresh:
                return above
            for owned, found in fresh.items():
                above.setdefault(owned, {}).update(found)

    def _together(
        self, above: _Above, owned: str, owners: list[str], threshold: Decimal
    ) -> dict[str, tuple[str, ...]]:
        """Who has not yet, but by adding up controls ``owned``, with the records; the lowest."""
        known = _reached(above, owned)
        reaching = {
            controller: ours
            for controller, ours in _through(above, owners).items()
            if controller not in known
            and len(ours) > 1
            and sum(one.share for one in self.stakes.counted(owned, ours)) > threshold
        }
        found = {}
        for controller in _lowest(above, reaching):
            ours = reaching[controller]
            records = {one.iri for one in self.stakes.counted(owned, ours)}
            for owner in ours:
                records.update(_records(above, controller, owner))
            found[controller] = tuple(sorted(records))
        return found

    # --- joint control -------------------------------------------------------------------------

    def _blocking(self, owned: str) -> dict[str, set[str]]:
        """Who can block, and through which owners it holds; nobody where one controls alone."""
        if self._terms.joint_threshold is None or self._alone.get(owned):
            return {}
        least = _exact(self._terms.joint_threshold)
        return {
            controller: ours
            for controller, ours in _through(self._alone, self.stakes.owners(owned)).items()
            if controller != owned
            and sum(one.share for one in self.stakes.counted(owned, ours)) >= least
        }

    def _both(self, owned: str) -> dict[str, tuple[str, ...]]:
        """Who controls it jointly, the lowest of each chain, with the records."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.stakes.owned[owned]:
            if one.joint:
                found[one.owner] = (*found.get(one.owner, ()), one.iri)
        joint = _apart(self._blocking(owned))
        for controller in _lowest(self._alone, joint):
            records = {one.iri for one in self.stakes.counted(owned, joint[controller])}
            for owner in joint[controller]:
                records.update(_records(self._alone, controller, owner))
            found[controller] = tuple(sorted(records.union(found.get(controller, ()))))
        return found

    # --- chains --------------------------------------------------------------------------------

    def _search(self, unit: str, found: Callable[[str], bool]) -> Chain | None:
        previous: dict[str, str] = {}
        seen, queue = {unit}, deque([unit])
        while queue:
            node = queue.popleft()
            if found(node):
                links = [node]
                while links[-1] != unit:
                    links.append(previous[links[-1]])
                return self._told(links)
            for above in sorted(self._up.get(node, ())):
                if above not in seen:
                    seen.add(above)
                    previous[above] = node
                    queue.append(above)
        return None

    def _told(self, links: list[str]) -> Chain:
        evidence = {links[0]}  # it says where its seat is
        steps = []
        for owner, owned in pairwise(links):
            alone = self._alone.get(owned, {}).get(owner)
            records = alone or self._joint.get(owned, {}).get(owner, ())
            evidence.update(records or (owned,))
            steps.append(records)
        return Chain(tuple(links), tuple(sorted(evidence)), tuple(steps))


def _pairs(above: _Above) -> frozenset[tuple[str, str]]:
    return frozenset((owned, owner) for owned, owners in above.items() for owner in owners)


def _exact(threshold: float) -> Decimal:
    """The number as it was written: 0.1 is a tenth, not the nearest binary fraction."""
    return Decimal(repr(threshold))


def _reached(above: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """The start and everyone above it."""
    seen, queue = {start}, [start]
    while queue:
        for one in above.get(queue.pop(), ()):
            if one not in seen:
                seen.add(one)
                queue.append(one)
    return seen


def _through(above: _Above, owners: Iterable[str]) -> dict[str, set[str]]:
    """Everyone who is or controls one of these owners → those that it is or controls."""
    found: dict[str, set[str]] = {}
    for owner in owners:
        for one in _reached(above, owner):
            found.setdefault(one, set()).add(owner)
    return found


def _apart(blocking: dict[str, set[str]]) -> dict[str, set[str]]:
    """Those beside whom another can block that has no owner in common with them."""
    return {
        one: ours
        for one, ours in blocking.items()
        if any(ours.isdisjoint(others) for others in blocking.values())
    }


def _lowest(above: _Above, among: Iterable[str]) -> list[str]:
    """Those that control no other of them, unless that controls them in turn; sorted."""
    reached = {one: _reached(above, one) for one in among}
    return [
        one
        for one in sorted(reached)
        if not any(one in up and other not in reached[one] for other, up in reached.items())
    ]


def _records(above: _Above, controller: str, owner: str) -> set[str]:
    """The records on the shortest way from an owner up to who controls it."""
    previous = {owner: owner}
    queue = deque([owner])
    while controller not in previous:
        node = queue.popleft()
        for one in sorted(above.get(node, ())):
            if one not in previous:
                previous[one] = node
                queue.append(one)
    found: set[str] = set()
    while controller != owner:
        below = previous[controller]
        found.update(above[below][controller])
        controller = below
    return found
