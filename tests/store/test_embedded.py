"""The embedded store: union without doubles, loading, dumping, disk."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import ReleaseError
from kg.store import EmbeddedStore, GraphStore

LINE = b"<urn:a> <urn:p> <urn:b> .\n"
NEXT = b"<urn:b> <urn:p> <urn:c> .\n"


def test_it_is_a_graph_store() -> None:
    store: GraphStore = EmbeddedStore.memory()
    assert isinstance(store, GraphStore)


def test_a_triple_in_two_graphs_counts_once() -> None:
    store = EmbeddedStore.memory()
    store.load("urn:g", LINE + NEXT)
    assert len(list(store.select("SELECT * { ?s ?p ?o }").rows)) == 2
    store.load("urn:h", LINE)
    assert len(list(store.select("SELECT * { ?s ?p ?o }").rows)) == 2
    assert len(list(store.select("SELECT * { ?s <urn:p>/<urn:p> ?o }").rows)) == 1
    assert len(list(store.select("SELECT ?g { GRAPH ?g { <urn:a> ?p ?o } }").rows)) == 2
    store.add_new("urn:i", b"<urn:c> <urn:p> <urn:d> .\n")
    assert len(list(store.select("SELECT * { ?s ?p ?o }").rows)) == 3
    store.clear("urn:h")
    assert len(list(store.select("SELECT * { ?s ?p ?o }").rows)) == 3


@given(
    st.lists(st.tuples(st.sampled_from("gh"), st.lists(st.integers(0, 6), max_size=6)), max_size=5)
)
@settings(max_examples=60, deadline=None)
def test_the_default_graph_is_the_set_union(loads: list[tuple[str, list[int]]]) -> None:
    store = EmbeddedStore.memory()
    everything: set[int] = set()
    for graph, numbers in loads:
        lines = {b"<urn:n%d> <urn:p> <urn:o> .\n" % number for number in numbers}
        store.load(f"urn:{graph}", b"".join(sorted(lines)))
        everything |= set(numbers)
    assert len(list(store.select("SELECT * { ?s ?p ?o }").rows)) == len(everything)


def test_blank_nodes_keep_their_names_across_loads() -> None:
    store = EmbeddedStore.memory()
    store.load("urn:g", b"_:l <urn:first> <urn:a> .\n")
    store.load("urn:h", b"_:l <urn:rest> <urn:b> .\n")
    assert store.ask("ASK { ?l <urn:first> <urn:a> ; <urn:rest> <urn:b> }")


def test_on_disk_as_in_memory(tmp_path: Path) -> None:
    lists = b"".join(b"_:n%d <urn:rest> _:n%d .\n" % (n, n + 1) for n in range(50))
    with EmbeddedStore.create(tmp_path / "store") as store:
        store.load("urn:g", LINE + lists)
        store.load("urn:h", LINE + NEXT)  # shared: the merge goes to disk too
        lines = [line for line in store.dump() if b"_:" not in line]
    opened = EmbeddedStore.open(tmp_path / "store")
    assert [line for line in opened.dump() if b"_:" not in line] == lines
    assert len(list(opened.select("SELECT * { ?s <urn:p> ?o }").rows)) == 2
    assert opened.ask("ASK { ?a " + "/".join(["<urn:rest>"] * 50) + " ?b }")
    with pytest.raises(ReleaseError):
        opened.load("urn:g", NEXT)
    with pytest.raises(ReleaseError):
        opened.clear("urn:g")
    opened.close()


@pytest.mark.parametrize("chunk", [10, 100, 1_000])  # shorter than a line, some lines, all of them
@pytest.mark.parametrize("beside", [False, True])  # at the end, or in another process meanwhile
def test_what_is_written_in_pieces_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, *, beside: bool
) -> None:
    monkeypatch.setattr("kg.store.disk._MOST", chunk)
    if beside:
        monkeypatch.setattr("kg.store.disk._LEAST", chunk)
    with EmbeddedStore.create(tmp_path / "store") as store:
        store.load("urn:g", b"".join(b"<urn:s%d> <urn:p> <urn:o> .\n" % n for n in range(9)))
        store.load("urn:h", NEXT)
        lines = list(store.dump())
    with EmbeddedStore.open(tmp_path / "store") as opened:
        assert list(opened.dump()) == lines
        assert len(lines) == 10


def test_what_is_not_there_or_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError):
        EmbeddedStore.open(tmp_path / "nothing")
    (tmp_path / "damaged").mkdir()
    with pytest.raises(ReleaseError):
        EmbeddedStore.open(tmp_path / "damaged")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x")
    with pytest.raises(ReleaseError):
        EmbeddedStore.create(tmp_path / "full")


def test_dump_is_sorted_quads_by_graph() -> None:
    store = EmbeddedStore.memory()
    store.load("urn:h", LINE)
    store.load("urn:g", NEXT + LINE)
    assert list(store.dump()) == [
        b"<urn:a> <urn:p> <urn:b> <urn:g> .\n",
        b"<urn:b> <urn:p> <urn:c> <urn:g> .\n",
        b"<urn:a> <urn:p> <urn:b> <urn:h> .\n",
    ]
    assert list(store.dump("urn:h")) == [b"<urn:a> <urn:p> <urn:b> <urn:h> .\n"]
    assert store.graphs() == ["urn:g", "urn:h"]
    assert (store.count("urn:g"), store.count("urn:none")) == (2, 0)


def test_bytes_that_are_no_ntriples_are_refused() -> None:
    store = EmbeddedStore.memory()
    with pytest.raises(ValueError, match=r"\d"):
        store.load("urn:g", b"this is not RDF\n")


def test_contains_looks_in_every_graph() -> None:
    store = EmbeddedStore.memory()
    store.load("urn:g", LINE)
    a, p, b = (ox.NamedNode(f"urn:{name}") for name in "apb")
    assert store.contains(ox.Triple(a, p, b))
    assert not store.contains(ox.Triple(b, p, a))
    assert [str(triple) for triple in store.triples("urn:g")] == ["<urn:a> <urn:p> <urn:b>"]
