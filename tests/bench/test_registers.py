"""The invented register of the bench: the same bytes for the same seed, taken by the import."""

import sys
from pathlib import Path

import pytest

from kg.sources.registers.known import is_lei

sys.path.insert(0, str(Path(__file__).parent))  # the folder is no package

from registers import AT_HAND, at_hand, lei, markdown, register, registers

RECORDS = 2_000


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    files = register(tmp_path / "a", RECORDS)
    assert [path.suffix for path in sorted((tmp_path / "a").iterdir())] == [".zip", ".zip"]
    for seed, same in ((1, True), (2, False)):
        again = register(tmp_path / f"b{seed}", RECORDS, seed)
        assert (files[0].read_bytes() == again[0].read_bytes()) is same


def test_its_numbers_have_the_right_check_digits() -> None:
    assert all(is_lei(lei(number)) for number in range(300))


def test_what_the_bench_measures_is_an_import_that_finds_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def measured(code: str, *arguments: str) -> dict[str, float]:
        calls.append(arguments)
        monkeypatch.setattr(sys, "argv", ["-c", *arguments])
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", sys.stdout)
            with pytest.raises(SystemExit) as ended:
                exec(code, {})
            sys.stdout.close()
        assert not ended.value.code
        return {"seconds": 1.0, "processor_seconds": 1.0, "megabytes": 1.0}

    monkeypatch.setattr("registers.RECORDS", (RECORDS,))
    (one,) = registers(tmp_path, measured)
    assert one["counts"]["leiMatch"] == AT_HAND // 3
    assert one["counts"]["relations"] == RECORDS // 6 + 1
    assert markdown([one])[2].startswith("| 2,000 | 334 | 1.0 |")
    monkeypatch.setattr("registers.kvk", lambda number: f"0{number}")
    at_hand(tmp_path / "register-data")
    with pytest.raises(SystemExit, match="something else"):
        registers(tmp_path, measured)
    assert len(calls) == 2
