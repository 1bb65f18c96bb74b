"""The data at hand of these tests, where the samples are, and how results are read."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from kg.errors import Problem
from kg.sources.registers.model import Imported

SAMPLES = Path(__file__).parents[3] / "examples" / "registers"

SOURCES = """id,title,publisher,date,url,grade,marking
s1,Eigen lijst (fictief),Redactie (fictief),2026-01-15,,B,openbaar
s2,Geheime lijst (fictief),Redactie (fictief),2026-01-15,,B,dep-v
"""
ORGANISATIONS = """id,label,label@en,seat,kvkNumber,lei,source
net,Netbeheer Proefland (fictief),Grid Operator Proefland (fictional),NL,,OEF0REGNETNOORD01030,s1
seinen,Seinbouw (fictief),Signals (fictional),,00009002,,s1
naam,Naamgenoot-Proefland (fictief),Namesake (fictional),NL,,,s1
geheim,Geheim Proefland (fictief),Secret (fictional),NL,,OEF0REGGEHEIM0000131,s2
"""

Row = Mapping[str, str]


def rows(imported: Imported, table: str) -> dict[str, Row]:
    """The rows of one table by id."""
    return {row["id"]: row for row in imported.tables.get(table, ())}


def counted(imported: Imported) -> dict[str, int]:
    return {one.code: one.number for one in imported.counts}


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def places(problems: tuple[Problem, ...]) -> list[tuple[str, str, int, str]]:
    """(code, file, row, column or path) of each; its sentences must both say what to do."""
    found = []
    for one in problems:
        assert one.nl.strip().endswith((".", ")"))
        assert one.en.strip().endswith((".", ")"))
        at = one.location
        found.append((one.code, at.file, at.row, at.column or at.path))
    return found
