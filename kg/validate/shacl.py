"""Runs pySHACL over staged triples, inference off, with the ontology as part of the data.

``subClassOf`` is followed for targets and ``sh:class`` because the ontology stands in the data
graph; nothing is inferred, so that what the shapes see is what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from kg.errors import KgError, Location
from kg.names import DERIVED_FROM, GRAPH, PREF_LABEL, SH, XSD, local_id
from kg.validate.report import SEVERITIES, Report, Result
from kg.validate.reuse import Earlier, Results, aimed_at, digest, in_sight
from kg.validate.sight import BeyondUs, Sight, sight_of

if TYPE_CHECKING:
    import pyoxigraph as ox
    from rdflib import Graph
    from rdflib.term import Node

    from kg.validate.reuse import Triple

#: Shapes over the ontology itself; a test of the project runs them, not a build.
ONTOLOGY_SHAPES: Final = "ontology.ttl"


@dataclass(frozen=True)
class Shapes:
    """The shapes graph and the ontology, parsed once per process; neither is ever changed."""

    shapes: Graph
    ontology: tuple[Triple, ...]
    _graphs: list[Graph] = field(default_factory=list, compare=False)

    @staticmethod
    def load(shapes_dir: Path, ontology_dir: Path) -> Shapes:
        """Every module of both folders.

        Raises:
            KgError: a file of the installation does not parse.
        """
        return _load(shapes_dir, ontology_dir)

    def prepare(self) -> None:
        """Do what no data change, once, for the next validation in this process or in a fork."""
        graph = self.data()
        _judged(graph, self.shapes)
        self._graphs.append(graph)

    def data(self) -> Graph:
        """A graph with the ontology in it, for the caller alone."""
        if self._graphs:
            return self._graphs.pop()
        graph = _data_graph()
        for triple in self.ontology:
            graph.add(triple)
        return graph

    @cached_property
    def sight(self) -> Sight | None:
        """How far the shapes look; ``None`` when that cannot be said. Cost: some 0.2 s."""
        try:
            return sight_of(self.shapes)
        except BeyondUs:
            return None


@cache
def _load(shapes_dir: Path, ontology_dir: Path) -> Shapes:
    files = [path for path in sorted(shapes_dir.glob("*.ttl")) if path.name != ONTOLOGY_SHAPES]
    ontology = sorted(ontology_dir.glob("*.ttl"))
    return Shapes(_targets_to_properties(_parse(files)), tuple(_parse(ontology)))


def _parse(files: Iterable[Path]) -> list[Triple]:
    """The triples of Turtle files, by Oxigraph's parser (some twenty times rdflib's)."""
    import pyoxigraph as ox

    found: list[Triple] = []
    for path in files:
        try:
            # Renamed, because blank nodes of different files must not meet in one graph.
            found += _triples(ox.parse(path=path, rename_blank_nodes=True))
        except (OSError, SyntaxError) as error:
            raise KgError(
                "validate.module",
                f"{path.name} is geen leesbaar Turtle: {error}",
                f"{path.name} is not readable Turtle: {error}",
            ) from error
    return found


def _triples(quads: Iterable[ox.Quad]) -> Iterator[Triple]:
    """The same triples as rdflib has them."""
    import pyoxigraph as ox
    from rdflib import BNode, Literal, URIRef

    @cache
    def term(one: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Node:
        if isinstance(one, ox.NamedNode):
            return URIRef(one.value)
        if isinstance(one, ox.BlankNode):
            return BNode(one.value)
        assert isinstance(one, ox.Literal)
        if one.language:
            return Literal(one.value, lang=one.language)
        # A plain string has no datatype in rdflib, and pySHACL compares it as it stands there.
        plain = one.datatype.value == XSD + "string"
        return Literal(one.value, datatype=None if plain else URIRef(one.datatype.value))

    for quad in quads:
        yield term(quad.subject), term(quad.predicate), term(quad.object)


def _targets_to_properties(triples: Iterable[Triple]) -> Graph:
    """The shapes with each property shape aimed at what its node shapes aim at.

    ``NodeShape sh:targetClass C ; sh:property P`` asks the same as ``P sh:targetClass C``, but
    pySHACL walks the first one focus node at a time and the second all at once: three times less
    work. Reports are the same: focus, path and source shape are those of P either way. A node
    shape without a target of its own, one that others refer to and one that is deactivated stay.
    """
    from rdflib import RDF, Graph, Namespace

    sh = Namespace(SH)
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    aims = (sh.targetClass, sh.targetNode, sh.targetSubjectsOf, sh.targetObjectsOf)
    for shape in list(graph.subjects(RDF.type, sh.NodeShape)):
        targets = [(aim, target) for aim in aims for target in graph.objects(shape, aim)]
        referred = next(graph.subjects(None, shape), None) is not None
        if not targets or referred or graph.value(shape, sh.deactivated) is not None:
            continue
        for held in list(graph.objects(shape, sh.property)):
            graph.remove((shape, sh.property, held))
            for aim, target in targets:
                graph.add((held, aim, target))
    return graph


def validate(
    ntriples: Iterable[bytes],
    shapes: Shapes,
    true_rows: Mapping[str, int] | None = None,
    earlier: Callable[[], Earlier | None] | None = None,
) -> Report:
    """Validate the union of these N-Triples documents.

    ``true_rows`` (of ``Staged``) gives the row in the file where it differs from the one in the
    provenance IRI; leave it out for a report that goes into a release of one level.

    ``earlier`` gives what was found before in some of the documents, with these same shapes; it is
    asked once all are loaded, and may keep us waiting. The report is the same with it or without.

    Cost: linear in triples for core constraints; about 50 µs per focus node and shape, of those
    that are judged anew.
    """
    documents = list(ntriples)
    data = shapes.data()
    for document in documents:
        for triple in _of(document):
            data.add(triple)
    # How far they look is worked out before we wait: there may be a core to spare.
    known = earlier() if earlier is not None and shapes.sight is not None else None
    report_graph = _taken_over(known, documents, data, shapes) if known is not None else None
    if report_graph is None:
        report_graph = _judged(data, shapes.shapes)
    _say_in_both_languages(report_graph, shapes.shapes)
    found = _results(report_graph, data, true_rows or {})
    results = sorted(found, key=Result.sort_key)
    focus_nodes = len({subject for subject, _, _ in data if _is_own(subject)})
    return Report(tuple(results), focus_nodes, _canonical(report_graph))


def _of(document: bytes | str) -> Iterator[Triple]:
    """The triples of N-Triples."""
    import pyoxigraph as ox

    return _triples(ox.parse(document, format=ox.RdfFormat.N_TRIPLES))


def _judged(data: Graph, shapes: Graph) -> Graph:
    """The report of pySHACL.

    Raises:
        KgError: it could not go on.
    """
    from pyshacl import validate as pyshacl_validate
    from rdflib import Graph

    _, report, _ = pyshacl_validate(
        data,
        shacl_graph=shapes,
        inference="none",
        advanced=False,
        inplace=True,  # the graph is ours alone; a copy would double memory and time
        allow_infos=True,
        allow_warnings=True,
        do_owl_imports=False,
        meta_shacl=False,
        js=False,
    )
    if not isinstance(report, Graph):
        raise KgError(
            "validate.failed",
            f"De validatie kon niet worden uitgevoerd: {report!r}",
            f"Validation could not be run: {report!r}",
        )
    return report


def _taken_over(
    earlier: Earlier, documents: Iterable[bytes], data: Graph, shapes: Shapes
) -> Graph | None:
    """As :func:`_judged` of everything, with as much as may be of an earlier report.

    ``None`` when nothing may be: its documents are not all here, or something new may be seen from
    anywhere.
    """
    of = {digest(document): document for document in documents}
    if shapes.sight is None or not earlier.documents <= of.keys():
        return None
    added = (triple for one in of.keys() - earlier.documents for triple in _of(of[one]))
    focus = in_sight(added, data, shapes.sight)
    if focus is None:
        return None
    before = Results(_of(earlier.report.turtle))
    focus |= before.shared()
    report = _judged(data, aimed_at(focus, data, shapes.shapes, shapes.sight))
    before.add_to(report, but=focus, of=shapes.sight.anywhere)
    return report


def _data_graph() -> Graph:
    """A graph that parses each SPARQL constraint once, where pySHACL would for every focus node."""
    from rdflib import Graph
    from rdflib.plugins.sparql import prepareQuery
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result as Answer

    prepared = cache(prepareQuery)

    class DataGraph(Graph):
        def query(self, query_object: str | Query, *args: Any, **named: Any) -> Answer:
            query = prepared(query_object) if isinstance(query_object, str) else query_object
            return super().query(query, *args, **named)

    return DataGraph()


def _say_in_both_languages(report: Graph, shapes: Graph) -> None:
    """Give every result all messages of its shape.

    Of a SPARQL constraint pySHACL reports one message, and which one changes from run to run.
    """
    from rdflib import Namespace

    sh = Namespace(SH)
    beside: dict[str, list[Node]] = {}
    for shape in set(shapes.subjects(sh.message)):
        messages = list(shapes.objects(shape, sh.message))
        for message in messages:
            beside.setdefault(str(message), []).extend(messages)
    for node, message in list(report.subject_objects(sh.resultMessage)):
        if others := beside.get(str(message)):
            report.remove((node, sh.resultMessage, message))
            for one in others:
                report.add((node, sh.resultMessage, one))


def _is_own(node: Node) -> bool:
    return str(node).startswith("https://w3id.org/vitaal/id/")


def _results(report: Graph, data: Graph, true_rows: Mapping[str, int]) -> Iterable[Result]:
    from rdflib import RDF, Namespace, URIRef

    sh = Namespace(SH)
    for node in report.subjects(RDF.type, sh.ValidationResult):
        focus = report.value(node, sh.focusNode)
        path = report.value(node, sh.resultPath)
        value = report.value(node, sh.value)
        shape = report.value(node, sh.sourceShape)
        severity = str(report.value(node, sh.resultSeverity) or "").rpartition("#")[2]
        messages = {
            getattr(message, "language", None): str(message)
            for message in report.objects(node, sh.resultMessage)
        }
        fallback = " ".join(sorted(messages.values()))
        yield Result(
            severity=severity if severity in SEVERITIES else "Violation",
            focus=str(focus),
            focus_label=_label(data, focus),
            path=str(path) if isinstance(path, URIRef) else "",
            value="" if value is None or value == focus else str(value),
            shape=str(shape) if isinstance(shape, URIRef) else "",
            message_nl=messages.get("nl", fallback),
            message_en=messages.get("en", fallback),
            location=_location(data, focus, path, true_rows),
        )


def _label(data: Graph, node: Node | None) -> str:
    from rdflib import Literal, URIRef

    labels = sorted(
        data.objects(node, URIRef(PREF_LABEL.value)),
        key=lambda label: (getattr(label, "language", "") != "nl", str(label)),
    )
    if labels and isinstance(labels[0], Literal):
        return f"{labels[0]} ({local_id(str(node))})"
    return local_id(str(node))


def _location(
    data: Graph, focus: Node | None, path: Node | None, true_rows: Mapping[str, int]
) -> Location:
    from rdflib import URIRef

    column = ""
    if isinstance(path, URIRef):
        column = local_id(str(path)).rpartition(":")[2]
    origins = sorted(str(origin) for origin in data.objects(focus, URIRef(DERIVED_FROM.value)))
    if not origins:
        return Location("", column=column)
    location = origin_location(origins[0], column)
    return replace(location, row=true_rows.get(origins[0], location.row))


def origin_location(origin: str, column: str = "") -> Location:
    """The place that a ``prov:wasDerivedFrom`` IRI of ours points at (RFC 7111 fragments)."""
    graph, _, fragment = origin.partition("#")
    file = unquote(graph.removeprefix(GRAPH).partition("~")[0])
    parts = dict(part.partition("=")[::2] for part in fragment.split("&") if "=" in part)
    row = parts.get("row", "")
    return Location(file, unquote(parts.get("sheet", "")), int(row) if row.isdigit() else 0, column)


def _canonical(report: Graph) -> str:
    """The report with blank nodes named by content, sorted: the same input, the same bytes."""
    import pyoxigraph as ox

    text = report.serialize(format="nt", encoding="utf-8")
    dataset = ox.Dataset(ox.parse(text, format=ox.RdfFormat.N_TRIPLES))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad.triple} .\n" for quad in dataset))
