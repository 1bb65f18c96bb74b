"""From the reasoned graph to a Network; this is where RDF ends.

What becomes what:

    in the graph (asserted or inferred)        in the network
    ─────────────────────────────────────────  ──────────────────────────────────────────────────
    ?u a vit:FunctionalUnit                    a unit; vital when it is a vit:VitalProcess
    skos:prefLabel @nl, @en                    its labels (else any label, else its id)
    vit:inSector, vit:restartLag               sector; restart lag (unknown counts as 0)
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
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from pyoxigraph import Literal, NamedNode

from kg.errors import KgError
from kg.names import ANALYSIS, DCTERMS, ID, RDF, SKOS, VIT, local_id
from kg.network.assemble import RequirementRow, UnitRow, assemble
from kg.network.durations import parse_hours
from kg.network.model import Network, Note
from kg.store import GraphStore

N = TypeVar("N", int, float)


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
        self.store = store
        self.notes: list[Note] = []
        self.date = min(
            (value for subject, value in self._pairs("analysisDate") if subject == ANALYSIS),
            default="",
        )
        self.expired = self._expired()

    def network(self) -> Network:
        units = self._units()
        known = {row.iri for row in units}
        requirements = [
            *self._requirements(known),
            *self._implicit("operatedBy", known),
            *self._implicit("suppliedBy", known),
        ]
        sectors = {row.sector for row in units if row.sector}
        labels, labels_en = self._labels(sectors)
        return assemble(
            units,
            requirements,
            {iri: labels.get(iri) or labels_en.get(iri, "") for iri in sectors},
            self.date,
            self.notes,
        )

    def _units(self) -> list[UnitRow]:
        found = self._instances("FunctionalUnit") - self.expired
        labels, labels_en = self._labels(found)
        sector = self._single("inSector")
        restart = self._hours("restartLag")
        vital = self._instances("VitalProcess")
        return [
            UnitRow(
                iri,
                labels.get(iri, ""),
                labels_en.get(iri, ""),
                sector.get(iri),
                iri in vital,
                restart.get(iri),
            )
            for iri in sorted(found)
        ]

    def _requirements(self, units: set[str]) -> Iterator[RequirementRow]:
        found = self._instances("Requirement") - self.expired
        found -= self._outvoted(found)
        labels, _ = self._labels(found)
        dependent = self._single("requiredBy")
        fulfillers: dict[str, list[str]] = defaultdict(list)
        for iri, unit in self._pairs("fulfilledBy"):
            fulfillers[iri].append(unit)
        minimum = self._integers("minimumFulfilled")
        buffer, low, high = (self._hours(one) for one in ("buffer", "bufferLow", "bufferHigh"))
        refill, substitution = self._hours("refillTime"), self._hours("substitutionTime")
        degrades = self._with("effect", f"<{VIT}degrades>")
        restart = self._with("purpose", f"<{VIT}restart>")
        full = self._with("needsFull", "true")
        kind = self._single("dependencyKind", several=True)
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
        for unit, organisation in sorted(set(self._pairs(local))):
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
        days = self._single("daysOfCover")
        hours: dict[str, float] = defaultdict(float)
        for stock, requirement in sorted(set(self._pairs("coversRequirement"))):
            if stock in days and stock not in self.expired:
                hours[requirement] += 24 * float(days[stock])
        return dict(hours)

    def _outvoted(self, requirements: set[str]) -> set[str]:
        """Of requirements that contradict each other, all but the one that the analysis takes."""
        pairs = {
            (one, other)
            for one, other in self._pairs("conflictsWith")
            if one in requirements and other in requirements and one != other
        }
        if not pairs:
            return set()
        source = self._single("source", DCTERMS, several=True)
        grade, issued = self._single("grade"), self._single("issued", DCTERMS, several=True)

        def weight(iri: str) -> tuple[str, tuple[int, ...], str]:
            document = source.get(iri, "")
            newest_first = tuple(-ord(character) for character in issued.get(document, ""))
            return grade.get(document, "~"), newest_first, iri

        lost = set()
        for one, other in sorted(pairs):
            winner, loser = sorted((one, other), key=weight)
            if loser not in lost and winner not in lost:
                lost.add(loser)
                self.notes.append(
                    Note(
                        loser,
                        f"Vereiste {local_id(loser)} spreekt {local_id(winner)} tegen; gerekend "
                        "is met de laatste: beter beoordeelde of nieuwere bron.",
                        f"Requirement {local_id(loser)} contradicts {local_id(winner)}; the "
                        "latter is used: better graded or newer source.",
                    )
                )
        return lost

    def _expired(self) -> set[str]:
        """Everything that is not valid on the analysis date; ISO dates compare as text."""
        if not self.date:
            return set()
        early = {iri for iri, value in self._pairs("validFrom") if value[:10] > self.date}
        late = {iri for iri, value in self._pairs("validUntil") if value[:10] < self.date}
        return early | late

    def _instances(self, local: str) -> set[str]:
        rows = self.store.select(f"SELECT ?s WHERE {{ ?s <{RDF}type> <{VIT}{local}> }}").rows
        return {row[0].value for row in rows if isinstance(row[0], NamedNode)}

    def _with(self, local: str, value: str) -> set[str]:
        """Everything that has this very value: far fewer rows than reading all values."""
        rows = self.store.select(f"SELECT ?s WHERE {{ ?s <{VIT}{local}> {value} }}").rows
        return {row[0].value for row in rows if isinstance(row[0], NamedNode)}

    def _pairs(self, local: str, namespace: str = VIT) -> list[tuple[str, str]]:
        rows = self.store.select(f"SELECT ?s ?o WHERE {{ ?s <{namespace}{local}> ?o }}").rows
        return [
            (subject.value, value.value)
            for subject, value in rows
            if isinstance(subject, NamedNode) and isinstance(value, NamedNode | Literal)
        ]

    def _single(self, local: str, namespace: str = VIT, *, several: bool = False) -> dict[str, str]:
        """One value per subject, the smallest; more than one is noted unless that may be."""
        found: dict[str, str] = {}
        for subject, value in self._pairs(local, namespace):
            earlier = found.get(subject)
            if earlier is None or earlier == value:
                found[subject] = value
                continue
            found[subject] = min(earlier, value)
            if not several:
                self._note_several(subject, local)
        return found

    def _hours(self, local: str) -> dict[str, float]:
        return self._numbers(local, parse_hours, ("een duur zoals PT4H", "a duration like PT4H"))

    def _integers(self, local: str) -> dict[str, int]:
        return self._numbers(local, _integer, ("een geheel getal", "a whole number"))

    def _numbers(
        self, local: str, parse: Callable[[str], N | None], wanted: tuple[str, str]
    ) -> dict[str, N]:
        """The smallest value per subject; several are noted, what is none is refused."""
        found: dict[str, N] = {}
        for subject, text in self._pairs(local):
            value = parse(text)
            if value is None or value < 0:
                raise KgError(
                    "network.value",
                    f"{local_id(subject)}: '{text}' bij {local} is niet {wanted[0]}.",
                    f"{local_id(subject)}: '{text}' for {local} is not {wanted[1]}.",
                )
            earlier = found.get(subject, value)
            found[subject] = min(earlier, value)
            if earlier != value:
                self._note_several(subject, local)
        return found

    def _note_several(self, subject: str, local: str) -> None:
        if subject.startswith(ID):
            self.notes.append(
                Note(
                    subject,
                    f"{local_id(subject)} heeft meer waarden voor {local}; de kleinste telt.",
                    f"{local_id(subject)} has several values for {local}; the smallest counts.",
                )
            )

    def _labels(self, wanted: set[str]) -> tuple[dict[str, str], dict[str, str]]:
        if not hasattr(self, "_all_labels"):
            self._all_labels = self._read_labels()
        nl, en = self._all_labels
        return _part(nl, wanted), _part(en, wanted)

    def _read_labels(self) -> tuple[dict[str, str], dict[str, str]]:
        """All labels, Dutch and English; a label in another language counts as Dutch."""
        rows = self.store.select(f"SELECT ?s ?o WHERE {{ ?s <{SKOS}prefLabel> ?o }}").rows
        by_language: dict[str, dict[str, str]] = {"nl": {}, "en": {}, "": {}}
        for subject, value in rows:
            if isinstance(subject, NamedNode) and isinstance(value, Literal):
                language = (value.language or "").partition("-")[0].lower()
                labels = by_language.get(language, by_language[""])
                text = value.value
                labels[subject.value] = min(labels.get(subject.value, text), text)
        return {**by_language[""], **by_language["nl"]}, by_language["en"]


def _part(labels: Mapping[str, str], wanted: set[str]) -> dict[str, str]:
    return {iri: labels[iri] for iri in wanted if iri in labels}


def _integer(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
