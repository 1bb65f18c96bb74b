"""A smaller run of ``make fuzz`` with a seed of its own; and what would make it fail does."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import run
from cases import Case, WrongError, outcome_of_error
from intake import Csv
from showing import Labels
from targets import TARGETS
from worker import rng_of

from kg.errors import KgError

#: Kinds of input that take milliseconds each get this many.
EACH = 100
#: Those that ask a release, and whole builds, take longer.
FEWER = {"build": 0, "arguments": 30, "parameters": 40, "sparql": 40, "labels": 30, "xlsx": 30}
SEED = 20_261


def test_nothing_hostile_crashes_hangs_or_gets_in(tmp_path: Path) -> None:
    many = {name: FEWER.get(name, EACH) for name in TARGETS if FEWER.get(name, EACH)}
    tallies = run.run(many, SEED, tmp_path, 2, lambda found, place: None)
    failures = [
        f"{one.name} {each['number']}: {each['why']}" for one in tallies for each in one.failures
    ]
    assert failures == []
    assert {one.name: one.inputs for one in tallies} == many
    assert all(one.told for one in tallies if one.name != "labels")


def test_an_input_follows_from_its_number(tmp_path: Path) -> None:
    for name in ("csv", "xlsx", "turtle", "jsonld", "rdfxml", "names"):
        target = TARGETS[name](tmp_path)
        for number in range(5):
            one, other = (target.make(rng_of(name, 1, number)) for _ in range(2))
            assert one == other
        assert target.make(rng_of(name, 1, 0)) != target.make(rng_of(name, 2, 0))


def test_shares_add_up() -> None:
    for total in (100, 1_000, 10_000):
        assert sum(run.shares(total, list(TARGETS)).values()) == total


def test_an_error_without_words_is_seen() -> None:
    with pytest.raises(WrongError):
        outcome_of_error(KgError("code", "nl", "en"))
    with pytest.raises(WrongError):
        outcome_of_error(KgError("some.code", "nl", " "))


def test_a_check_that_the_intake_forgets_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Csv(tmp_path)
    table = b"id,label,source\nx,a\x07b,s1\n"
    assert target.run(target.case("Place.csv", table)) == "told"
    monkeypatch.setattr("kg.sources.cells.check_characters", lambda _: None)
    monkeypatch.setattr("kg.sources.tables.check_characters", lambda _: None, raising=False)
    with pytest.raises(WrongError, match="control character"):
        target.run(target.case("Place.csv", table))


def test_markup_that_becomes_an_element_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import showing

    target, texts = Labels(tmp_path), ("<b>x</b>",) * 7
    assert target.run(Case({}, texts)) == "accepted"
    real = showing.render_page
    monkeypatch.setattr(
        showing, "render_page", lambda view: real(view).replace("&lt;b&gt;", "<b>", 1)
    )
    with pytest.raises(WrongError, match="elements"):
        target.run(Case({}, texts))


@pytest.mark.parametrize("what", ["crash", "hang", "dies"])
def test_what_fails_is_counted_and_can_be_repeated(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = tmp_path / "worker.py"
    ends = {
        "crash": "print(json.dumps({'number': 1, 'seconds': 0.1, 'outcome': 'crash', 'why': 'x'}))",
        "hang": "time.sleep(60)",
        "dies": "os._exit(3)",
    }
    worker.write_text(
        "import json, os, sys, time\n"
        "numbers = [int(one) for one in sys.stdin.read().split()]\n"
        "print(json.dumps({'limit': 2.0}), flush=True)\n"
        "for number in numbers:\n"
        "    print(json.dumps({'at': number}), flush=True)\n"
        f"    if number == 1:\n        {ends[what]}\n"
        "    else:\n"
        "        told = {'number': number, 'seconds': 0.1, 'outcome': 'told'}\n"
        "        print(json.dumps(told), flush=True)\n",
        "utf-8",
    )
    monkeypatch.setattr(run, "HERE", tmp_path)
    tally = run.run_target("csv", tmp_path / "work", 1, range(3))
    assert (tally.inputs, tally.told) == (3, 2)
    assert (tally.crashes, tally.hangs) == ((0, 1) if what == "hang" else (1, 0))
    run.keep(tally, 1, tmp_path / "out", tmp_path / "work")
    (kept,) = (tmp_path / "out").iterdir()
    assert kept.name == "csv-1-1"
    assert "--target csv --seed 1 --only 1" in (kept / "REPEAT.txt").read_text("utf-8")
    assert any((kept / "input").iterdir())
