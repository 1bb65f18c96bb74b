"""The examples that the README tells of do what it says."""

from pathlib import Path

import pytest

import kg
from kg.build import build

ROOT = Path(__file__).resolve().parents[1]
CIRCLE = "dep-v+kring-energie"


@pytest.fixture(scope="module")
def with_a_circle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("kring") / "releases"
    data = [ROOT / "data" / "public", ROOT / "data" / "exercise", ROOT / "examples" / "compartment"]
    build(data, out, validation=False)
    return out


def test_there_is_a_level_for_the_circle(with_a_circle: Path) -> None:
    assert kg.open(with_a_circle).release.levels == ("openbaar", "dep-v", CIRCLE)


def test_only_the_circle_sees_that_both_control_centres_lean_on_one_service(
    with_a_circle: Path,
) -> None:
    """The same outage: as far as the others can know, the second control centre goes on."""
    fallen, told = {}, {}
    for level in ("dep-v", CIRCLE):
        release = kg.open(with_a_circle, level)
        found = release.cascade("oef-s-cloud", horizon="P3D").events()
        fallen[level] = {one["label"] for one in found if one["state"] == "down"}
        told[level] = b"".join(release.release.store.dump(None))
    balance = "Balanshandhaving elektriciteit (fictief)"
    assert balance in fallen[CIRCLE] - fallen["dep-v"]
    assert (len(fallen["dep-v"]), len(fallen[CIRCLE])) == (9, 129)  # as the README says
    for name in (b"kring-bron", b"kring-r-"):
        assert name in told[CIRCLE]
        assert name not in told["dep-v"]
