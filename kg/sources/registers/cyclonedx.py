"""Software bills of materials in CycloneDX 1.4 to 1.7: products, their parts and who made them.

JSON and XML, by OWASP's own library. The product that a file is about contains its components, and
a component those inside it; what uses what (``dependencies``) says nothing of that. A manufacturer
is who the file calls so; a supplier may only pass on, and becomes a ``Supply``. Countries are those
of the addresses that stand in the file (since 1.6), and stay empty otherwise.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from kg.errors import Location
from kg.sources.cells import shown
from kg.sources.guard import check_xml, load_json
from kg.sources.model import CellError, FileError
from kg.sources.registers.importer import Importer
from kg.sources.registers.known import normalised_name
from kg.sources.registers.model import (
    Header,
    Imported,
    Row,
    Troubles,
    own_id,
    text_of,
)
from kg.sources.registers.opening import Opened, named

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.contact import OrganizationalEntity

#: Bytes of one file; it is read whole, and takes many times its size.
MAX_BOM: Final = 100_000_000
_VERSION: Final = re.compile(r"1\.[4-7]")
_XML: Final = re.compile(rb"http://cyclonedx\.org/schema/bom/(\d{1,3}\.\d{1,3})\b")

#: Kinds of component that are something of ours; data and certificates are neither.
_KINDS: Final = {
    "application": "software",
    "container": "software",
    "device": "hardware",
    "device-driver": "software",
    "file": "software",
    "firmware": "software",
    "framework": "software",
    "library": "software",
    "machine-learning-model": "software",
    "operating-system": "software",
    "platform": "software",
}


class CycloneDxImport(Importer):
    """Reads bills of materials."""

    def read(self, files: Sequence[Opened]) -> Imported | Troubles:
        """See :class:`Importer`."""
        self.parts: dict[str, set[str]] = {}
        for number, file in enumerate(files):
            self.step(file.name)
            with named(file):
                part = "sbom" if len(files) == 1 else f"sbom-{number + 1}"
                self._read(file, part, alone=len(files) == 1)
        for product in sorted(self.parts):
            row = self.tables.row("Product", product)
            if row is not None:
                row["containsComponent"] = ";".join(sorted(self.parts[product]))
        return self.outcome(_WORDS)

    def _read(self, file: Opened, part: str, *, alone: bool) -> None:
        self.file = file
        bom, version, date = _parsed(file)
        about = bom.metadata.component
        name = _name(about) if about else ""
        maker = bom.metadata.manufacturer or bom.metadata.supplier
        title = f"SBOM van {name} (CycloneDX {version})" if name else f"SBOM (CycloneDX {version})"
        header = Header(part, title[:400], str(maker.name or "") if maker else "", date)
        self.source = self.tables.source(file, header, alone=alone)
        root = self._product(about, "$.metadata.component", bom) if about else ""
        inside = self._inside(bom.components, "$.components")
        if root:
            self.parts.setdefault(root, set()).update(inside - {root})
            if about is not None:
                within = self._inside(about.components, "$.metadata.component.components")
                self.parts[root].update(within - {root})

    def _inside(self, components: Iterable[Component], path: str) -> set[str]:
        """Products of these components, and what is inside them; gives the ids of the outer ones.

        Nothing is deeper than the layers that were allowed when the file was read.
        """
        found = set()
        for number, one in enumerate(components):
            where = f"{path}[{number}]"
            product = self._product(one, where)
            within = self._inside(one.components, f"{where}.components")
            if product:
                found.add(product)
                if within - {product}:
                    self.parts.setdefault(product, set()).update(within - {product})
        return found

    def _product(self, one: Component, path: str, bom: Bom | None = None) -> str:
        """The id of the product of a component; empty when it cannot be taken over."""
        try:
            label = text_of(_name(one))
            if not str(one.name or "").strip():
                raise CellError("no-name", "Vul de naam in.", "Fill in the name.")
            maker, supplier = one.manufacturer, one.supplier
            if bom is not None:  # of the product itself the file may say it at the top
                maker = maker or _old_manufacturer(bom)
                supplier = supplier or bom.metadata.supplier
            made = self._organisation(maker)
            sold = self._organisation(supplier)
            note = text_of(_note(one))
        except CellError as error:
            # What the library made of the file has another order, so the name says where it is.
            location = Location(self.file.name, path=f"{path.partition('[')[0]} '{_short(one)}'")
            self.troubles.cell(location, error)
            return ""
        key = str(one.purl) if one.purl else " ".join((label, made))
        row: Row = {
            "id": own_id("sbom", _name(one), key),
            "label": label,
            "label@en": label,
            "productKind": _KINDS.get(one.type.value, ""),
            "manufacturer": made,
            "note": note,
            "source": self.source,
        }
        if self.tables.add("Product", row):
            self.counts["products"] += 1
            self.counts["made"] += bool(made)
        if sold and sold != made:
            self._supply(row["id"], label, sold, str(supplier.name if supplier else ""))
        return row["id"]

    def _supply(self, product: str, label: str, sold: str, name: str) -> None:
        row = {
            "id": own_id("sbom-levering", label, product, sold),
            "label": f"Levering van {label} door {text_of(name)}",
            "label@en": f"Supply of {label} by {text_of(name)}",
            "suppliedBy": sold,
            "ofProduct": product,
            "source": self.source,
        }
        if self.tables.add("Supply", row):
            self.counts["supplies"] += 1

    def _organisation(self, one: OrganizationalEntity | None) -> str:
        name = text_of(str(one.name or "")) if one is not None else ""
        if one is None or not name:
            return ""
        country = str(one.address.country or "").strip() if one.address else ""
        seat = self.tables.country(country, self.source) if country else ""
        key = own_id("sbom-org", name, normalised_name(name), seat)
        row = {
            "id": key,
            "label": name,
            "label@en": name,
            "seat": seat,
            "note": "Land volgens het adres in de SBOM" if seat else "",
            "source": self.source,
        }
        if self.tables.add("Organisation", row):
            self.counts["organisations"] += 1
            self.counts["countries"] += bool(seat)
            self.tables.propose_names(
                name,
                {
                    "name": name,
                    "number": key,
                    "country": shown(country),
                    "source": self.source,
                    "file": self.file.name,
                },
            )
        return key


def _name(one: Component) -> str:
    group = f"{one.group}/" if one.group else ""
    return f"{group}{one.name or ''} {one.version or ''}".strip()


def _short(one: Component) -> str:
    return shown(_name(one))


def _note(one: Component) -> str:
    found = []
    if one.purl:
        found.append(str(one.purl))
    if one.publisher:
        found.append(f"Uitgever volgens de SBOM {shown(str(one.publisher))}")
    return ". ".join(found)


def _old_manufacturer(bom: Bom) -> OrganizationalEntity | None:
    """Who made the product, where 1.4 and 1.5 say it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return bom.metadata.manufacture


def _parsed(file: Opened) -> tuple[Bom, str, str]:
    """The file as the library reads it, its version, and its date as it stands in the file.

    The library fills in an absent date with the time of day, so it is read apart.

    Raises:
        FileError: something else than CycloneDX 1.4 to 1.7.
    """
    data = file.whole(MAX_BOM)
    if file.kind == "xml":
        check_xml(data)
        return _from_xml(data)
    document = load_json(data) if file.kind == "json" else None
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        raise _not_cyclonedx()
    version = _checked(str(document.get("specVersion", "")))
    metadata = document.get("metadata")
    date = metadata.get("timestamp") if isinstance(metadata, dict) else None
    from cyclonedx.model.bom import Bom

    bom = _safely(lambda: _reader(Bom).from_json(document), lambda: _culprit(document))
    return bom, version, date if isinstance(date, str) else ""


def _from_xml(data: bytes) -> tuple[Bom, str, str]:
    from cyclonedx.model.bom import Bom
    from defusedxml.ElementTree import fromstring

    found = _XML.search(data[:10_000])
    if found is None:
        raise _not_cyclonedx()
    version = _checked(found[1].decode())
    root = fromstring(data, forbid_dtd=True)
    space = f"{{http://cyclonedx.org/schema/bom/{version}}}"
    stamp = root.find(f"{space}metadata/{space}timestamp")
    bom = _safely(lambda: _reader(Bom).from_xml(root), lambda: "")
    return bom, version, (stamp.text or "").strip() if stamp is not None else ""


def _reader(of: Any) -> Any:
    """A class of the library with its readers, which a decorator adds and no type knows of."""
    return of


def _checked(version: str) -> str:
    if not _VERSION.fullmatch(version):
        raise FileError(
            "cyclonedx-version",
            f"Versie '{shown(version)}' van CycloneDX wordt niet gelezen, wel 1.4 tot en met 1.7; "
            "zet het bestand om.",
            f"Version '{shown(version)}' of CycloneDX is not read, 1.4 to 1.7 are; convert the "
            "file.",
        )
    return version


def _safely(parse: Callable[[], Any], culprit: Callable[[], str]) -> Bom:
    """What the library makes of a file; whatever it raises becomes one kind of error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found: Bom | None = parse()
        if found is None:
            raise ValueError("empty")
        return found
    # It raises what its parts raise: ValueError, TypeError, AttributeError, KeyError and its own.
    except Exception as error:
        why = shown(" ".join(str(error).split()))
        raise FileError(
            "cyclonedx",
            f"Dit klopt niet met CycloneDX ({why}); laat het bestand opnieuw maken.",
            f"This does not agree with CycloneDX ({why}); have the file made again.",
            path=culprit(),
        ) from error


def _culprit(document: dict[str, Any]) -> str:
    """The first component that the library does not read; empty when it is something else."""
    from cyclonedx.model.component import Component

    components = document.get("components")
    if components is not None and not isinstance(components, list):
        return "$.components"
    for number, one in enumerate(components or ()):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                _reader(Component).from_json(one)
        except Exception:
            return f"$.components[{number}]"
    return ""


def _not_cyclonedx() -> FileError:
    return FileError(
        "not-cyclonedx",
        'Dit is geen SBOM van CycloneDX: er staat geen "bomFormat": "CycloneDX" (JSON) of '
        "naamruimte van CycloneDX (XML). Vraag de leverancier om die vorm; SPDX wordt niet "
        "gelezen.",
        'This is no SBOM of CycloneDX: there is no "bomFormat": "CycloneDX" (JSON) or namespace of '
        "CycloneDX (XML). Ask the supplier for that form; SPDX is not read.",
    )


_WORDS: Final = (
    ("products", "producten en onderdelen overgenomen", "products and components taken over"),
    ("made", "daarvan met een maker", "of which with a manufacturer"),
    ("organisations", "makers en leveranciers toegevoegd", "manufacturers and suppliers added"),
    ("countries", "daarvan met een land", "of which with a country"),
    ("supplies", "leveringen", "supplies"),
)
