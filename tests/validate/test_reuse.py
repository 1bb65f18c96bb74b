"""Taking over what validation found in a part of the data: the same report, for less work."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, Graph, URIRef

from kg.names import SH
from kg.resources import folder
from kg.validate import Earlier, Report, Shapes, digests, validate
from kg.validate.reuse import aimed_at, in_sight
from kg.validate.shacl import _of
from kg.validate.sight import BeyondUs, sight_of

ID = "https://w3id.org/vitaal/id/"
VIT = "https://w3id.org/vitaal/def#"
SHAPE = "https://w3id.org/vitaal/def/shapes#"
TYPE = str(RDF.type)
HEAD = f"""
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix vit: <{VIT}> .
@prefix vsh: <{SHAPE}> .
"""
ONTOLOGY = f"{HEAD} vit:B rdfs:subClassOf vit:A . vit:C rdfs:subClassOf vit:B ."

#: Every way in which one thing may matter to the judgement of another.
SHAPES = f"""{HEAD}
vsh:Class a sh:NodeShape ; sh:targetClass vit:A ; sh:property vsh:Class-p .
vsh:Class-p a sh:PropertyShape ; sh:path vit:p ; sh:class vit:B ; sh:minCount 1 ;
  sh:message "p"@nl, "P"@en .
vsh:Far a sh:NodeShape ; sh:targetClass vit:D ; sh:property vsh:Far-way .
vsh:Far-way a sh:PropertyShape ; sh:path ( vit:p [ sh:inversePath vit:q ] vit:r ) ;
  sh:class vit:C ; sh:severity sh:Warning .
vsh:Inverse a sh:NodeShape ; sh:targetSubjectsOf vit:q ; sh:property vsh:Inverse-r .
vsh:Inverse-r a sh:PropertyShape ; sh:path [ sh:inversePath vit:r ] ; sh:maxCount 1 .
vsh:Object a sh:NodeShape ; sh:targetObjectsOf vit:p ;
  sh:or ( [ sh:class vit:A ] [ sh:path vit:s ; sh:minCount 1 ] ) .
vsh:Nested a sh:NodeShape ; sh:targetClass vit:A ; sh:property vsh:Nested-q .
vsh:Nested-q a sh:PropertyShape ; sh:path vit:q ; sh:node vsh:Held ; sh:severity sh:Info .
vsh:Held a sh:NodeShape ; sh:property [ sh:path vit:r ; sh:minCount 1 ] ;
  sh:not [ sh:path vit:p ; sh:class vit:C ] .
vsh:Counted a sh:NodeShape ; sh:targetClass vit:E ; sh:property vsh:Counted-r .
vsh:Counted-r a sh:PropertyShape ; sh:path vit:r ; sh:qualifiedMinCount 1 ;
  sh:qualifiedValueShape [ sh:path vit:p ; sh:class vit:A ] .
vsh:Either a sh:NodeShape ; sh:targetClass vit:A ; sh:property vsh:Either-one .
vsh:Either-one a sh:PropertyShape ; sh:path [ sh:alternativePath ( vit:s vit:t ) ] ; sh:maxCount 1 .
vsh:Pair a sh:NodeShape ; sh:targetSubjectsOf vit:s ; sh:property vsh:Pair-s .
vsh:Pair-s a sh:PropertyShape ; sh:path vit:s ; sh:disjoint vit:t ; sh:lessThanOrEquals vit:t .
vsh:Here a sh:NodeShape ; sh:targetClass vit:A ; sh:sparql [ sh:message "hier"@nl, "here"@en ;
  sh:select "SELECT $this ?value WHERE {{ $this <{VIT}r> ?value . $this <{VIT}q> ?value }}" ] .
vsh:There a sh:NodeShape ; sh:targetClass vit:A ; sh:sparql [ sh:message "daar"@nl, "there"@en ;
  sh:select "SELECT $this WHERE {{ $this <{VIT}q> ?x . ?y <{VIT}u> ?z }}" ] .
"""

nodes = st.sampled_from([f"<{ID}{name}>" for name in "abcd"])


def document(rows: list[tuple[str, str, str]]) -> bytes:
    return "".join(f"{' '.join(row)} .\n" for row in rows).encode()


def loaded(place: Path, shapes: str, ontology: str = ONTOLOGY) -> Shapes:
    for name, text in (("shapes", shapes), ("ontology", ontology)):
        (place / name).mkdir(parents=True)
        (place / name / "core.ttl").write_text(text)
    return Shapes.load(place / "shapes", place / "ontology")


def before(lower: list[bytes], shapes: Shapes) -> Callable[[], Earlier]:
    found = Earlier(digests(lower), validate(lower, shapes))
    return lambda: found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Shapes:
    return loaded(tmp_path_factory.mktemp("klein"), SHAPES)


@pytest.fixture(scope="module")
def real() -> Shapes:
    return Shapes.load(folder("shapes"), folder("ontology"))


def drawn(seed: int) -> tuple[bytes, bytes]:
    """A lower level of some ten links, and a few rows that are added."""
    draw = random.Random(seed)
    names = [f"<{ID}{one}>" for one in "abcdefgh"[: draw.randint(3, 8)]]

    def rows(types: int, links: int, texts: int, rare: int) -> bytes:
        found = [(TYPE, VIT + draw.choice("ABCDE")) for _ in range(types)]
        found += [(VIT + draw.choice("pqr"), draw.choice(names)[1:-1]) for _ in range(links)]
        found += [(VIT + "u", draw.choice(names)[1:-1]) for _ in range(rare)]
        lines = [(draw.choice(names), f"<{one}>", f"<{value}>") for one, value in found]
        lines += [
            (draw.choice(names), f"<{VIT}{draw.choice('st')}>", draw.choice(('"1"', '"2"')))
            for _ in range(texts)
        ]
        return document(lines)

    lower = rows(draw.randint(2, 6), draw.randint(3, 10), draw.randint(0, 2), 0)
    few = [draw.choice((0, 0, 1)) for _ in range(4)]
    return lower, rows(*few)


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_the_report_is_that_of_validating_everything(small: Shapes, seed: int) -> None:
    lower, added = drawn(seed)
    report = validate([lower, added], small, None, before([lower], small))
    assert report == validate([lower, added], small)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**9), other=st.integers(0, 10**9))
def test_nothing_is_taken_over_when_something_is_gone(small: Shapes, seed: int, other: int) -> None:
    (lower, added), (gone, _) = drawn(seed), drawn(other)
    report = validate([lower, added], small, None, before([lower, gone], small))
    assert report == validate([lower, added], small)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_class_that_becomes_a_subclass_is_seen(small: Shapes, seed: int) -> None:
    lower, added = drawn(seed)
    added += f"<{VIT}A> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <{VIT}C> .\n".encode()
    report = validate([lower, added], small, None, before([lower], small))
    assert report == validate([lower, added], small)


def aims(shapes: Shapes) -> dict[str, list[str]]:
    """Per target class of the shapes, the predicates that are asked about."""
    graph, sh = shapes.shapes, SH
    found: dict[str, list[str]] = {}
    for shape, target in graph.subject_objects(URIRef(sh + "targetClass")):
        for node in graph.transitive_objects(shape, URIRef(sh + "or")):
            for path in graph.objects(node, URIRef(sh + "path")):
                if isinstance(path, URIRef):
                    found.setdefault(str(target), []).append(str(path))
                else:  # what it leads along
                    found.setdefault(str(target), []).extend(
                        str(one)
                        for _, _, one in _closure(graph, path)
                        if isinstance(one, URIRef) and str(one).startswith(VIT)
                    )
    return {target: sorted(set(predicates)) for target, predicates in sorted(found.items())}


def _closure(graph: Graph, node: object) -> list[tuple[object, object, object]]:
    rows = list(graph.triples((node, None, None)))  # type: ignore[arg-type]
    return rows + [row for _, _, one in rows for row in _closure(graph, one)]


@st.composite
def of_the_house(draw: st.DrawFn, asked: dict[str, list[str]]) -> tuple[list[bytes], bytes]:
    """A lower level and what is added to it, of a few classes of the ontology."""
    classes = draw(st.lists(st.sampled_from(list(asked)), min_size=1, max_size=4, unique=True))
    predicates = [one for name in classes for one in asked[name]]
    rows = st.one_of(
        st.tuples(nodes, st.just(f"<{TYPE}>"), st.sampled_from([f"<{one}>" for one in classes])),
        st.tuples(
            nodes,
            st.sampled_from([f"<{one}>" for one in predicates]),
            st.one_of(
                nodes,
                nodes,
                st.sampled_from(
                    [
                        f"<{ID}restart>",
                        '"een"@nl',
                        '"2"^^<http://www.w3.org/2001/XMLSchema#integer>',
                        '"PT4H"^^<http://www.w3.org/2001/XMLSchema#duration>',
                        '"2026-01-15"^^<http://www.w3.org/2001/XMLSchema#date>',
                    ]
                ),
            ),
        ),
    )
    lower, added = (draw(st.lists(rows, max_size=25).map(document)) for _ in range(2))
    return [lower], added


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_also_with_the_shapes_of_the_house(real: Shapes, data: st.DataObject) -> None:
    lower, added = data.draw(of_the_house(aims(real)))
    report = validate([*lower, added], real, None, before(lower, real))
    assert report == validate([*lower, added], real)


def test_of_the_shapes_of_the_house_is_known_how_far_they_look(real: Shapes) -> None:
    """Or nothing is ever taken over."""
    assert real.sight is not None
    assert real.sight.steps == 2
    assert {str(one) for one in real.sight.anywhere} == {SHAPE + "MarkingShape"}
    assert URIRef(VIT + "scoreOf") in real.sight.inverse


LOWER = f"""\
<{ID}a> <{TYPE}> <{VIT}E> .
<{ID}a> <{VIT}r> <{ID}b> .
<{ID}b> <{VIT}p> <{ID}c> .
<{ID}d> <{TYPE}> <{VIT}E> .
""".encode()
#: What is two steps away from ``a``.
ADDED = f"<{ID}c> <{TYPE}> <{VIT}A> .\n".encode()


def test_a_step_less_would_not_do(small: Shapes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is added mends what was wrong two steps away."""

    def counted(report: Report) -> list[str]:
        return [one.focus for one in report.results if one.shape.endswith("#Counted-r")]

    assert small.sight is not None
    assert small.sight.steps == 3
    found = before([LOWER], small)
    assert counted(found().report) == [ID + "a", ID + "d"]
    for steps, wrong in ((3, ["d"]), (2, ["d"]), (1, ["a", "d"])):
        monkeypatch.setattr(small.sight, "steps", steps)
        report = validate([LOWER, ADDED], small, None, found)
        assert counted(report) == [ID + one for one in wrong]


def test_only_what_may_differ_is_judged_anew(real: Shapes) -> None:
    lower = b"".join(
        f"<{ID}{one}> <{TYPE}> <{VIT}Service> .\n<{ID}{one}> <{VIT}inSector> <{ID}s> .\n".encode()
        for one in range(50)
    )
    added = f"<{ID}new> <{TYPE}> <{VIT}Service> .\n<{ID}new> <{VIT}inSector> <{ID}s> .\n".encode()
    assert real.sight is not None
    data = real.data()
    for triple in _of(lower + added):
        data.add(triple)
    focus = in_sight(_of(added), data, real.sight)
    assert focus == {URIRef(ID + "new")}
    aimed = aimed_at(focus, data, real.shapes, real.sight)
    assert set(aimed.objects(None, URIRef(SH + "targetNode"))) == focus
    assert 0 < len(aimed) < len(real.shapes) / 4
    assert not set(aimed.subjects(URIRef(SH + "targetClass"))) - real.sight.anywhere


def test_an_earlier_report_is_waited_for_when_all_is_loaded(small: Shapes) -> None:
    asked: list[Report] = []

    def nothing() -> None:
        asked.append(validate([LOWER], small))

    assert validate([LOWER, ADDED], small, None, nothing) == validate([LOWER, ADDED], small)
    assert len(asked) == 1


BEYOND = {
    "a path of any length": "sh:property [ sh:path [ sh:zeroOrMorePath vit:p ] ; sh:minCount 1 ]",
    "closed": "sh:closed true ; sh:ignoredProperties ( vit:p )",
    "of itself": "sh:not [ sh:path vit:p ; sh:node vsh:X ]",
    "unknown": "vit:askedFor true",
    "a class": "a <http://www.w3.org/2002/07/owl#Class>",
    "a query at a path": (
        'sh:not [ sh:path vit:p ; sh:sparql [ sh:select "SELECT $this WHERE { $this $PATH ?x }" ] ]'
    ),
    "milder than its properties": (
        "sh:severity sh:Warning ; sh:node [ sh:severity sh:Info ; sh:property [ sh:path vit:p ] ]"
    ),
    "a query within": ('sh:not [ sh:sparql [ sh:select "SELECT $this WHERE { ?x ?y $this }" ] ]'),
    "a query beside properties": (
        "sh:deactivated false ; sh:property [ sh:path vit:p ] ; "
        'sh:sparql [ sh:select "SELECT $this WHERE { ?x ?y $this }" ]'
    ),
    "a query along a path": (
        "sh:deactivated false ; sh:property [ sh:path vit:p ] ; "
        f'sh:sparql [ sh:select "SELECT $this WHERE {{ $this <{VIT}p>/<{VIT}q> ?x }}" ]'
    ),
}


@pytest.mark.parametrize("what", BEYOND)
def test_what_is_not_known_is_judged_whole(what: str, tmp_path: Path) -> None:
    text = f"{HEAD} vsh:X a sh:NodeShape ; sh:targetClass vit:A ; {BEYOND[what]} ."
    shapes = loaded(tmp_path, text)
    with pytest.raises(BeyondUs):
        sight_of(shapes.shapes)
    assert shapes.sight is None

    def never() -> None:
        raise AssertionError("nothing can be taken over")

    assert validate([ADDED], shapes, None, never).focus_nodes == 1
