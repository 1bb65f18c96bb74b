"""RDF files become things: parsed by Oxigraph, every statement held against the ontology.

Named graphs are folded into the graph of the file; relative IRIs are ids (``<grid>``); blank nodes
get IRIs that depend on the file and their order in it, and the sources of what refers to them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from kg.names import DCTERMS, DERIVED_FROM, ID, RDF_TYPE, SOURCE, VIT, shorten
from kg.schema import Schema
from kg.sources.checks import CHECKED, faults
from kg.sources.encoding import is_utf8, without_mark
from kg.sources.guard import check_jsonld, check_xml
from kg.sources.lines import subject_lines
from kg.sources.model import APART, PLACE, Batch, CellError, FileError
from kg.sources.statements import check_statement, check_subject, key_of

_FORMATS: Final = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
#: Characters of what the parser says: it may repeat a line of the file.
_MOST_SAID: Final = 300
_ABSOLUTE_ONLY: Final = frozenset({".nt", ".nq"})
_PLACE_TAIL: Final = f"<{DERIVED_FROM.value}> {PLACE.decode()} .\n"
_ISSUED: Final = DCTERMS + "issued"


@dataclass
class _Thing:
    """What a file says about one subject; ``temporary`` is the first name of a blank node."""

    tails: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    links: dict[str, list[str]] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    issued: str = ""
    temporary: str = ""
    faults: list[tuple[str, CellError]] = field(default_factory=list)


def read_rdf(kind: str, data: bytes, batch: Batch, schema: Schema) -> None:
    """Read a file with this extension into ``batch``.

    Raises:
        FileError: it does not parse or is made to do harm; nothing of it can be used.
    """
    data = without_mark(data)
    _check(kind, data)
    reader = _Reader(batch, schema)
    base = None if kind in _ABSOLUTE_ONLY else ID
    try:
        for quad in ox.parse(input=data, format=_FORMATS[kind], base_iri=base):
            reader.add(quad.subject, quad.predicate.value, quad.object)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 0
        character = getattr(error, "offset", None) or 0
        said = str(error) if len(str(error)) <= _MOST_SAID else f"{str(error)[:_MOST_SAID]}…"
        raise FileError(
            "syntax",
            f"Dit is geen geldig {_FORMATS[kind].name}; verbeter het bestand op deze plaats. De "
            f"ontleder meldt: {said}.",
            f"This is not valid {_FORMATS[kind].name}; correct the file at this place. The parser "
            f"says: {said}.",
            row=line,
            column=str(character) if character else "",
        ) from error
    reader.finish(subject_lines(kind, data, reader.names))


def _check(kind: str, data: bytes) -> None:
    if not is_utf8(data):
        good = data.decode("utf-8", "surrogateescape")
        position = next(at for at, one in enumerate(good) if "\udc80" <= one <= "\udcff")
        raise FileError(
            "encoding",
            "Het bestand is geen UTF-8, waarschijnlijk Windows-1252; sla het op als UTF-8.",
            "The file is not UTF-8, probably Windows-1252; save it as UTF-8.",
            row=good.count("\n", 0, position) + 1,
        )
    if _FORMATS[kind] == ox.RdfFormat.RDF_XML:
        check_xml(data)
    elif kind == ".jsonld":
        check_jsonld(data)


class _Reader:
    """Collects statements by subject; blank nodes are named in the order in which they come."""

    def __init__(self, batch: Batch, schema: Schema) -> None:
        self._batch = batch
        self._schema = schema
        batch.headers = {"id": "", "source": "dcterms:source"}
        batch.headers |= {name: f"vit:{name}" for name in ("marking", "compartment")}
        self._things: dict[str, _Thing] = {}
        # No file can hold its own hash, so no IRI in it can be mistaken for one of these.
        self._temporary = f"{ID}genid-{batch.file.sha256[:32]}-"
        #: IRI of every blank node by its label in the parser; temporary until the end.
        self.names: dict[str, str] = {}

    def _name(self, node: ox.BlankNode) -> ox.NamedNode:
        known = self.names.get(node.value)
        if known is None:
            known = f"{self._temporary}{len(self.names)}"
            self.names[node.value] = known
        return ox.NamedNode(known)

    def add(self, subject: object, predicate: str, value: object) -> None:
        """Take one statement in; what is wrong with it is kept with its subject."""
        if isinstance(subject, ox.BlankNode):
            subject = self._name(subject)
        if isinstance(value, ox.BlankNode):
            value = self._name(value)
        if not isinstance(subject, ox.NamedNode):
            return  # RDF 1.2 knows no other subjects; the type of the parser is wider
        iri = subject.value
        thing = self._things.get(iri)
        if thing is None:
            thing = self._things[iri] = _Thing()
            try:
                check_subject(iri)
            except CellError as error:
                thing.faults.append(("", error))
        try:
            said = check_statement(predicate, value, self._schema)
        except CellError as error:
            thing.faults.append((predicate, error))
            return
        if said is None:
            return
        thing.tails.add(f"<{predicate}> {said.object} .\n")
        if predicate == RDF_TYPE.value:
            thing.types.add(said.object[1:-1])
        elif predicate == SOURCE.value:
            thing.sources.append(said.link or said.object[1:-1])
        elif said.link:
            thing.links.setdefault(predicate, []).append(said.link)
        elif predicate == _ISSUED and isinstance(value, ox.Literal):
            thing.issued = max(thing.issued, value.value)
        elif predicate.startswith(VIT) and isinstance(value, ox.Literal):
            thing.values[predicate.removeprefix(VIT)] = value.value

    def finish(self, lines: dict[str, int]) -> None:
        """Hand everything to the batch, with the line of each subject where it is known."""
        self._inherit_sources()
        self._rename(self._final_names())
        columns = sorted({one for thing in self._things.values() for one in thing.links})
        columns = [one for one in columns if one.removeprefix(VIT) not in APART]
        for iri, thing in self._things.items():
            self._hand_over(iri, thing, lines.get(thing.temporary or iri, 0))
            for predicate in columns:
                links = tuple(dict.fromkeys(thing.links.get(predicate, ())))
                self._batch.links.setdefault(shorten(predicate), []).append(links)

    def _final_names(self) -> dict[str, str]:
        """Blank nodes by what refers to them, so that adding one thing does not rename others."""
        names: dict[str, str] = {}
        named = sorted(iri for iri in self._things if not iri.startswith(self._temporary))
        todo = [(iri, iri) for iri in reversed(named)]
        for number, root in enumerate(self.names.values()):
            while todo:
                temporary, final = todo.pop()
                self._name_children(temporary, final, names, todo)
            if root not in names:  # nothing with a name refers to it
                names[root] = self._mint("", "", number)
                todo.append((root, names[root]))
        return names

    def _name_children(
        self, parent: str, final: str, names: dict[str, str], todo: list[tuple[str, str]]
    ) -> None:
        thing = self._things.get(parent)
        if thing is None:
            return
        for predicate, keys in sorted({**thing.links, SOURCE.value: thing.sources}.items()):
            children = [_iri(key) for key in keys if _iri(key).startswith(self._temporary)]
            for number, child in enumerate(children):
                if child not in names:
                    names[child] = self._mint(final, predicate, number)
                    todo.append((child, names[child]))

    def _mint(self, parent: str, predicate: str, number: int) -> str:
        seed = f"{self._batch.file.name}\n{parent}\n{predicate}\n{number}".encode()
        return f"{ID}genid-{hashlib.sha256(seed).hexdigest()[:24]}"

    def _rename(self, names: dict[str, str]) -> None:
        if not names:
            return
        keys = {key_of(old): key_of(new) for old, new in names.items()}
        pattern = re.compile(re.escape(self._temporary) + r"\d+")
        renamed: dict[str, _Thing] = {}
        for iri, thing in self._things.items():
            thing.tails = {pattern.sub(lambda one: names[one[0]], tail) for tail in thing.tails}
            thing.sources = [keys.get(key, key) for key in thing.sources]
            thing.links = {
                predicate: [keys.get(key, key) for key in many]
                for predicate, many in thing.links.items()
            }
            thing.temporary = iri if iri in names else ""
            renamed[names.get(iri, iri)] = thing
        self._things = renamed

    def _inherit_sources(self) -> None:
        """A blank node without a source has those of what refers to it, through other ones too."""
        anonymous = {
            key_of(iri): thing
            for iri, thing in self._things.items()
            if iri.startswith(self._temporary)
        }
        without = {key for key, thing in anonymous.items() if not thing.sources}
        todo = [thing for thing in self._things.values() if thing.sources]
        while todo:
            thing = todo.pop()
            for key in _flat(thing.links.values()):
                if key in without and not set(thing.sources) <= set(anonymous[key].sources):
                    anonymous[key].sources = sorted({*anonymous[key].sources, *thing.sources})
                    todo.append(anonymous[key])
        for key in without:
            thing = anonymous[key]
            thing.tails |= {f"<{SOURCE.value}> <{_iri(one)}> .\n" for one in thing.sources}

    def _hand_over(self, iri: str, thing: _Thing, line: int) -> None:
        batch, key, position = self._batch, key_of(iri), len(self._batch.keys)
        is_source = self._is_a(thing, "Source")
        for predicate, error in thing.faults:
            batch.report(line, shorten(predicate), error.code, error.nl, error.en)
        good = not thing.faults
        if not is_source and not thing.sources:
            good = False
            batch.report(
                line,
                "dcterms:source",
                "no-source",
                f"{shorten(iri)} noemt geen bron; voeg dcterms:source toe.",
                f"{shorten(iri)} names no source; add dcterms:source.",
            )
        good = self._holds(thing, line) and good
        batch.keys.append(key)
        batch.rows.append(line)
        batch.sources.append(tuple(dict.fromkeys(thing.sources)))
        subject = f"<{iri}> "
        batch.blocks.append((subject + subject.join(sorted({*thing.tails, _PLACE_TAIL}))).encode())
        if not good:
            batch.bad.add(position)
        if not thing.types and not thing.temporary:
            batch.untyped.add(position)
        if VIT + "marking" in thing.links:
            batch.own_markings[position] = tuple(thing.links[VIT + "marking"])
        if VIT + "compartment" in thing.links:
            batch.own_compartments[position] = tuple(thing.links[VIT + "compartment"])
        if self._is_a(thing, "Compartment") and good:
            batch.is_compartment.add(position)
        if is_source:
            batch.is_source.add(position)
            if thing.issued:
                batch.issued[position] = thing.issued
        if self._is_a(thing, "Marking") and "rank" in thing.values and good:
            batch.ranks[key] = int(thing.values["rank"])

    def _is_a(self, thing: _Thing, local: str) -> bool:
        return any(self._schema.is_subclass(one, VIT + local) for one in thing.types)

    def _holds(self, thing: _Thing, line: int) -> bool:
        cells = {name: value for name, value in thing.values.items() if name in CHECKED}
        fulfillers = set(thing.links.get(VIT + "fulfilledBy", ()))
        if fulfillers:
            cells["fulfilledBy"] = " "
        good = True
        for fault in faults(cells, len(fulfillers)):
            self._batch.report(line, f"vit:{fault.column}", fault.code, fault.nl, fault.en)
            good = False
        return good


def _flat(lists: Iterable[list[str]]) -> Iterable[str]:
    return (one for many in lists for one in many)


def _iri(key: str) -> str:
    return key if ":" in key else ID + key
