"""Release packages of the Open Contracting Data Standard 1.1: contracts, customers and suppliers.

TenderNed publishes in this format. Of each contracting process (``ocid``) the releases are put
together in the order of their dates: what a later one says of the same contract, award or party
replaces what an earlier one said. Signed contracts become ``Contract``, the process becomes
``Procurement``, its parties organisations: those of the data at hand where their LEI or KvK number
is the same, new ones otherwise. An award without a contract is proposed only.

Contact persons are not read. A value that is not in euro stands in the note, not in the value.
Memory grows with the processes in a file; releases are read one at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from kg.sources.cells import decimal_lexical, shown
from kg.sources.model import CellError, FileError
from kg.sources.registers.importer import Importer
from kg.sources.registers.known import is_kvk, is_lei, normalised_name
from kg.sources.registers.model import (
    Header,
    Imported,
    Troubles,
    own_id,
)
from kg.sources.registers.nodes import Misfit, Node
from kg.sources.registers.opening import Opened, named
from kg.sources.registers.records import json_fields, json_list, json_records

Read = TypeVar("Read")

#: The codes of org-id.guide for the lists that organisations are recognised by.
_KVK: Final = frozenset({"NL-KVK"})
_LEI: Final = frozenset({"XI-LEI"})
_SIGNED: Final = frozenset({"active", "terminated", ""})
_OCID: Final = re.compile(r"[\x21-\x7e]{1,200}")


class Party(NamedTuple):
    """An organisation as a process names it."""

    key: str
    name: str
    lei: str
    kvk: str
    country: str
    path: str


class Award(NamedTuple):
    """What was awarded to whom; ``suppliers`` are ids of parties."""

    title: str
    status: str
    suppliers: tuple[str, ...]


class Signed(NamedTuple):
    """A contract as a process gives it."""

    award: str
    title: str
    status: str
    buyer: str
    suppliers: tuple[str, ...]
    start: str
    end: str
    amount: str
    currency: str


@dataclass
class Process:
    """What the releases of one ``ocid`` say together. ``source`` is that of the latest file."""

    source: str = ""
    title: str = ""
    buyer: str = ""
    parties: dict[str, Party] = field(default_factory=dict)
    awards: dict[str, Award] = field(default_factory=dict)
    contracts: dict[str, Signed] = field(default_factory=dict)


class Release(NamedTuple):
    """The order of releases: by date, then by id, then as they stand."""

    date: str
    id: str
    file: int
    place: int
    process: Process


def _header(file: Opened) -> Header:
    name = json_list(file, ("releases", "records")) if file.kind == "json" else ""
    if name == "records":
        raise FileError(
            "ocds-records",
            "Dit is een recordpakket van OCDS (records); neem het releasepakket (releases).",
            "This is a record package of OCDS (records); take the release package (releases).",
        )
    if not name:
        raise FileError(
            "not-ocds",
            "Dit is geen releasepakket van OCDS: er is geen lijst 'releases'. Neem het "
            "JSON-bestand met releases.",
            "This is no release package of OCDS: there is no list 'releases'. Take the JSON file "
            "with releases.",
        )
    found = json_fields(file, ("version", "publishedDate", "publisher.name", "uri"))
    version = found["version"]
    if not re.fullmatch(r"1\.[1-9]\d{0,2}(\.\d{1,3})?", version):
        raise FileError(
            "ocds-version",
            f"Versie '{shown(version)}' van OCDS wordt niet gelezen, wel 1.1; zet het bestand om.",
            f"Version '{shown(version)}' of OCDS is not read, 1.1 is; convert the file.",
            path="$.version",
        )
    uri = found["uri"]
    return Header(
        "ocds",
        "Aanbestedingen (OCDS)",
        found["publisher.name"],
        found["publishedDate"],
        uri if re.fullmatch(r"https?://[^\s<>\"{}|\\^`]{1,500}", uri) else "",
    )


class OcdsImport(Importer):
    """Reads release packages."""

    def read(self, files: Sequence[Opened]) -> Imported | Troubles:
        """See :class:`Importer`."""
        self.organisations: dict[str, str] = {}
        releases: dict[str, list[Release]] = {}
        for number, file in enumerate(files):
            self.step(file.name)
            with named(file):
                self._read(file, number, alone=len(files) == 1, releases=releases)
        for ocid in sorted(releases):
            self._take(ocid, _together(releases[ocid]))
        return self.outcome(_WORDS)

    # -- reading

    def _read(
        self, file: Opened, number: int, *, alone: bool, releases: dict[str, list[Release]]
    ) -> None:
        header = _header(file)
        part = header.part if alone else f"{header.part}-{number + 1}"
        source = self.tables.source(file, header._replace(part=part), alone=alone)
        for place, values in json_records(file, "releases"):
            self.counts["releases"] += 1
            node = Node(file.name, f"$.releases[{place}]", values)
            try:
                ocid = node.raw("ocid")
                if not _OCID.fullmatch(ocid):
                    raise node.misfit(
                        "ocid",
                        "ocid",
                        f"'{shown(ocid)}' is geen ocid; vul haar in zoals de uitgever haar geeft.",
                        f"'{shown(ocid)}' is no ocid; fill it in as the publisher gives it.",
                    )
                process = self._process(node)
                process.source = source
                release = Release(node.date("date"), node.raw("id"), number, place, process)
            except Misfit as error:
                error.to(self.troubles)
                continue
            releases.setdefault(ocid, []).append(release)

    def _process(self, node: Node) -> Process:
        process = Process()
        tender = node.node("tender")
        buyer = node.node("buyer") or (tender.node("procuringEntity") if tender else None)
        process.buyer = buyer.raw("id") if buyer else ""
        process.title = tender.text("title") if tender else ""
        # What is wrong with one party, award or contract leaves the others as they are.
        for party in node.nodes("parties"):
            self._try(process.parties, party, _party)
        for award in node.nodes("awards"):
            self._try(process.awards, award, _award)
        for contract in node.nodes("contracts"):
            self._try(process.contracts, contract, _contract)
        return process

    def _try(self, found: dict[str, Read], node: Node, read: Callable[[Node], Read]) -> None:
        try:
            key = node.raw("id")
            if not key:
                raise node.misfit(
                    "id",
                    "no-id",
                    "Dit heeft geen id; vul haar in.",
                    "This has no id; fill it in.",
                )
            found[key] = read(node)
        except Misfit as error:
            error.to(self.troubles)

    # -- taking over

    def _take(self, ocid: str, process: Process) -> None:
        self.counts["processes"] += 1
        taken = []
        buyers = set()
        for key in sorted(process.contracts):
            contract = process.contracts[key]
            if contract.status not in _SIGNED:
                self.counts["unsigned"] += 1
                continue
            award = process.awards.get(contract.award)
            named_ = contract.suppliers or (award.suppliers if award else ())
            buyer = self._organisation(process, contract.buyer or process.buyer)
            suppliers = sorted({self._organisation(process, one) for one in named_} - {"", buyer})
            if not buyer or not suppliers:
                self.counts["incomplete"] += 1
                continue
            title = contract.title or (award.title if award else "") or process.title
            row = {
                "id": own_id("ocds-ct", title, ocid, key),
                "label": title or f"Contract {shown(key)}",
                "contractingParty": buyer,
                "contractSupplier": ";".join(suppliers),
                "contractValue": contract.amount if contract.currency == "EUR" else "",
                "validFrom": contract.start,
                "validUntil": contract.end,
                "note": _note(ocid, key, contract),
                "source": process.source,
            }
            if self.tables.add("Contract", row):
                self.counts["contracts"] += 1
            taken.append(row["id"])
            buyers.add(buyer)
        self._awards(ocid, process)
        if taken:
            row = {
                "id": own_id("ocds-ink", process.title, ocid),
                "label": process.title or f"Inkoop {ocid}",
                "procuredBy": ";".join(sorted(buyers)),
                "resultsIn": ";".join(taken),
                "note": f"ocid {ocid}",
                "source": process.source,
            }
            self.tables.add("Procurement", row)

    def _awards(self, ocid: str, process: Process) -> None:
        """What was awarded and has no contract in the file: somebody has to look."""
        contracted = {contract.award for contract in process.contracts.values()}
        for key in sorted(process.awards):
            award = process.awards[key]
            if award.status != "active" or key in contracted or not award.suppliers:
                continue
            self.counts["awards"] += 1
            names = [process.parties[one].name for one in award.suppliers if one in process.parties]
            buyer = process.parties.get(process.buyer)
            self.tables.propose_row(
                {
                    "kind": "gunning",
                    "label": award.title or process.title,
                    "field": "contractSupplier",
                    "register": ", ".join(sorted(names)),
                    "name": buyer.name if buyer else "",
                    "number": shown(f"{ocid} {key}"),
                    "status": award.status,
                    "source": process.source,
                }
            )

    def _organisation(self, process: Process, key: str) -> str:
        """The id of a party, made an organisation where the data at hand have none; empty if none.

        Only what is no more secret than this source is recognised: an open row must not depend on
        something secret.
        """
        party = process.parties.get(key)
        if party is None:
            return ""
        if party.key in self.organisations:
            return self.organisations[party.key]
        own = self.tables.recognised(party.lei, party.kvk)
        if own is not None:
            self.counts["recognised"] += 1
            self.organisations[party.key] = own.id
            return own.id
        found = party.key if party.lei or party.kvk else own_id("ocds-org", party.name, party.key)
        self.organisations[party.key] = found
        seat = self.tables.country(party.country, process.source)
        row = {
            "id": found,
            "label": party.name,
            "seat": seat,
            "kvkNumber": party.kvk,
            "lei": party.lei,
            "note": "Land volgens het adres in het bestand" if seat else "",
            "source": process.source,
        }
        if self.tables.add("Organisation", row):
            self.counts["organisations"] += 1
            self.tables.propose_names(
                party.name,
                {
                    "name": party.name,
                    "number": found,
                    "kvkNumber": party.kvk,
                    "country": shown(party.country),
                    "source": process.source,
                    "place": party.path,
                },
            )
        return found


def _together(releases: Sequence[Release]) -> Process:
    """What the releases of one process say, later ones last."""
    process = Process()
    for release in sorted(releases, key=lambda one: one[:4]):
        one = release.process
        process.source = one.source
        process.title = one.title or process.title
        process.buyer = one.buyer or process.buyer
        process.parties |= one.parties
        process.awards |= one.awards
        for key, contract in one.contracts.items():
            before = process.contracts.get(key)
            if before is not None:
                contract = Signed(
                    *(new or old for old, new in zip(before, contract, strict=True))  # type: ignore[arg-type]
                )
            process.contracts[key] = contract
    return process


def _party(node: Node) -> Party:
    name = node.text("name")
    if not name:
        raise node.misfit("name", "no-name", "Vul de naam in.", "Fill in the name.")
    lei = kvk = key = ""
    identifier = node.node("identifier")
    for one in [*([identifier] if identifier else []), *node.nodes("additionalIdentifiers")]:
        scheme, number = one.raw("scheme").upper(), one.raw("id").strip()
        if scheme in _LEI and number:
            if not is_lei(number):
                raise one.misfit(
                    "id",
                    "lei",
                    f"'{shown(number)}' is geen LEI: de laatste twee cijfers horen niet bij de "
                    "rest; verbeter haar.",
                    f"'{shown(number)}' is no LEI: its last two digits do not belong to the rest; "
                    "correct it.",
                )
            lei = number
        elif scheme in _KVK and number:
            if not is_kvk(number):
                raise one.misfit(
                    "id",
                    "kvk",
                    f"'{shown(number)}' is geen KvK-nummer; geef acht cijfers, met voorloopnullen.",
                    f"'{shown(number)}' is no KvK number; give eight digits, leading zeros "
                    "included.",
                )
            kvk = number
        elif number:
            key = key or f"{scheme} {number}"
    address = node.node("address")
    country = (address.raw("country") or address.raw("countryName")) if address else ""
    if lei or kvk:
        key = f"lei-{lei}" if lei else f"kvk-{kvk}"
    # Without a number only the publisher's own id tells namesakes apart.
    key = key or f"{node.raw('id')} {normalised_name(name)}"
    return Party(key, name, lei, kvk, country.strip(), f"{node.path}")


def _award(node: Node) -> Award:
    suppliers = tuple(one.raw("id") for one in node.nodes("suppliers"))
    return Award(node.text("title"), node.raw("status"), suppliers)


def _contract(node: Node) -> Signed:
    period, value = node.node("period"), node.node("value")
    start, end = (period.date("startDate"), period.date("endDate")) if period else ("", "")
    if period and start and end and start > end:
        raise period.misfit(
            "endDate",
            "order",
            f"Het einde ({end}) ligt voor het begin ({start}); verbeter een van de twee.",
            f"The end ({end}) lies before the start ({start}); correct one of them.",
        )
    amount = value.number("amount") if value else None
    text = ""
    if value is not None and amount is not None:
        try:
            text = decimal_lexical(format(amount, "f"))
        except CellError as error:
            raise value.misfit("amount", error.code, error.nl, error.en) from error
        if amount < 0:
            raise value.misfit(
                "amount",
                "negative",
                "De waarde is negatief; geef een waarde van 0 of hoger.",
                "The value is negative; give a value of 0 or more.",
            )
    buyer = node.node("buyer")
    return Signed(
        award=node.raw("awardID"),
        title=node.text("title"),
        status=node.raw("status"),
        buyer=buyer.raw("id") if buyer else "",
        suppliers=tuple(one.raw("id") for one in node.nodes("suppliers")),
        start=start,
        end=end,
        amount=text,
        currency=value.raw("currency") if value else "",
    )


def _note(ocid: str, key: str, contract: Signed) -> str:
    found = [f"ocid {ocid}, contract {shown(key)}"]
    if contract.amount and contract.currency != "EUR":
        found.append(f"Waarde {contract.amount} {shown(contract.currency) or '(munt onbekend)'}")
    if contract.status == "terminated":
        found.append("Beëindigd volgens het bestand")
    return ". ".join(found)


_WORDS: Final = (
    ("releases", "releases gelezen", "releases read"),
    ("processes", "inkooptrajecten", "contracting processes"),
    ("contracts", "contracten overgenomen", "contracts taken over"),
    ("recognised", "organisaties herkend aan hun nummer", "organisations recognised by number"),
    ("organisations", "organisaties toegevoegd", "organisations added"),
    ("unsigned", "contracten niet of nog niet gesloten", "contracts not signed, or not yet"),
    ("incomplete", "contracten zonder afnemer of leverancier", "contracts without both parties"),
    ("awards", "gunningen zonder contract", "awards without a contract"),
)
