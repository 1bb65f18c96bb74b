"""From the reasoned graph to a Network; this is where RDF ends.

What becomes what:

    in the graph (asserted or inferred)        in the network
    ─────────────────────────────────────────  ──────────────────────────────────────────────────
    ?u a vit:FunctionalUnit                    a unit; vital when it is a vit:VitalProcess
    skos:prefLabel @nl, @en                    its labels (else any label, else its id)
    vit:inSector, vit:restartLag               sector; restart lag (unknown counts as 0)
    vit:unavailability                         the probability of an own cause; NaN when unknown
    its subclasses of vit:FunctionalUnit       its classes: the most specific ones, with those above
    its own vit:asWKT or geo:hasGeometry,      where it stands; several places are a collection
      else those of its vit:locatedAt
    vit:subSectorOf                            the wider sectors of a sector
    ?r a vit:Requirement                       a requirement of vit:requiredBy on vit:fulfilledBy
      vit:minimumFulfilled                       k (default: all fulfillers)
      vit:buffer, bufferLow, bufferHigh          buffer (else bufferLow); when both are unknown it
                                                 counts as 0 and is marked unknown
      vit:effect, vit:purpose                    fails | degrades, operation | restart
                                                 (default: fails, operation)
      vit:needsFull, refillTime,                 false, at once and unknown when absent
        substitutionTime
      vit:dependencyKind                         kind
    ?u vit:operatedBy ?o                       a requirement <u>/operatedBy/<id of o>: k = 1,
                                                 buffer 0 (known), fails, operation, logical
    ?u vit:suppliedBy ?o                       the same as <u>/suppliedBy/<id of o>
    ?s vit:coversRequirement ?r ;              24·d hours on top of the buffer of r, for every
       vit:daysOfCover ?d                        stock; the buffer itself stays (un)known
    vit:validFrom, vit:validUntil              on a unit, requirement or stock: it counts only on
                                                 analysis dates from the first to the last day
    ?r1 vit:conflictsWith ?r2 (requirements)   only the one with the better graded source counts,
                                                 then the newer source, then the smaller IRI

vit:partOf, vit:locatedAt and the like are not requirements. Where a property that should have one
value has several (which a validated graph does not), the smallest counts and a note says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode

from kg.names import DCTERMS, GEO, RDFS, VIT, local_id
from kg.network.assemble import RequirementRow, UnitRow, assemble
from kg.network.classes import Classes, classes_of
from kg.network.model import Network, Note
from kg.network.read import Reader
from kg.store import GraphStore

#: The coordinate system that WKT without one has as well.
_CRS84: Final = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"


def build_network(store: GraphStore) -> Network:
    """The network in a reasoned store: units, requirements and what is implied by the rest.

    Cost: a fixed number of selects with one pattern each, linear in their rows.

    Raises:
        KgError: a value is not what its property asks for (the store was not validated).
    """
    return _Extract(store).network()


class _Extract:
    """What one extraction knows; the selects are in the order of the table above."""

    def __init__(self, store: GraphStore) -> None:
        self.read = Reader(store)
        self.expired = self.read.expired

    def network(self) -> Network:
        units = self._units()
        known = {row.iri for row in units}
        requirements = [
            *self._requirements(known),
            *self._implicit("operatedBy", known),
            *self._implicit("suppliedBy", known),
        ]
        sectors = {row.sector for row in units if row.sector}
        labels, labels_en = self.read.labels(sectors)
        return assemble(
            units,
            requirements,
            {iri: labels.get(iri) or labels_en.get(iri, "") for iri in sectors},
            self.read.date,
            self.read.notes,
            self.classes,
            self._wider(sectors),
        )

    def _units(self) -> list[UnitRow]:
        found = self.read.instances("FunctionalUnit") - self.expired
        labels, labels_en = self.read.labels(found)
        sector = self.read.single("inSector")
        restart = self.read.hours("restartLag")
        vital = self.read.instances("VitalProcess")
        unavailability = self.read.fractions("unavailability")
        self.classes, class_sets = self._classes(found)
        places = self._places(found)
        return [
            UnitRow(
                iri,
                labels.get(iri, ""),
                labels_en.get(iri, ""),
                sector.get(iri),
                iri in vital,
                restart.get(iri),
                unavailability.get(iri),
                class_sets.get(iri, 0),
                places.get(iri, ""),
            )
            for iri in sorted(found)
        ]

    def _wider(self, sectors: set[str]) -> dict[str, set[str]]:
        """All sectors that each sector is part of, itself left out."""
        directly = self.read.several("subSectorOf")
        found: dict[str, set[str]] = {}
        for sector in sectors:
            queue, above = [sector], set[str]()
            while queue:
                new = set(directly.get(queue.pop(), ())) - above
                above |= new
                queue += new
            found[sector] = above - {sector}
        return found

    def _classes(self, units: set[str]) -> tuple[Classes, dict[str, int]]:
        """The classes of units, and per unit which set of most specific ones it has.

        Classes are few, so each is asked for its instances; what has no class of its own keeps the
        set that holds nothing but vit:FunctionalUnit.
        """
        root = f"<{VIT}FunctionalUnit>"
        rows = self.read.store.select(
            f"SELECT DISTINCT ?c ?d WHERE {{ ?c <{RDFS}subClassOf>* {root} . "
            f"?c <{RDFS}subClassOf>+ ?d . ?d <{RDFS}subClassOf>* {root} }}"
        ).rows
        above: dict[str, set[str]] = {}
        for lower, upper in rows:
            if isinstance(lower, NamedNode) and isinstance(upper, NamedNode):
                above.setdefault(lower.value, set()).add(upper.value)
        members = {
            iri: self.read.instances(iri.removeprefix(VIT)) & units
            for iri in sorted(above)
            if iri.startswith(VIT) and iri != VIT + "FunctionalUnit"
        }
        labels, labels_en = self.read.labels({*members, VIT + "FunctionalUnit"})
        return classes_of(VIT + "FunctionalUnit", members, above, labels, labels_en)

    def _places(self, units: set[str]) -> dict[str, str]:
        """Where units stand as WKT: their own geometry, else that of the places they are at."""
        shape = self.read.single("asWKT")
        own = dict(self.read.pairs("hasGeometry", GEO))
        if own:
            text = self.read.single("asWKT", GEO, several=True)
            shape |= {
                iri: text[geometry]
                for iri, geometry in sorted(own.items())
                if iri not in shape and geometry in text
            }
        at: dict[str, set[str]] = defaultdict(set)
        for unit, place in self.read.pairs("locatedAt"):
            if unit in units and place in shape and place not in self.expired:
                at[unit].add(shape[place])
        for unit in units & shape.keys():
            at[unit] = {shape[unit]}
        return {unit: _one_place(sorted(texts)) for unit, texts in at.items()}

    def _requirements(self, units: set[str]) -> Iterator[RequirementRow]:
        found = self.read.instances("Requirement") - self.expired
        found -= self._outvoted(found)
        labels, _ = self.read.labels(found)
        dependent = self.read.single("requiredBy")
        fulfillers: dict[str, list[str]] = defaultdict(list)
        for iri, unit in self.read.pairs("fulfilledBy"):
            fulfillers[iri].append(unit)
        minimum = self.read.integers("minimumFulfilled")
        buffer, low, high = (self.read.hours(one) for one in ("buffer", "bufferLow", "bufferHigh"))
        refill, substitution = self.read.hours("refillTime"), self.read.hours("substitutionTime")
        degrades = self.read.having("effect", f"<{VIT}degrades>")
        restart = self.read.having("purpose", f"<{VIT}restart>")
        full = self.read.having("needsFull", "true")
        kind = self.read.single("dependencyKind", several=True)
        stock = self._stock_hours()
        for iri in sorted(found):
            owner = dependent.get(iri, "")
            if owner in self.expired:
                continue
            yield RequirementRow(
                iri=iri,
                dependent=owner,
                fulfillers=tuple(unit for unit in fulfillers[iri] if unit in units),
                minimum=minimum.get(iri),
                buffer=buffer.get(iri, low.get(iri)),
                low=low.get(iri),
                high=high.get(iri),
                degrades=iri in degrades,
                restart=iri in restart,
                needs_full=iri in full,
                refill=refill.get(iri),
                substitution=substitution.get(iri),
                kind=kind.get(iri, "").removeprefix(VIT),
                label=labels.get(iri, ""),
                stock=stock.get(iri, 0.0),
            )

    def _implicit(self, local: str, units: set[str]) -> Iterator[RequirementRow]:
        for unit, organisation in sorted(set(self.read.pairs(local))):
            if unit in units and organisation in units:
                yield RequirementRow(
                    iri=f"{unit}/{local}/{local_id(organisation)}",
                    dependent=unit,
                    fulfillers=(organisation,),
                    minimum=1,
                    buffer=0.0,
                    kind="logical",
                    implicit=True,
                )

    def _stock_hours(self) -> dict[str, float]:
        days = self.read.single("daysOfCover")
        hours: dict[str, float] = defaultdict(float)
        for stock, requirement in sorted(set(self.read.pairs("coversRequirement"))):
            if stock in days and stock not in self.expired:
                hours[requirement] += 24 * float(days[stock])
        return dict(hours)

    def _outvoted(self, requirements: set[str]) -> set[str]:
        """Of requirements that contradict each other, all but the one that the analysis takes."""
        pairs = {
            (one, other)
            for one, other in self.read.pairs("conflictsWith")
            if one in requirements and other in requirements and one != other
        }
        if not pairs:
            return set()
        source = self.read.single("source", DCTERMS, several=True)
        grade, issued = self.read.single("grade"), self.read.single("issued", DCTERMS, several=True)

        def weight(iri: str) -> tuple[str, tuple[int, ...], str]:
            document = source.get(iri, "")
            newest_first = tuple(-ord(character) for character in issued.get(document, ""))
            return grade.get(document, "~"), newest_first, iri

        lost = set()
        for one, other in sorted(pairs):
            winner, loser = sorted((one, other), key=weight)
            if loser not in lost and winner not in lost:
                lost.add(loser)
                self.read.notes.append(
                    Note(
                        loser,
                        f"Vereiste {local_id(loser)} spreekt {local_id(winner)} tegen; gerekend "
                        "is met de laatste: beter beoordeelde of nieuwere bron.",
                        f"Requirement {local_id(loser)} contradicts {local_id(winner)}; the "
                        "latter is used: better graded or newer source.",
                    )
                )
        return lost


def _one_place(texts: list[str]) -> str:
    """Several places are one collection; a unit is where any of them is."""
    plain = [text.removeprefix(_CRS84).strip() for text in texts]
    return plain[0] if len(plain) == 1 else f"GEOMETRYCOLLECTION ({', '.join(plain)})"
