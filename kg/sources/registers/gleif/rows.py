"""Records of the golden copy, one at a time, from CSV and from JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from kg.sources.model import FileError
from kg.sources.registers.gleif.parts import RegisterFile
from kg.sources.registers.known import KVK_AUTHORITY, normalised_name
from kg.sources.registers.records import Json, csv_rows, json_records, positions

#: What is read of Level 1: the columns of the CSV, which are the paths of the JSON as well.
_ENTITY: Final = (
    "LEI",
    "Entity.LegalName",
    "Entity.LegalAddress.Country",
    "Entity.RegistrationAuthority.RegistrationAuthorityID",
    "Entity.RegistrationAuthority.RegistrationAuthorityEntityID",
    "Entity.EntityStatus",
    "Registration.RegistrationStatus",
)
_RELATION: Final = (
    "Relationship.StartNode.NodeID",
    "Relationship.StartNode.NodeIDType",
    "Relationship.EndNode.NodeID",
    "Relationship.EndNode.NodeIDType",
    "Relationship.RelationshipType",
    "Relationship.RelationshipStatus",
    "Registration.RegistrationStatus",
)
_EXCEPTION: Final = ("LEI", "Exception.Category")
_PERIODS: Final = range(1, 6)

DIRECT: Final = "IS_DIRECTLY_CONSOLIDATED_BY"
ULTIMATE: Final = "IS_ULTIMATELY_CONSOLIDATED_BY"
#: Records that the register itself has withdrawn.
VOID: Final = frozenset({"ANNULLED", "DUPLICATE", "RETIRED"})


class Entity(NamedTuple):
    """One record of Level 1, as the register writes it, and where it stands."""

    lei: str
    name: str
    country: str
    authority: str
    number: str
    status: str
    registration: str
    place: int

    @property
    def kvk(self) -> str:
        """The KvK number; empty when another register is named."""
        return self.number if self.authority == KVK_AUTHORITY else ""


class Relation(NamedTuple):
    """One relationship of consolidation that is in force, and where it stands."""

    child: str
    parent: str
    kind: str
    start: str
    end: str
    standard: str
    place: int


def entities(
    file: RegisterFile,
    leis: frozenset[str],
    kvks: frozenset[str],
    names: frozenset[str],
    counts: Counter[str],
) -> Iterator[Entity]:
    """Records of Level 1 with one of these LEIs, KvK numbers or normalised names."""
    rows = _entities_csv if file.opened.kind == "text" else _entities_json
    return rows(file, leis, kvks, names, counts)


def exceptions(file: RegisterFile) -> Iterator[tuple[str, str, list[str]]]:
    """Reporting exceptions: the LEI, which parent is not given, and why."""
    rows = _exceptions_csv if file.opened.kind == "text" else _exceptions_json
    return rows(file)


def _entities_csv(
    file: RegisterFile,
    leis: frozenset[str],
    kvks: frozenset[str],
    names: frozenset[str],
    counts: Counter[str],
) -> Iterator[Entity]:
    """Rows that may matter. This loop runs millions of times, so it does little."""
    rows = csv_rows(file.opened)
    _, header = next(rows)
    at = positions([cell.strip() for cell in header], _ENTITY)
    lei, name, country, authority, number, status, registration = (at[c] for c in _ENTITY)
    width, place = len(header), 1
    for place, cells in rows:
        if len(cells) != width:
            if cells:
                raise _ragged(place, len(cells), width)
            continue
        if (
            cells[lei] in leis
            or normalised_name(cells[name]) in names
            or (cells[authority] == KVK_AUTHORITY and cells[number] in kvks)
        ):
            yield Entity(
                cells[lei],
                cells[name],
                cells[country],
                cells[authority],
                cells[number],
                cells[status],
                cells[registration],
                place,
            )
    counts["records"] = place - 1


def _entities_json(
    file: RegisterFile,
    leis: frozenset[str],
    kvks: frozenset[str],
    names: frozenset[str],
    counts: Counter[str],
) -> Iterator[Entity]:
    paths = [path.split(".") for path in _ENTITY]
    place = -1
    for place, record in json_records(file.opened, "records"):
        lei, name, country, authority, number, status, registration = (
            _value(record, path) for path in paths
        )
        if not lei:
            raise _no_field(f"$.records[{place}]", "LEI")
        if (
            lei in leis
            or normalised_name(name) in names
            or (authority == KVK_AUTHORITY and number in kvks)
        ):
            yield Entity(lei, name, country, authority, number, status, registration, place)
    counts["records"] = place + 1


def relations(file: RegisterFile, counts: Counter[str]) -> Iterator[Relation]:
    """Consolidations in force, of the register itself; others are counted."""
    rows = _relations_csv if file.opened.kind == "text" else _relations_json
    for values, periods, standard, place in rows(file):
        counts["relations"] += 1
        child, child_type, parent, parent_type, kind, status, registration = values
        if kind not in (DIRECT, ULTIMATE) or child_type != "LEI" or parent_type != "LEI":
            counts["other"] += 1
        elif status != "ACTIVE" or registration in VOID:
            counts["inactive"] += 1
        else:
            start, end = periods
            yield Relation(child, parent, kind, start, end, standard, place)


_RelationRow = tuple[Sequence[str], tuple[str, str], str, int]


def _relations_csv(file: RegisterFile) -> Iterator[_RelationRow]:
    rows = csv_rows(file.opened)
    _, raw = next(rows)
    header = [cell.strip() for cell in raw]
    at = [positions(header, _RELATION)[column] for column in _RELATION]
    periods = _groups(header, "Relationship.Period", ("periodType", "startDate", "endDate"))
    if not periods:
        positions(header, ["Relationship.Period.1.periodType", "Relationship.Period.1.startDate"])
    qualifiers = _groups(
        header, "Relationship.Qualifiers", ("QualifierDimension", "QualifierCategory")
    )
    for place, cells in rows:
        if len(cells) != len(header):
            if cells:
                raise _ragged(place, len(cells), len(header))
            continue
        found = [
            (cells[start], cells[end])
            for kind, start, end in periods
            if cells[kind] == "RELATIONSHIP_PERIOD"
        ]
        standard = [cells[c] for d, c in qualifiers if cells[d] == "ACCOUNTING_STANDARD"]
        yield (
            [cells[one] for one in at],
            found[0] if found else ("", ""),
            standard[0] if standard else "",
            place,
        )


def _groups(header: Sequence[str], name: str, fields: Sequence[str]) -> list[list[int]]:
    """Where columns of a numbered group stand: ``Relationship.Period.1.startDate`` and so on."""
    found = []
    for number in _PERIODS:
        columns = [f"{name}.{number}.{one}" for one in fields]
        if all(column in header for column in columns):
            found.append([header.index(column) for column in columns])
    return found


def _relations_json(file: RegisterFile) -> Iterator[_RelationRow]:
    paths = [path.split(".") for path in _RELATION]
    for place, record in json_records(file.opened, "relations"):
        inner = record.get("RelationshipRecord")
        if not isinstance(inner, dict):
            raise _no_field(f"$.relations[{place}]", "RelationshipRecord")
        relation = inner.get("Relationship")
        if not isinstance(relation, dict):
            raise _no_field(f"$.relations[{place}].RelationshipRecord", "Relationship")
        found = [
            (_value(one, ["StartDate"]), _value(one, ["EndDate"]))
            for one in _several(relation, "RelationshipPeriods", "RelationshipPeriod")
            if _value(one, ["PeriodType"]) == "RELATIONSHIP_PERIOD"
        ]
        standard = [
            _value(one, ["QualifierCategory"])
            for one in _several(relation, "RelationshipQualifiers", "RelationshipQualifier")
            if _value(one, ["QualifierDimension"]) == "ACCOUNTING_STANDARD"
        ]
        yield (
            [_value(inner, path) for path in paths],
            found[0] if found else ("", ""),
            standard[0] if standard else "",
            place,
        )


def _exceptions_csv(file: RegisterFile) -> Iterator[tuple[str, str, list[str]]]:
    rows = csv_rows(file.opened)
    _, raw = next(rows)
    header = [cell.strip() for cell in raw]
    at = positions(header, _EXCEPTION)
    reasons = [n for n, c in enumerate(header) if c.startswith("Exception.Reason")]
    for place, cells in rows:
        if len(cells) != len(header):
            if cells:
                raise _ragged(place, len(cells), len(header))
            continue
        yield cells[at["LEI"]], cells[at["Exception.Category"]], [cells[n] for n in reasons]


def _exceptions_json(file: RegisterFile) -> Iterator[tuple[str, str, list[str]]]:
    for _, record in json_records(file.opened, "exceptions"):
        raw = record.get("ExceptionReason")
        reasons = [_plain(one) for one in (raw if isinstance(raw, list) else [raw])]
        yield _value(record, ["LEI"]), _value(record, ["ExceptionCategory"]), reasons


def _value(record: Json, path: Sequence[str]) -> str:
    """The text at a path; in this JSON every text is an object ``{"$": text}``."""
    node: Any = record
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return _plain(node)


def _plain(node: Any) -> str:
    if isinstance(node, dict):
        node = node.get("$")
    return node if isinstance(node, str) else ""


def _several(record: Json, outer: str, inner: str) -> list[Json]:
    """One object or a list of them: this JSON has both."""
    node = record.get(outer)
    found = node.get(inner) if isinstance(node, dict) else node
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def _ragged(place: int, count: int, width: int) -> FileError:
    return FileError(
        "ragged-row",
        f"De rij heeft {count} cellen en de kop {width}; haal het bestand opnieuw op.",
        f"The row has {count} cells and the header {width}; get the file again.",
        row=place,
    )


def _no_field(path: str, name: str) -> FileError:
    return FileError(
        "no-field",
        f"Het veld '{name}' ontbreekt; neem het bestand zoals de uitgever het levert.",
        f"The field '{name}' is absent; take the file as the publisher gives it.",
        path=path,
    )
