"""The arrays, their laws, and that they survive being saved."""

from pathlib import Path

import numpy as np
import pytest

from kg.errors import AmbiguousError, ReleaseError, UsageError
from kg.language import set_language
from kg.names import ID, VIT
from kg.network import Network, NetworkBuilder, network_of, resolve
from kg.network.graphs import components
from kg.network.mapped import map_array, sum_of

DRAWING = """
    grid                restart=2 sector=energie label=Regionaal_net
    rail                vital restart=? sector=spoor
    gsmr <- grid        buffer=3 refill=1 name=r1
    rail <- grid gsmr   k=1 degrades full name=r2
    rail <- gsmr        buffer=? restart substitution=24 name=r3
"""


@pytest.fixture
def network() -> Network:
    return network_of(DRAWING)


def test_every_field(network: Network) -> None:
    assert network.units == (ID + "grid", ID + "gsmr", ID + "rail")
    assert network.labels == ("Regionaal net", "gsmr", "rail")
    assert network.sectors == (ID + "energie", ID + "spoor")
    assert network.sector.tolist() == [0, -1, 1]
    assert network.vital.tolist() == [False, False, True]
    assert network.restart_lag.tolist() == [2, 0, 0]
    assert network.restart_known.tolist() == [True, True, False]
    assert np.isnan(network.unavailability).all()
    assert network.class_set.tolist() == [0, 0, 0]
    assert network.classes.names == (VIT + "FunctionalUnit",)
    assert network.place.tolist() == [-1, -1, -1]
    assert network.requirements == (ID + "r1", ID + "r2", ID + "r3")
    assert network.dependent.tolist() == [1, 2, 2]
    assert network.minimum.tolist() == [1, 1, 1]
    assert network.buffer.tolist() == [3, 0, 0]
    assert network.buffer_known.tolist() == [True, True, False]
    assert network.effect.tolist() == [0, 1, 0]
    assert network.purpose.tolist() == [0, 0, 1]
    assert network.needs_full.tolist() == [False, True, False]
    assert network.refill.tolist() == [1, 0, 0]
    assert network.substitution.tolist() == [np.inf, np.inf, 24]
    assert [network.fulfillers(r).tolist() for r in range(3)] == [[0], [0, 1], [1]]
    assert [network.uses(u).tolist() for u in range(3)] == [[0, 1], [1, 2], []]
    assert [network.own(u).tolist() for u in range(3)] == [[], [0], [1, 2]]
    assert network.requirement_label(1) == "rail ← Regionaal net, gsmr"


def test_the_arrays_are_read_only(network: Network) -> None:
    with pytest.raises(ValueError, match="read-only"):
        network.buffer[0] = 9.0


def test_saved_and_loaded_it_is_the_same_to_the_byte(network: Network, tmp_path: Path) -> None:
    network.save(tmp_path / "a")
    loaded = Network.load(tmp_path / "a")
    loaded.save(tmp_path / "b")
    assert loaded.digest() == network.digest()
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.parametrize("damage", ["names.json", "buffer.npy", "units.ends.npy"])
def test_a_damaged_folder_is_an_error_for_people(
    network: Network, tmp_path: Path, damage: str
) -> None:
    network.save(tmp_path)
    (tmp_path / damage).write_bytes(b"\x00")
    with pytest.raises(ReleaseError):
        Network.load(tmp_path)
    (tmp_path / damage).unlink()
    with pytest.raises(ReleaseError):
        Network.load(tmp_path)


@pytest.mark.parametrize("name", ["buffer.npy", "units.data.npy", "vital.npy"])
def test_any_flipped_bit_of_an_array_is_found(network: Network, tmp_path: Path, name: str) -> None:
    network.save(tmp_path)
    whole = (tmp_path / name).read_bytes()
    for at in range(0, len(whole), 7):
        changed = whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]
        (tmp_path / name).write_bytes(changed)
        with pytest.raises(ReleaseError, match=name):
            Network.load(tmp_path)
    (tmp_path / name).write_bytes(whole)
    assert Network.load(tmp_path).digest() == network.digest()


def test_objects_in_an_array_are_refused_and_never_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ReleaseError, match=r"x\.npy"):
        map_array(path, sum_of(path))


def test_the_digest_sees_every_number(network: Network) -> None:
    for changed in ("buffer=4", "buffer=?", "buffer=3 degrades"):
        assert network_of(DRAWING.replace("buffer=3", changed)).digest() != network.digest()
    assert network_of(DRAWING).digest() == network.digest()


def test_a_minimum_beyond_the_fulfillers_is_noted_and_all_are_needed() -> None:
    network = network_of("x <- a b k=3 name=r1")
    assert network.minimum.tolist() == [2]
    assert "vraagt er 3" in network.notes[0].nl


def test_a_requirement_that_nobody_fulfils_is_noted_and_left_out() -> None:
    network = NetworkBuilder().need("x", "", name="r1").build()
    assert len(network.requirements) == 0
    assert [note.iri for note in network.notes] == [ID + "r1"]


def test_an_empty_network_is_a_network(tmp_path: Path) -> None:
    network = network_of("")
    network.save(tmp_path)
    assert len(Network.load(tmp_path).units) == 0


@pytest.mark.parametrize("word", ["k=x", "color=red"])
def test_a_drawing_with_unknown_words_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=word.partition("=")[2] if word == "k=x" else "color"):
        network_of(f"x <- a {word}")


@pytest.mark.parametrize(
    "text", ["grid", "GRID", "id:grid", ID + "grid", f"<{ID}grid>", "regionaal net", " grid "]
)
def test_units_are_found_by_any_of_their_names(network: Network, text: str) -> None:
    assert resolve(network, text) == 0


def test_units_are_found_by_their_english_label() -> None:
    network = NetworkBuilder().unit("a", label="Net").unit("b", label="X", label_en="Grid").build()
    assert resolve(network, "grid") == 1
    set_language("en")
    assert (network.label(0), network.label(1)) == ("Net", "Grid")


def test_an_id_goes_before_a_label() -> None:
    network = NetworkBuilder().unit("a", label="b").unit("b", label="a").build()
    assert resolve(network, "a") == 0


def test_an_ambiguous_label_lists_the_candidates() -> None:
    network = NetworkBuilder().unit("a", label="Net").unit("b", label="Net").build()
    with pytest.raises(AmbiguousError) as caught:
        resolve(network, "net")
    assert caught.value.candidates == ((ID + "a", "Net"), (ID + "b", "Net"))


@pytest.mark.parametrize(("text", "near"), [("gird", "grid"), ("regionaal", "grid")])
def test_an_unknown_unit_names_the_nearest(network: Network, text: str, near: str) -> None:
    with pytest.raises(UsageError, match=f"Bedoelt u: {near}"):
        resolve(network, text)


def test_unknown_iris_are_refused(network: Network) -> None:
    with pytest.raises(UsageError):
        network.index(ID + "x")
    with pytest.raises(UsageError):
        network.requirement_index(ID + "x")


def test_components_are_the_cycles() -> None:
    #   0 ⇄ 1 → 2 → 3 → 4 → 2     5 ⟲     6 → 7
    edges = {0: [1], 1: [0, 2], 2: [3], 3: [4], 4: [2], 5: [5], 6: [7, 99], 7: []}
    assert components(edges) == ((0, 1), (2, 3, 4), (5,))


def test_components_of_a_long_ring_need_no_recursion() -> None:
    size = 50_000
    assert len(components({i: [(i + 1) % size] for i in range(size)})[0]) == size
