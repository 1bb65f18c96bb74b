"""What a contract would change: a release as it is, and with an offer in it.

An offer is data in the project's own form: rows of Organisation, Ownership, Product, Supply,
Contract, Requirement and whatever else it brings, with references to what the release has. It goes
through the same intake and the same shapes as any data, and is then compared **exactly**: what is
stated in the release is copied to a store in memory with the offer in graphs of its own, reasoned
over and made into a network, as :mod:`kg.build` would.

In an offer ``replacesSupply`` names a supply of the release: in every requirement that the old one
fulfils the new one takes its place (where several replace it, all of them), and the old one is
gone with whatever was said of it. What the requirement asks (buffer, substitution time) stays.

Cost: of a build without validating the release and without findings, nearly all of it loading and
reasoning: 2 seconds an offer on the shipped set (21,000 triples), 13 seconds on 10,000 units
(219,000 triples), on one core; linear in triples. Memory: about that of a build; the stores of all
offers are held until the answer is given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from pyoxigraph import NamedNode

from kg.errors import InconsistentError, InputError, Location, Problem
from kg.foreign.change import Change, change
from kg.foreign.control import Chain
from kg.foreign.question import Question
from kg.language import say
from kg.names import DERIVED_FROM, DERIVED_GRAPHS, G_FINDINGS, G_INFERRED, ID, RDF, VIT
from kg.network import build_network
from kg.network.model import Note
from kg.reason import reason
from kg.release import Release
from kg.resources import folder
from kg.schema import Schema
from kg.sources import Known, Staged, stage
from kg.store import EmbeddedStore, Graph
from kg.validate import Shapes, validate
from kg.validate.shacl import origin_location

Progress = Callable[[str], None]

_FULFILLED: Final = f"<{VIT}fulfilledBy>".encode()
_REPLACES: Final = f"<{VIT}replacesSupply>".encode()
_ORIGIN: Final = str(DERIVED_FROM).encode()
_UNDONE: Final = ("vergeleken", "compared")


class Supplied(NamedTuple):
    """A supply of the offer.

    Attributes:
        unit, supplier, product: IRIs; the latter may be empty.
        replaces: supplies of the release, IRIs.
        hands: per country that has it under its control the chain; those that the policy trusts
            as well, the others first.
    """

    unit: str
    supplier: str
    product: str
    replaces: tuple[str, ...]
    hands: tuple[tuple[str, Chain | None], ...]


class Contracted(NamedTuple):
    """A contract of the offer; value in euro over its whole term, days as ISO 8601."""

    contract: str
    customers: tuple[str, ...]
    suppliers: tuple[str, ...]
    subjects: tuple[str, ...]
    value: float | None
    since: str
    until: str


@dataclass(frozen=True, eq=False)
class Offer:
    """One offer against the present.

    Attributes:
        name: of the file or folder.
        replaced: per supply of the release what takes its place; IRIs.
        silent: ownerships of the offer that do not count on the date.
        remarks: what the shapes warn of, at file and row.
        notes: what the network says with the offer in it and does not say without.
    """

    name: str
    change: Change
    supplies: tuple[Supplied, ...]
    contracts: tuple[Contracted, ...]
    replaced: Mapping[str, tuple[str, ...]]
    silent: tuple[str, ...]
    remarks: tuple[Problem, ...]
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """Its part of the JSON of ``kg procure``."""
        name = self.change.after.name
        both = self.change.before, self.change.after
        both[1].learn(
            {iri for one in self.supplies for iri in (one.unit, one.supplier, one.product)}
            | {iri for one in self.contracts for iri in (*one.customers, *one.suppliers)}
        )
        return {
            "offer": self.name,
            "supplies": [
                {
                    "unit": one.unit,
                    "label": name(one.unit),
                    "supplier": one.supplier or None,
                    "supplier_label": name(one.supplier) if one.supplier else "",
                    "product": one.product or None,
                    "product_label": name(one.product) if one.product else "",
                    "replaces": [{"unit": iri, "label": both[0].name(iri)} for iri in one.replaces],
                    "hands": [
                        {
                            "country": country,
                            "label": name(country),
                            "trusted": country in both[1].terms.trusted,
                            "named": country in both[1].terms.risky,
                            "chain": [
                                {"iri": iri, "label": name(iri)}
                                for iri in (chain.links if chain else ())
                            ],
                            "evidence": list(chain.evidence if chain else ()),
                        }
                        for country, chain in one.hands
                    ],
                }
                for one in self.supplies
            ],
            "contracts": [
                {
                    "contract": one.contract,
                    "label": name(one.contract),
                    "customers": list(one.customers),
                    "suppliers": list(one.suppliers),
                    "subjects": list(one.subjects),
                    "value_euro": one.value,
                    "valid_from": one.since or None,
                    "valid_until": one.until or None,
                }
                for one in self.contracts
            ],
            "not_counted": list(self.silent),
            "remarks": [
                {"where": str(one.location), "code": one.code, "nl": one.nl, "en": one.en}
                for one in self.remarks
            ],
            "notes": [{"about": one.iri, "nl": one.nl, "en": one.en} for one in self.notes],
            **self.change.to_json(),
        }


@dataclass(frozen=True, eq=False)
class Offers:
    """Offers side by side, each against the present."""

    question: Question
    offers: tuple[Offer, ...]

    def to_json(self, release: str | None = None, level: str | None = None) -> dict[str, Any]:
        """The JSON of ``kg procure``; times in hours, values in euro."""
        return {
            "release": release,
            "level": level,
            **self.question.terms_json(),
            "offers": [one.to_json() for one in self.offers],
        }


def procure(
    release: Release,
    paths: Sequence[Path],
    *,
    policy: str | None = None,
    at: str | None = None,
    horizon_hours: float | None = None,
    progress: Progress | None = None,
) -> Offers:
    """Compare offers with a release as it is.

    The terms are those of the release: a policy or statement in an offer changes nothing.

    Args:
        paths: one file or folder per offer; each is called by its name, or by its path where
            several have the same.
        policy, at, horizon_hours: instead of the policy and date of the release, and its horizon.
        progress: called with the name of each step.

    Raises:
        UsageError: a path does not exist; an unknown policy, or not a date.
        InputError: something is wrong in an offer; all of it, of every offer, is listed.
        InconsistentError: with the offer in it the data contradict the ontology.
    """
    step = progress or _silent
    short = [path.resolve().name for path in paths]
    names = [
        one if short.count(one) == 1 else str(path) for one, path in zip(short, paths, strict=True)
    ]
    before = Question(release.store, release.network(), policy, at, horizon_hours)
    known = _known(release)
    checked = []
    problems: list[Problem] = []
    for name, path in zip(names, paths, strict=True):
        step(say(f"lezen: {name}", f"reading: {name}"))
        staged = stage([path], Schema.load(folder("ontology")), known=known)
        wrong = list(staged.problems) or _refused(release, staged, known, name)
        replaced, unfit = ({}, []) if wrong else _replaced(release, staged)
        wrong += unfit
        remarks: list[Problem] = []
        if not wrong:
            step(say(f"valideren: {name}", f"validating: {name}"))
            wrong, remarks = _against_shapes(release, staged)
        problems += wrong
        checked.append((name, staged, replaced, remarks))
    if problems:
        raise InputError(problems, _UNDONE)
    found = []
    for name, staged, replaced, remarks in checked:
        found.append(_compared(release, before, name, staged, replaced, remarks, step))
    return Offers(before, tuple(found))


def _compared(
    release: Release,
    before: Question,
    name: str,
    staged: Staged,
    replaced: Mapping[str, tuple[str, ...]],
    remarks: Sequence[Problem],
    step: Progress,
) -> Offer:
    def named(text: str) -> None:
        step(f"{name}: {text}")

    def told(done: int, count: int) -> None:
        named(say(f"land {done} van {count}", f"country {done} of {count}"))

    store = _with_offer(release, staged, replaced, named)
    after = before.beside(store, build_network(store))
    return _offer(name, change(before, after, told), _things(staged), replaced, remarks)


# --- reading -----------------------------------------------------------------------------------


def _known(release: Release) -> Known:
    """What an offer may refer to."""
    store, graph = release.store, Graph(release.store)
    rows = store.select(
        f"SELECT DISTINCT ?s ?g WHERE {{ GRAPH ?g {{ ?s <{RDF}type> ?class }} }}"
    ).rows
    things = {
        _key(thing.value)
        for thing, place in rows
        if isinstance(thing, NamedNode)
        and isinstance(place, NamedNode)
        and place.value not in DERIVED_GRAPHS
    }
    marking = graph.single("marking")
    return Known(
        frozenset(things),
        {_key(one): _key(marking[one]) for one in graph.instances("Source") if one in marking},
        {_key(one): int(rank) for one, rank in graph.single("rank").items()},
    )


def _key(iri: str) -> str:
    """As the intake calls it: the id, or the IRI of what is outside our namespace."""
    return iri.removeprefix(ID)


def _refused(release: Release, staged: Staged, known: Known, name: str) -> list[Problem]:
    """An offer without anything in it, or more secret than what it is compared with."""
    if not staged.graphs:
        return [
            Problem(
                Location(name),
                "offer.empty",
                "Dit aanbod is leeg; geef ten minste een levering, organisatie of eigendom.",
                "This offer is empty; give at least a supply, organisation or ownership.",
            )
        ]
    rank = known.markings.get(release.level, 0)
    return [
        Problem(
            Location(graph.name),
            "offer.marking",
            f"Dit is gemarkeerd als {graph.marking}, hoger dan het niveau {release.level} van de "
            f"release; vergelijk met --level {graph.marking} of hoger.",
            f"This is marked {graph.marking}, above the level {release.level} of the release; "
            f"compare with --level {graph.marking} or higher.",
        )
        for graph in staged.graphs
        if staged.markings[graph.marking] > rank
    ]


def _things(staged: Staged) -> frozenset[str]:
    """The IRIs of what the offer describes."""
    return frozenset(
        _iri(line.partition(b" ")[0])
        for graph in staged.graphs
        for line in graph.ntriples.splitlines()
        if line.startswith(b"<")
    )


def _replaced(release: Release, staged: Staged) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """Which supply of the release is replaced by what, and what cannot be replaced."""
    supplies = set(Graph(release.store).instances("Supply"))
    found: dict[str, list[str]] = {}
    problems = []
    lines = [line.split(b" ", 2) for graph in staged.graphs for line in graph.ntriples.splitlines()]
    origin = {_iri(one): _iri(value) for one, predicate, value in lines if predicate == _ORIGIN}
    for one, predicate, value in lines:
        if predicate == _REPLACES:
            new, old = _iri(one), _iri(value)
            if old in supplies:
                found.setdefault(old, []).append(new)
                continue
            problems.append(
                Problem(
                    origin_location(origin.get(new, ""), "replacesSupply"),
                    "offer.replaces",
                    f"'{_key(old)}' is geen levering van de release; een aanbod vervangt een "
                    "levering die er al is.",
                    f"'{_key(old)}' is not a supply of the release; an offer replaces a supply "
                    "that is there.",
                )
            )
    return {old: tuple(sorted(news)) for old, news in sorted(found.items())}, problems


def _iri(term: bytes) -> str:
    """Of a term as it stands in a line, the last one with its full stop."""
    return term.removesuffix(b" .").decode()[1:-1]


def _against_shapes(release: Release, staged: Staged) -> tuple[list[Problem], list[Problem]]:
    """What the shapes say of the things of the offer: violations, and the rest.

    They see the offer and what it refers to, directly or through others, with the ownership of
    that: not the whole release, which was validated when it was built.
    """
    own = _things(staged)
    shapes = Shapes.load(folder("shapes"), folder("ontology"))
    beside = _context(release.store, staged)
    report = validate(
        [*(graph.ntriples for graph in staged.graphs), beside], shapes, staged.true_rows
    )
    found = [one for one in report.results if one.focus in own]
    return (
        [one.to_problem() for one in found if one.severity == "Violation"],
        [one.to_problem() for one in found if one.severity == "Warning"],
    )


def _context(store: EmbeddedStore, staged: Staged) -> bytes:
    """What the release states about whatever the offer refers to, and so on."""
    derived = ", ".join(f"<{one}>" for one in sorted(DERIVED_GRAPHS))
    found: set[bytes] = set()
    seen: set[str] = set()
    todo = _objects(line for graph in staged.graphs for line in graph.ntriples.splitlines())
    while todo := todo - seen:
        seen |= todo
        values = " ".join(f"<{one}>" for one in sorted(todo))
        lines: set[bytes] = set()
        for pattern in ("", f"?s <{VIT}owned> ?it ."):
            subject = "?s" if pattern else "?it"
            lines.update(
                store.construct(
                    f"CONSTRUCT {{ {subject} ?p ?o }} WHERE {{ VALUES ?it {{ {values} }} "
                    f"{pattern} GRAPH ?g {{ {subject} ?p ?o }} FILTER (?g NOT IN ({derived})) }}"
                ).splitlines()
            )
        found |= lines
        todo = _objects(lines)
    return b"".join(line + b"\n" for line in sorted(found))


def _objects(lines: Iterable[bytes]) -> set[str]:
    """The things in our namespace, or outside every vocabulary, that lines refer to."""
    return {
        value.decode()[1:-1]
        for value in (line.removesuffix(b" .").rpartition(b" ")[2] for line in lines)
        if value.startswith(b"<" + ID.encode()) and value.endswith(b">")
    }


# --- the world with the offer in it ------------------------------------------------------------


def _with_offer(
    release: Release, staged: Staged, replaced: Mapping[str, tuple[str, ...]], step: Progress
) -> EmbeddedStore:
    """What the release states, and the offer, reasoned over; in memory."""
    store = EmbeddedStore.memory()
    step(say("laden", "loading"))
    for graph in release.store.graphs():
        if graph not in (G_INFERRED, G_FINDINGS):
            store.load(graph, _with_replacements(release.store.ntriples(graph), replaced))
    for one in staged.graphs:
        lines = [
            line
            for line in one.ntriples.splitlines(keepends=True)
            if line.split(b" ", 2)[1] != _REPLACES
        ]
        store.load(one.iri + "~offer", b"".join(lines))
    step(say("redeneren", "reasoning"))
    reasoned = reason(store, folder("ontology"), folder("queries") / "rules")
    if reasoned.inconsistencies:
        raise InconsistentError([str(one) for one in reasoned.inconsistencies])
    step(say("netwerk", "network"))
    return store


def _with_replacements(ntriples: bytes, replaced: Mapping[str, tuple[str, ...]]) -> bytes:
    """The lines of a graph in which other supplies stand for those that are replaced."""
    for old, news in replaced.items():
        name = f"<{old}>".encode()
        if name not in ntriples:
            continue
        ending = b" " + name + b" ."  # no literal ends so: a datatype follows its text at once
        lines = []
        for line in ntriples.splitlines(keepends=True):
            if line.startswith(name):
                continue
            if not line.rstrip().endswith(ending):
                lines.append(line)
            elif (parts := line.split(b" ", 2))[1] == _FULFILLED:
                need = parts[0] + b" " + _FULFILLED
                lines += [need + f" <{new}> .\n".encode() for new in news]
        ntriples = b"".join(lines)
    return ntriples


# --- what it brings ----------------------------------------------------------------------------


def _offer(
    name: str,
    found: Change,
    things: frozenset[str],
    replaced: Mapping[str, tuple[str, ...]],
    remarks: Sequence[Problem],
) -> Offer:
    after = found.after
    graph = after.graph
    suppliers, products = graph.single("suppliedBy"), graph.single("ofProduct")
    controlled = after.control.units(after.network, trusted=True)
    supplies = []
    for unit in (one for one in graph.instances("Supply") if one in things):
        place = after.network.index(unit) if unit in after.network else None
        hands = sorted(
            (country for country, units in controlled.items() if place in units),
            key=lambda country: (country in after.terms.trusted, country),
        )
        supplies.append(
            Supplied(
                unit,
                suppliers.get(unit, ""),
                products.get(unit, ""),
                tuple(old for old, news in replaced.items() if unit in news),
                tuple((country, after.control.chain(unit, country)) for country in hands),
            )
        )
    counted = {one.iri for records in after.control.stakes.owned.values() for one in records}
    return Offer(
        name,
        found,
        tuple(supplies),
        tuple(_contracts(graph, things)),
        replaced,
        tuple(one for one in graph.instances("Ownership") if one in things - counted),
        tuple(remarks),
        tuple(sorted(set(after.network.notes) - set(found.before.network.notes))),
    )


def _contracts(graph: Graph, things: frozenset[str]) -> Iterable[Contracted]:
    customers, suppliers = graph.several("contractingParty"), graph.several("contractSupplier")
    subjects, value = graph.several("contractSubject"), graph.single("contractValue")
    since, until = graph.single("validFrom"), graph.single("validUntil")
    for one in graph.instances("Contract"):
        if one in things:
            yield Contracted(
                one,
                tuple(customers.get(one, ())),
                tuple(suppliers.get(one, ())),
                tuple(subjects.get(one, ())),
                float(value[one]) if one in value else None,
                since.get(one, "")[:10],
                until.get(one, "")[:10],
            )


def _silent(_: str) -> None:
    """No progress wanted."""
