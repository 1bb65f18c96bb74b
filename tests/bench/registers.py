"""An invented LEI register of any size in GLEIF's own form, and what its import costs.

The same for the same seed, written as a stream: ``registers.py --records N --out FOLDER`` makes
Level 1 and Level 2 as zipped CSV, and a small folder of data at hand that both are held against.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLES: Final = ROOT / "examples" / "registers"
NAMED: Final = "20260930-0800-gleif-goldencopy-{}-golden-copy.csv"
#: The small one beside the large one shows that memory does not grow with the register.
RECORDS: Final = (300_000, 3_000_000)
#: Organisations of the data at hand; a third is known by LEI, a third by KvK number, a third by
#: name only.
AT_HAND: Final = 900
#: One record in so many has a parent, and a parent has so many children; roughly as it is.
CHILD_EVERY: Final = 6
CHILDREN: Final = 5
SEATS: Final = ("NL", "DE", "BE", "FR", "GB", "US", "LU", "SE", "CN", "JP", "KY", "SG")
KVK: Final = "RA000463"

IMPORT: Final = """
import sys
from kg.cli.main import main
with open(sys.argv[1], "w", encoding="utf-8") as sys.stdout:
    main(["import", "gleif", *sys.argv[2:], "--marking", "openbaar", "--format", "json"])
"""


def lei(number: int) -> str:
    """An LEI that nobody has, with the right check digits (ISO 7064 MOD 97-10)."""
    body = f"9999{number:014d}"
    return f"{body}{98 - int(body + '00') % 97:02d}"


def name(number: int) -> str:
    """What record ``number`` is called."""
    return f"Onderneming {number} (fictief)"


def kvk(number: int) -> str:
    """Its number in the trade register, where it has one."""
    return f"{10_000_000 + number}"


def register(folder: Path, records: int, seed: int = 1) -> list[Path]:
    """Level 1 with this many records and Level 2 with what is above some of them."""
    folder.mkdir(parents=True, exist_ok=True)
    pick = random.Random(seed)
    header, *samples = _sample("lei2")
    patterns = []
    for seat in SEATS:
        cells = dict(zip(header, pick.choice(samples), strict=True))
        cells["LEI"], cells["Entity.LegalName"] = "%(lei)s", "%(name)s"
        cells["Entity.LegalAddress.Country"] = seat
        cells["Entity.RegistrationAuthority.RegistrationAuthorityID"] = KVK if seat == "NL" else ""
        cells["Entity.RegistrationAuthority.RegistrationAuthorityEntityID"] = "%(kvk)s"
        cells["Entity.EntityStatus"], cells["Registration.RegistrationStatus"] = "ACTIVE", "ISSUED"
        patterns.append(_written([list(cells.values())]))

    def entities() -> Iterator[str]:
        for number in range(records):
            # Those that the data at hand know by their KvK number are Dutch, as Dutch ones are.
            pattern = patterns[0] if number < AT_HAND else pick.choice(patterns)
            yield pattern % {"lei": lei(number), "name": name(number), "kvk": kvk(number)}

    columns, *related = _sample("rr")
    pattern = dict(zip(columns, related[0], strict=True))
    pattern["Relationship.StartNode.NodeID"] = "%(child)s"
    pattern["Relationship.EndNode.NodeID"] = "%(parent)s"
    line = _written([list(pattern.values())])

    def relations() -> Iterator[str]:
        # Of what is at hand too, and upwards: a parent is another record, further on.
        for place, child in enumerate(range(0, records, CHILD_EVERY)):
            parent = records // 2 + place // CHILDREN
            yield line % {"child": lei(child), "parent": lei(parent)}

    return [
        _packed(folder, "lei2", _written([header]), entities()),
        _packed(folder, "rr", _written([columns]), relations()),
    ]


def at_hand(folder: Path) -> Path:
    """The organisations that the register is held against."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Source.csv").write_text(
        "id,title,publisher,date,url,grade,marking\n"
        "s1,Eigen lijst (fictief),Redactie (fictief),2026-01-15,,B,openbaar\n",
        encoding="utf-8",
    )
    rows = [["id", "label", "kvkNumber", "lei", "source"]]
    for number in range(AT_HAND):
        by = number % 3
        label = name(number) if by == 2 else f"Eigen naam {number} (fictief)"
        numbers = [kvk(number) if by == 1 else "", lei(number) if by == 0 else ""]
        rows.append([f"org-{number}", label, *numbers, "s1"])
    (folder / "Organisation.csv").write_text(_written(rows), encoding="utf-8")
    return folder


def registers(out: Path, measured: Callable[..., dict[str, float]]) -> list[dict[str, Any]]:
    """Whole commands of ``kg import gleif``, the small register and the large one.

    Args:
        out: where the registers are made, once.
        measured: what times a process and sees its peak memory (of ``run.py``).
    """
    data = at_hand(out / "register-data")
    found = []
    for records in RECORDS:
        folder = out / f"register-{records}"
        files = sorted(folder.glob("*.zip"))
        if len(files) != 2:
            shutil.rmtree(folder, ignore_errors=True)
            files = register(folder, records)
        tables, account = out / f"lei-{records}", out / f"lei-{records}.json"
        shutil.rmtree(tables, ignore_errors=True)
        cost = measured(
            IMPORT, str(account), *map(str, files), "--data", str(data), "--out", str(tables)
        )
        counts = json.loads(account.read_text("utf-8"))["counts"]
        third = AT_HAND // 3
        told = counts["records"], counts["leiMatch"], counts["kvkMatch"], counts["name"]
        if told != (records, third, third, third) or not counts.get("parents"):
            raise SystemExit(f"bench: the import did something else: {counts}")
        found.append({**cost, "counts": counts})
    return found


def markdown(found: Sequence[dict[str, Any]]) -> list[str]:
    """The figures as a table."""
    return [
        "| import of an LEI register, records | relationships | seconds | processor s | peak MB |",
        "|---|---|---|---|---|",
        *(
            f"| {one['counts']['records']:,} | {one['counts']['relations']:,} | {one['seconds']} | "
            f"{one['processor_seconds']} | {one['megabytes']} |"
            for one in found
        ),
        "",
    ]


def _sample(part: str) -> list[list[str]]:
    """The header and rows of a sample of the tests, which is in the true form."""
    with (SAMPLES / NAMED.format(part)).open(encoding="utf-8", newline="") as file:
        return [[cell.replace("%", "%%") for cell in row] for row in csv.reader(file)]


def _written(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def _packed(folder: Path, part: str, header: str, lines: Iterable[str]) -> Path:
    """A zipped CSV file, written line by line; one that was cut off is no register."""
    path = folder / f"{NAMED.format(part)}.zip"
    unfinished = path.with_suffix(".part")
    whole = zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    entry = zipfile.ZipInfo(NAMED.format(part), (2026, 9, 30, 8, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    with whole, whole.open(entry, "w", force_zip64=True) as file:
        file.write(header.encode())
        for line in lines:
            file.write(line.encode())
    return unfinished.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    register(options.out, options.records, options.seed)
    at_hand(options.out / "data")


if __name__ == "__main__":
    main()
