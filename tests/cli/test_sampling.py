"""``kg cascade --samples``: table, JSON, CSV, page, wrong use, interruption."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from below_origin import below_origin
from click.testing import Result

from kg.build import build
from kg.cascade import uncertainty
from kg.cli import sampling

Run = Callable[..., Result]

SOURCES = """id,title,publisher,date,url,grade,marking
s1,Interview,Ministerie,2026-01-15,,B,openbaar
"""
SERVICES = """id,label,inSector,restartLag,source
grid,Regionaal net (fictief),energie,PT2H,s1
gsmr,Treinradio (fictief),telecom,,s1
"""
REQUIREMENTS = """id,requiredBy,fulfilledBy,buffer,bufferLow,bufferHigh,effect,source
r1,gsmr,grid,PT4H,PT2H,PT8H,fails,s1
"""


@pytest.fixture(scope="module")
def uncertain(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A release in which one buffer has bounds."""
    folder = tmp_path_factory.mktemp("onzeker")
    for name, text in (
        ("Source", SOURCES),
        ("Service", SERVICES),
        ("Requirement", REQUIREMENTS),
    ):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    out = tmp_path_factory.mktemp("uit") / "releases"
    build([folder], out)
    return str(out)


def test_the_table_says_how_likely(kg: Run, uncertain: str) -> None:
    done = kg("cascade", "grid@PT0H/PT5H~0.5", "--samples", "1000", "--release", uncertain)
    assert done.exit_code == 0
    assert "1000 trekkingen, beginwaarde 0" in done.output
    assert "1 uitval met een kans" in done.output
    lines = done.output.splitlines()
    assert any("Regionaal net (fictief)" in line and "0 uur · 0 uur" not in line for line in lines)
    assert "De herstarttijd van 'Treinradio (fictief)' is onbekend" in done.output


def test_the_json(kg: Run, uncertain: str) -> None:
    arguments = ("cascade", "grid@PT0H/PT5H~0.5", "--samples", "500", "--format", "json")
    one = kg(*arguments, "--release", uncertain)
    other = kg(*arguments, "--release", uncertain, "--seed", "0", "--cores", "2")
    assert one.output == other.output
    found = json.loads(one.output)
    assert found["outages"][0]["probability"] == 0.5
    assert (found["samples"], found["complete"], found["seed"]) == (500, True, 0)
    assert [unit["unit"].rpartition("/")[2] for unit in found["units"]] == ["grid", "gsmr"]
    grid, gsmr = found["units"]
    assert 0.4 < grid["down_within_horizon"]["p"] < 0.6
    assert grid["down_within_horizon"]["low"] < grid["down_within_horizon"]["p"]
    assert gsmr["down_by"]["p"] == sorted(gsmr["down_by"]["p"])
    assert len(gsmr["down_by"]["p"]) == len(found["grid_hours"]) == 25
    assert found["varied"][0]["best_hours"] == 4
    assert kg(*arguments, "--release", uncertain, "--seed", "1").output != one.output


def test_the_csv(kg: Run, uncertain: str) -> None:
    done = kg("cascade", "grid", "--samples", "10", "--format", "csv", "--release", uncertain)
    lines = below_origin(done.stdout).splitlines()
    assert lines[0] == "unit,label,hours,p_down_by,low,high"
    assert len(lines) == 1 + 2 * 25


def test_the_page_shows_bands_and_tables(kg: Run, uncertain: str, tmp_path: Path) -> None:
    page = tmp_path / "beeld.html"
    done = kg("cascade", "grid", "--samples", "10", "--html", str(page), "--release", uncertain)
    assert done.exit_code == 0
    text = page.read_text("utf-8")
    assert text.count("<polygon points=") == 2
    assert "Aantallen in de tijd" in text
    assert "Kans op uitval per eenheid" in text
    assert "style=" not in text.split("</style>")[1].split("<script")[0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("grid", "--samples", "0"), "usage.samples"),
        (("grid", "--samples", "-1"), "usage.samples"),
        (("grid", "--samples", "10000000"), "usage.samples"),
        (("grid", "--samples", "10", "--seed", "-1"), "usage.seed"),
        (("grid", "--samples", "10", "--cores", "0"), "usage.cores"),
        (("grid", "--seed", "1"), "usage.samples"),
        (("grid", "--cores", "2"), "usage.samples"),
        (("grid~1.5", "--samples", "10"), "usage.probability"),
        (("grid~veel", "--samples", "10"), "usage.probability"),
        (("grid", "--samples", "veel"), "usage"),
    ],
)
def test_wrong_use_is_one_line(
    kg: Run, uncertain: str, arguments: tuple[str, ...], code: str
) -> None:
    done = kg("cascade", *arguments, "--release", uncertain)
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert f"[{code}]" in done.stderr


def test_an_interruption_prints_what_is_done(
    kg: Run, uncertain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = uncertainty.sample

    def interrupted(*arguments: object, **options: object) -> object:
        def stop(done: int) -> None:
            raise KeyboardInterrupt

        return real(*arguments, **{**options, "progress": stop})  # type: ignore[arg-type]

    monkeypatch.setattr(sampling, "sample", interrupted)
    done = kg("cascade", "grid", "--samples", "5000", "--release", uncertain)
    assert done.exit_code == 130
    assert "! Afgebroken: 256 van 5000 trekkingen zijn gedaan" in done.output
    done = kg("cascade", "grid", "--samples", "5000", "--format", "json", "--release", uncertain)
    assert json.loads(done.stdout)["complete"] is False
    assert "Afgebroken" in done.stderr


def test_a_real_ctrl_c_ends_with_an_answer(uncertain: str) -> None:
    command = ("cascade", "grid", "--samples", "1000000", "--format", "json")
    with subprocess.Popen(
        [sys.executable, "-m", "kg.cli.main", *command, "--release", uncertain],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as run:
        time.sleep(4)
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate(timeout=60)
    # A quick machine may have finished, a slow one may not have begun: both end cleanly. Python
    # itself ends by the signal (130 to a shell) where Ctrl-C fell in an exec() of an import.
    assert run.returncode in (0, 130, -signal.SIGINT)
    if out:
        assert json.loads(out)["samples"] > 0
