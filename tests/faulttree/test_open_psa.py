"""Fault trees from files: our own small ones, what is wrong in them, and out and in again."""

import math
from pathlib import Path

import pytest
from drawn_formulas import formulas
from hypothesis import given, settings

from kg.errors import AmbiguousError, UsageError
from kg.faulttree.formula import Formula
from kg.faulttree.open_psa import read_open_psa
from kg.faulttree.search import search
from kg.faulttree.solution import Solution
from kg.faulttree.tree import Event, FaultTree, Gate
from kg.faulttree.write import identifiers, open_psa

TREES = Path(__file__).parent / "trees"


def named(tree: FaultTree, top: str | None = None) -> list[set[str]]:
    """The cut sets of a tree by the names of its events."""
    found = search(tree.formula(tree.choose(top))).sets or ()
    return [{tree.events[event].name for event in one} for one in found]


def test_nested_atleast_house_event_and_parameter() -> None:
    tree = read_open_psa(TREES / "pump.xml")
    assert tree.tops == ("geen-water",)
    cuts = named(tree)
    for expected in ({"leiding"}, {"a", "b"}, {"accu", "net"}, {"a", "c"}, {"diesel", "b"}):
        assert expected in cuts
    assert len(cuts) == 7
    # By hand: s = net·accu, c' = 1 − 0.9·0.95; given s, a pump is down already.
    mains, third = 0.02 * 0.2, 1 - 0.9 * 0.95
    pairs = 0.1 * 0.1 * (1 - third) + 2 * 0.1 * 0.9 * third + 0.1 * 0.1 * third
    expected_chance = 1 - (1 - 0.001) * (1 - (mains + (1 - mains) * pairs))
    chance = Solution(tree.formula("geen-water")).probability(tree.probability)
    assert chance == pytest.approx(expected_chance, rel=1e-12)
    assert tree.label(tree.events.index(Event("leiding", 0.001, "Leiding breekt"))) == (
        "Leiding breekt"
    )


def test_private_names_are_of_their_component() -> None:
    cuts = named(read_open_psa(TREES / "parts.xml"))
    assert cuts == [{"zekering"}, {"gebouw.links.lamp", "gebouw.rechts.lamp"}]


def tree_of(tmp_path: Path, gates: str, data: str = "") -> Path:
    path = tmp_path / "boom.xml"
    path.write_text(
        f"<opsa-mef>\n<define-fault-tree name='f'>\n{gates}\n</define-fault-tree>\n"
        f"<model-data>{data}</model-data></opsa-mef>\n",
        encoding="utf-8",
    )
    return path


def test_a_tree_without_definitions_has_unknown_chances(tmp_path: Path) -> None:
    gates = "<define-gate name='t'><or><basic-event name='x'/></or></define-gate>"
    tree = read_open_psa(tree_of(tmp_path, gates))
    assert [event.name for event in tree.events] == ["x"]
    assert math.isnan(tree.events[0].probability)


def test_what_is_not_evaluated_or_read_is_said(tmp_path: Path) -> None:
    gates = "<define-gate name='t'><basic-event name='x'/></define-gate>"
    data = (
        "<define-basic-event name='x'><exponential><float value='1e-3'/><float value='8'/>"
        "</exponential></define-basic-event>"
    )
    path = tree_of(tmp_path, gates, data)
    text = path.read_text("utf-8").replace("<model-data>", "<define-event-tree/><model-data>")
    path.write_text(text, encoding="utf-8")
    tree = read_open_psa(path)
    assert math.isnan(tree.events[0].probability)
    assert any("'x'" in nl for nl, _ in tree.notes)
    assert any("define-event-tree" in nl for nl, _ in tree.notes)


def test_several_tops_are_listed(tmp_path: Path) -> None:
    gates = "".join(
        f"<define-gate name='{name}'><or><basic-event name='x'/></or></define-gate>"
        for name in ("een", "twee")
    )
    tree = read_open_psa(tree_of(tmp_path, gates))
    with pytest.raises(AmbiguousError) as caught:
        tree.choose(None)
    assert [name for name, _ in caught.value.candidates] == ["een", "twee"]
    assert named(tree, "twee") == [{"x"}]
    with pytest.raises(UsageError) as unknown:
        tree.choose("drie")
    assert unknown.value.code == "open-psa.unknown-top"


X = "<basic-event name='x'/>"
Y = "<basic-event name='y'/>"


def gate(formula: str, name: str = "t") -> str:
    return f"<define-gate name='{name}'>{formula}</define-gate>"


@pytest.mark.parametrize(
    ("gates", "data", "code", "words"),
    [
        (gate(f"<or><not>{X}</not>{Y}</or>"), "", "not-coherent", ["'t'", "<not>", "regel 3"]),
        *(
            (gate(f"<{tag}>{X}{Y}</{tag}>"), "", "not-coherent", [f"<{tag}>"])
            for tag in ("xor", "nand", "nor", "iff", "imply", "cardinality")
        ),
        (
            gate("<or><gate name='a'/></or>")
            + "\n"
            + gate("<or><gate name='b'/></or>", "a")
            + gate("<and><gate name='a'/></and>", "b"),
            "",
            "loop",
            ["a → b → a", "regel 4"],
        ),
        (gate("<or><gate name='t'/></or>"), "", "loop", ["t → t"]),
        (gate("<or><gate name='weg'/></or>"), "", "missing", ["'weg'", "'t'"]),
        (gate(X), "<define-basic-event name='xx'/>", "missing", ["'x'", "Bedoelt u: xx"]),
        (gate("<or><house-event name='h'/></or>"), "", "missing", ["'h'"]),
        (gate(X) + "\n" + gate(Y), "", "duplicate", ["regel 4", "regel 3"]),
        (gate(X), "<define-basic-event name='t'/>", "duplicate", ["'t'"]),
        (gate(f"<atleast min='3'>{X}{Y}</atleast>"), "", "atleast", ["min='3'", "2 ingangen"]),
        (gate(f"<atleast min='0'>{X}{Y}</atleast>"), "", "atleast", ["min='0'"]),
        (gate(f"<atleast>{X}{Y}</atleast>"), "", "atleast", ["min=''"]),
        (gate("<or/>"), "", "empty", ["'t'"]),
        (gate(""), "", "formula", ["0 formules"]),
        (gate(X + Y), "", "formula", ["2 formules"]),
        (gate("<iets/>"), "", "formula", ["<iets>"]),
        *(
            (
                gate(X),
                f"<define-basic-event name='x'><float value='{value}'/></define-basic-event>",
                "probability",
                ["'x'", f"'{value}'"],
            )
            for value in ("1.5", "-0.1", "nan", "inf", "veel")
        ),
        (gate(X), "<define-basic-event/>", "name", ["define-basic-event"]),
        (gate("<gate name='x'/>"), "<define-basic-event name='x'/>", "kind", ["basic-event"]),
        (gate(X), "<define-house-event name='h'/>", "house-event", ["'h'"]),
        (gate("<or><constant value='misschien'/></or>"), "", "constant", ["misschien"]),
        (gate(X), "<define-CCF-group name='g'/>", "unsupported", ["define-CCF-group"]),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, gates: str, data: str, code: str, words: list[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        read_open_psa(tree_of(tmp_path, gates, data))
    assert caught.value.code == f"open-psa.{code}"
    assert "boom.xml" in caught.value.nl
    for word in words:
        assert word in caught.value.nl
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "syntax"),
        (b"<opsa-mef>\n<oeps></opsa-mef>", "syntax"),
        (b"geen xml", "syntax"),
        (b"\x00\x01\x02", "syntax"),
        (b"<html/>", "root"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><opsa-mef>&b;</opsa-mef>", "entities"),
        (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><opsa-mef>&b;</opsa-mef>",
         "entities"),
        (b"<?xml version='1.0' encoding='ebcdic-xyz'?><opsa-mef/>", "entities"),
        (b"<opsa-mef>" + b"<a>" * 5_000 + b"</a>" * 5_000 + b"</opsa-mef>", "too-large"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "boom.xml"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        read_open_psa(path)
    assert caught.value.code == f"open-psa.{code}"


def test_nothing_to_ask_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_open_psa(tree_of(tmp_path, "")).choose(None)
    assert caught.value.code == "open-psa.no-gate"


def as_tree(formula: Formula) -> FaultTree:
    """A formula as a fault tree with awkward labels."""
    names = [f"e{event}" for event in range(formula.events)]
    names += [f"g{number}" for number in range(len(formula.inputs))]
    gates = [
        Gate(
            names[formula.events + at], tuple(names[node] for node in inputs), needed, "<&\"'é\x07"
        )
        for at, (inputs, needed) in enumerate(zip(formula.inputs, formula.needed, strict=True))
    ]
    gates.append(Gate("top", (names[formula.top],), 1))
    events = tuple(Event(name, 0.1, f"Gebeurtenis {name}") for name in names[: formula.events])
    return FaultTree("f", tuple(gates), events, {}, ("top",))


@settings(max_examples=60)
@given(formula=formulas())
def test_out_and_in_again(tmp_path_factory: pytest.TempPathFactory, formula: Formula) -> None:
    if formula.top < 0:
        return
    tree = as_tree(formula)
    path = tmp_path_factory.getbasetemp() / "uit-en-in.xml"
    path.write_bytes(open_psa(tree, ["opmerking -- met streepjes"]))
    again = read_open_psa(path)
    assert again.events == tree.events
    assert named(again, "top") == named(tree, "top")
    assert open_psa(tree) == open_psa(tree)


def test_identifiers_fit_the_format_and_stay_different() -> None:
    names = ["goed", "is-goed", "a b", "a.b", "1", "a_b", ""]
    found = identifiers(names)
    assert found[:2] == ["goed", "is-goed"]
    assert found[5] == "a_b"
    assert len(set(found)) == len(names)
