"""Which file of the golden copy a file is, and where in it something stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from kg.errors import Location
from kg.sources.model import FileError
from kg.sources.registers.model import Header
from kg.sources.registers.opening import Opened
from kg.sources.registers.records import csv_header, json_list

Part = Literal["lei2", "rr", "repex"]

_PUBLISHER: Final = "Global Legal Entity Identifier Foundation (GLEIF)"
#: How the publisher names its files: day and hour of the golden copy come first.
_NAMED: Final = re.compile(r"(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})-gleif-goldencopy-")
TITLES: Final[Mapping[Part, str]] = {
    "lei2": "GLEIF golden copy, Level 1 (LEI-register)",
    "rr": "GLEIF golden copy, Level 2 (consolidatie)",
    "repex": "GLEIF golden copy, Level 2 (uitzonderingen op de opgave)",
}
#: The list at the top of each JSON file.
_LISTS: Final[Mapping[str, Part]] = {"records": "lei2", "relations": "rr", "exceptions": "repex"}
#: A column by which a CSV file is known.
_MARKS: Final[Mapping[str, Part]] = {
    "Entity.LegalName": "lei2",
    "Relationship.StartNode.NodeID": "rr",
    "Exception.Category": "repex",
}


@dataclass
class RegisterFile:
    """An opened file and what it turned out to be. ``source`` is the id of its row."""

    opened: Opened
    part: Part
    source: str = ""

    def location(self, place: int, field_: str) -> Location:
        """Where a field of a record stands."""
        if self.opened.kind != "json":
            return Location(self.opened.name, "", place, field_)
        name = next(name for name, part in _LISTS.items() if part == self.part)
        inner = "RelationshipRecord." if self.part == "rr" else ""
        return Location(self.opened.name, path=f"$.{name}[{place}].{inner}{field_}")

    def place(self, place: int, row: str = "rij") -> str:
        """The same for people, without the file; ``row`` is what a row is called."""
        if self.opened.kind != "json":
            return f"{row} {place}"
        return f"record {place}"


def part_of(file: Opened) -> Part:
    """Which of the three files this is.

    Raises:
        FileError: none of them.
    """
    if file.kind == "json":
        name = json_list(file, _LISTS)
        if name:
            return _LISTS[name]
    elif file.kind == "text":
        header = csv_header(file)
        found = next((part for column, part in _MARKS.items() if column in header), None)
        if found:
            return found
    raise FileError(
        "not-gleif",
        "Dit is geen golden copy van GLEIF: er is geen kolom Entity.LegalName, "
        "Relationship.StartNode.NodeID of Exception.Category, en geen lijst records, relations of "
        "exceptions. Neem het CSV- of JSON-bestand van GLEIF (niet het XML-bestand).",
        "This is no golden copy of GLEIF: there is no column Entity.LegalName, "
        "Relationship.StartNode.NodeID or Exception.Category, and no list records, relations or "
        "exceptions. Take the CSV or JSON file of GLEIF (not the XML file).",
    )


def header_of(file: Opened, part: Part) -> Header:
    named = _NAMED.match(file.inner) or _NAMED.match(file.name)
    date = f"{named[1]}-{named[2]}-{named[3]}" if named else ""
    when = f", {date} {named[4]}:{named[5]}" if named else ""
    return Header(f"gleif-{part}", TITLES[part] + when, _PUBLISHER, date)
