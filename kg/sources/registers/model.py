"""What an import gives, and how the rows of its tables are collected."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from kg.errors import Location, Problem, UsageError
from kg.names import XSD
from kg.schema import fold
from kg.sources.cells import LEXICAL, check_characters, check_formula, shown
from kg.sources.model import CellError
from kg.sources.registers.known import Known, Organisation, normalised_name
from kg.sources.registers.opening import Opened

#: Characters of a name or title; longer ones are a mistake.
MAX_NAME: Final = 500
MAX_NOTE: Final = 2_000
#: Problems that are told; one more says how many others there are.
MAX_PROBLEMS: Final = 200
#: Proposals by name for one organisation.
MAX_PROPOSALS: Final = 50

Row = dict[str, str]


@dataclass(frozen=True)
class About:
    """What the user says of the source; what is empty comes from the file."""

    marking: str
    grade: str = "B"
    id: str = ""
    title: str = ""
    publisher: str = ""
    date: str = ""
    url: str = ""


class Header(NamedTuple):
    """What a file says of itself. ``part`` tells the files of one import apart in their ids."""

    part: str
    title: str
    publisher: str
    date: str
    url: str = ""


class Count(NamedTuple):
    """One line of the account of an import."""

    code: str
    nl: str
    en: str
    number: int


@dataclass(frozen=True)
class Imported:
    """Tables by class (rows sorted by id), proposals for people, what was counted and left out."""

    tables: Mapping[str, tuple[Row, ...]]
    proposals: tuple[Row, ...]
    counts: tuple[Count, ...]
    left_out: tuple[Problem, ...]


@dataclass
class Troubles:
    """Problems as they are found, up to a number."""

    problems: list[Problem] = field(default_factory=list)
    more: int = 0

    def add(self, location: Location, code: str, nl: str, en: str) -> None:
        """Note one."""
        if len(self.problems) >= MAX_PROBLEMS:
            self.more += 1
            return
        self.problems.append(Problem(location, f"import.{code}", nl, en))

    def cell(self, location: Location, error: CellError) -> None:
        """Note what is wrong with a value."""
        self.add(location, error.code, error.nl, error.en)

    def all(self) -> tuple[Problem, ...]:
        """All of them, sorted, with the number of those that were not kept."""
        found = sorted(set(self.problems))
        if self.more:
            found.append(
                Problem(
                    Location(found[0].location.file),
                    "import.more",
                    f"Er zijn nog {self.more} fouten.",
                    f"There are {self.more} more errors.",
                )
            )
        return tuple(found)


def text_of(value: str, limit: int = MAX_NAME) -> str:
    """A name or title as one line that our own intake takes.

    What a spreadsheet would calculate (``=…``, ``@…``) is put between quotation marks.

    Raises:
        CellError: control characters, half a character, or more than ``limit`` characters.
    """
    check_characters(value)
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if len(text) > limit:
        raise CellError(
            "too-long",
            f"De tekst heeft {len(text)} tekens; ten hoogste {limit} mag. Kort haar in.",
            f"The text has {len(text)} characters; at most {limit} may be. Shorten it.",
        )
    try:
        if text:
            check_formula(text)
    except CellError:
        return f"‘{text}’"
    return text


_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].{0,40})?", re.ASCII)


def date_of(value: str) -> str:
    """The day of a date or a date with a time; empty stays empty.

    Raises:
        CellError: something else.
    """
    if not value:
        return ""
    found = _DATE.fullmatch(value.strip())
    try:
        return LEXICAL[XSD + "date"](found[1] if found else value)
    except CellError as error:
        raise CellError(
            "date",
            f"'{shown(value)}' is geen datum zoals 2026-01-15 of 2026-01-15T08:00:00Z.",
            f"'{shown(value)}' is no date such as 2026-01-15 or 2026-01-15T08:00:00Z.",
        ) from error


_SLUG: Final = re.compile(r"[^a-z0-9]+")


def own_id(prefix: str, name: str, *key: str) -> str:
    """An id that reads well and is the same whenever the key is: ``ocds-org-spoorbouw-1f2e3d``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = _SLUG.sub("-", plain).strip("-")[:40].strip("-")
    digest = hashlib.sha256("\0".join(key or (name,)).encode()).hexdigest()[:10]
    return "-".join(part for part in (prefix, slug, digest) if part)


class Tables:
    """Rows per table, unique by id, with the countries and markings that they ask for."""

    def __init__(self, known: Known, about: About) -> None:
        self._known = known
        self._about = about
        self._rows: dict[str, dict[str, Row]] = {}
        self._countries: dict[str, tuple[set[str], set[str]]] = {}
        self.proposals: list[Row] = []
        self._proposed: dict[str, int] = {}

    def source(self, file: Opened, header: Header, *, alone: bool) -> str:
        """The row of ``Source.csv`` for a file; gives its id.

        Raises:
            UsageError: the file has no date and the user gave none, or a title that cannot be.
        """
        try:
            return self._source(file, header, alone=alone)
        except CellError as error:
            raise UsageError(
                f"import.{error.code}", f"{file.name}: {error.nl}", f"{file.name}: {error.en}"
            ) from error

    def _source(self, file: Opened, header: Header, *, alone: bool) -> str:
        about = self._about
        date = about.date or date_of(header.date)
        if not date:
            raise CellError(
                "no-date",
                "Het bestand zegt niet van wanneer het is; geef --date JJJJ-MM-DD.",
                "The file does not say of when it is; give --date YYYY-MM-DD.",
            )
        if about.id:
            key = about.id if alone else f"{about.id}-{header.part}"
        else:
            key = f"bron-{header.part}-{date}-{file.sha256[:8]}"
        self.add(
            "Source",
            {
                "id": key,
                "title": text_of(about.title or header.title),
                "publisher": text_of(about.publisher or header.publisher),
                "date": date,
                "url": about.url or header.url,
                "grade": about.grade,
                "marking": about.marking,
                "sha256": file.sha256,
            },
        )
        return key

    def add(self, table: str, row: Row, marking: str = "") -> bool:
        """Add a row, unless its id is there or in the data at hand already; says whether it was.

        ``marking`` is what the row is marked with where that is more than its source.
        """
        rows = self._rows.setdefault(table, {})
        if row["id"] in rows or row["id"] in self._known.markings:
            return False
        ranks = self._known.ranks
        if marking and ranks.get(marking, 0) > ranks.get(self._about.marking, 0):
            row = {**row, "marking": marking}
        rows[row["id"]] = row
        return True

    def row(self, table: str, key: str) -> Row | None:
        """A row that was added."""
        return self._rows.get(table, {}).get(key)

    def country(self, code: str, source: str, marking: str = "") -> str:
        """The id of a country by its code of two letters or its exact name; empty when unknown.

        A code that the data at hand do not know becomes a row of ``Country.csv``.
        """
        found = self._known.countries.get(fold(code), "")
        if found:
            return found
        if not re.fullmatch(r"[A-Z]{2}", code):
            return ""
        sources, markings = self._countries.setdefault(code, (set(), set()))
        sources.add(source)
        markings.add(marking or self._about.marking)
        return code

    def marking_of(self, *ids: str) -> str:
        """The marking that a row needs to refer to these."""
        known = [self._known.markings[one] for one in ids if one in self._known.markings]
        added = [
            row["marking"]
            for rows in self._rows.values()
            for one in ids
            if (row := rows.get(one)) is not None and row.get("marking")
        ]
        return self._known.highest([self._about.marking, *known, *added])

    def propose(self, kind: str, organisation: Organisation, found: Mapping[str, str]) -> None:
        """Something that a person has to decide on; nothing is merged.

        ``kind``: ``naam`` (the same name), ``aanvulling`` (the data lack what the register has),
        ``verschil`` (the data and the register differ), ``dubbel`` (one number, several things).
        """
        counted = self._proposed.get(organisation.id, 0)
        if counted >= MAX_PROPOSALS:
            return
        self._proposed[organisation.id] = counted + 1
        self.proposals.append(
            {
                "kind": kind,
                "organisation": organisation.id,
                "label": organisation.label,
                **found,
                "marking": self._known.highest([self._about.marking, organisation.marking]),
            }
        )

    def propose_row(self, row: Row) -> None:
        """Something to decide on that is about no organisation at hand."""
        self.proposals.append({**row, "marking": self._about.marking})

    def recognised(self, lei: str, kvk: str) -> Organisation | None:
        """The one organisation at hand with this LEI, else with this KvK number.

        Only what is no more secret than the source: an open row may not depend on a secret one.
        """
        ranks = self._known.ranks
        for number, index in ((lei, self._known.by_lei), (kvk, self._known.by_kvk)):
            found = index.get(number, ()) if number else ()
            if len(found) == 1 and ranks[found[0].marking] <= ranks[self._about.marking]:
                return found[0]
        return None

    def propose_names(self, name: str, found: Mapping[str, str]) -> None:
        """Propose every organisation at hand with this name."""
        for organisation in self._known.by_name.get(normalised_name(name), ()):
            self.propose("naam", organisation, found)

    def finish(self, counts: Iterable[Count], left_out: Iterable[Problem]) -> Imported:
        """Everything, sorted."""
        for code, (sources, markings) in sorted(self._countries.items()):
            row = {
                "id": code,
                "label": code,
                "label@en": code,
                "isoAlpha2": code,
                "note": "Alleen de code staat in het bestand. Vul de naam in",
                "source": ";".join(sorted(sources)),
            }
            self.add("Country", row, self._known.lowest(markings))
        tables = {
            table: tuple(rows[key] for key in sorted(rows))
            for table, rows in sorted(self._rows.items())
            if rows
        }
        proposals = sorted(self.proposals, key=lambda row: [row.get(c, "") for c in PROPOSAL])
        return Imported(tables, tuple(proposals), tuple(counts), tuple(left_out))


#: The columns of ``voorstellen.csv``.
PROPOSAL: Final = (
    "kind", "organisation", "label", "field", "own", "register", "name", "number", "kvkNumber",
    "country", "status", "source", "file", "place", "marking",
)  # fmt: skip
