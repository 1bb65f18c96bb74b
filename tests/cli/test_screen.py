"""``kg screen``: what weighs most, as a person and as a program reads it."""

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from below_origin import below_origin
from click.testing import Result

from kg.names import ID

Run = Callable[..., Result]


def test_single_failures_as_other_programs_read_them(kg: Run, release: str) -> None:
    result = kg("screen", "--release", release, "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["order"], found["complete"]) == (1, True)
    # the units of the reference data stand alone, beside the three of this folder
    assert found["done"] == found["total"] == found["found"] == len(found["units"]) > 3
    assert found["horizon_hours"] == 72
    (first,) = [one for one in found["units"] if one["unit"] == ID + "grid"]
    # grid at 0, rail at once, gsmr at 3
    assert first["label"] == "Regionaal net (fictief)"
    assert (first["units_lost"], first["sectors_reached"], first["other_sectors"]) == (3, 3, 2)
    assert first["unit_hours_lost"] == 72 + 72 + 69
    assert first["earliest_vital_loss_hours"] is None
    assert [one["rank"] for one in found["units"]] == list(range(1, found["total"] + 1))
    vital = [one["vital_processes_lost"] for one in found["units"]]
    assert vital == sorted(vital, reverse=True)


OWN = ("--units", "grid", "--units", "gsmr", "--units", "rail")


def test_single_failures_for_people(kg: Run, release: str) -> None:
    result = kg("screen", "--release", release, "--top", "1", *OWN)
    assert result.exit_code == 0, result.output
    assert "Regionaal net (fictief)" in result.stdout
    assert " 213\n" in result.stdout
    assert "Hier staan er 1 van 3" in result.stdout
    assert "Waarom: kg cascade grid" in result.stdout
    english = kg("screen", "--release", release, "--lang", "en")
    assert "Every unit alone, 3 days ahead" in english.stdout


def test_pairs(kg: Run, release: str) -> None:
    result = kg("screen", "--order", "2", "--release", release, "--format", "json", *OWN)
    found = json.loads(result.stdout)
    # all requirements need everyone: nothing can interact
    assert (found["pairs"], found["pairs_computed"], found["interacting_pairs"]) == (3, 0, [])
    table = kg("screen", "--order", "2", "--among", "5", "--release", release)
    assert "0 van 10 paren" in table.stdout


def test_a_part_of_the_network(kg: Run, release: str) -> None:
    def units(*arguments: str) -> list[str]:
        result = kg("screen", "--release", release, "--format", "csv", *arguments)
        assert result.exit_code == 0, result.output
        return [row["unit"] for row in csv.DictReader(StringIO(below_origin(result.stdout)))]

    assert ID + "gsmr" in units("--within", "telecom")
    assert ID + "grid" not in units("--within", "telecom")
    assert units("--units", "rail", "--units", "grid") == [ID + "grid", ID + "rail"]
    assert units("--units", "rail", "--within", "telecom") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--within", "ruimtevaart"], "ruimtevaart"),
        (["--units", "grit"], "grid"),
        (["--order", "3"], "--order"),
        (["--horizon", "drie dagen"], "drie dagen"),
        (["--cores", "0"], "--cores"),
        (["--top", "-1"], "--top"),
    ],
)
def test_wrong_use_exits_with_2(kg: Run, release: str, arguments: list[str], words: str) -> None:
    result = kg("screen", "--release", release, *arguments)
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_a_state_of_something_else(kg: Run, release: str, tmp_path: Path) -> None:
    state = tmp_path / "stand"
    arguments = ("screen", "--release", release, "--state", str(state))
    first = kg(*arguments)
    assert kg(*arguments).stdout == first.stdout
    result = kg(*arguments, "--horizon", "P1D")
    assert result.exit_code == 2
    assert "[usage.screen-state]" in result.stderr


def test_interrupted_says_how_far_it_is(
    kg: Run, release: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from kg.cascade import screening

    real, calls = screening.Batches.run, []

    def run(self: object, worker: object, **options: object) -> object:
        options["stop"] = screening.Stop()
        options["progress"] = lambda *_: (calls.append(1), options["stop"].set())
        return real(self, worker, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(screening, "_SINGLES", 1)
    monkeypatch.setattr(screening.Batches, "run", run)
    monkeypatch.setattr(screening.FailureEngine, "clear", slow(screening.FailureEngine.clear))
    state = tmp_path / "stand"
    result = kg("screen", "--release", release, "--state", str(state), "--cores", "1")
    assert result.exit_code == 130, result.output
    assert " gedaan; de rangorde is van dat deel" in result.stderr
    assert str(state) in result.stderr
    assert "Elke eenheid apart" in result.stdout


def slow(real: Callable[[object], None]) -> Callable[[object], None]:
    def clear(self: object) -> None:
        time.sleep(0.3)
        real(self)

    return clear


def test_ctrl_c_in_a_process(release: str, tmp_path: Path) -> None:
    """The signal itself: whatever moment it comes, the end is clean."""
    program = (
        "import sys, time\n"
        "from kg.cascade import screening\n"
        "screening._SINGLES = 1\n"
        "real = screening.FailureEngine.clear\n"
        "def clear(self):\n"
        "    print('begonnen', file=sys.stderr, flush=True); time.sleep(1); real(self)\n"
        "screening.FailureEngine.clear = clear\n"
        "from kg.cli.main import main\n"
        "main(sys.argv[1:])\n"
    )
    state = tmp_path / "stand"
    with subprocess.Popen(
        [sys.executable, "-c", program, "screen", "--release", release, "--cores", "1",
         "--state", str(state)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "afgebroken" in err
    assert "Traceback" not in err + out
    assert state.exists()
