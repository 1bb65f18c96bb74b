"""XML as small elements with line numbers: no entities, nothing fetched, bounded size and depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from kg.errors import UsageError

#: A tree of a hundred thousand gates is some 20 MB.
MAX_BYTES: Final = 100_000_000
MAX_DEPTH: Final = 200
MAX_ELEMENTS: Final = 3_000_000


@dataclass(slots=True)
class Element:
    """A tag, its attributes, the line where it begins, and what stands in it."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str) -> Iterator[Element]:
        """The children with this tag."""
        return (child for child in self.children if child.tag == tag)

    def label(self) -> str:
        """The text of the ``label`` in it."""
        return next((" ".join(child.text.split()) for child in self.all("label")), "")


def read(path: Path) -> Element:
    """The root element of an XML file.

    Raises:
        UsageError: too large, too deep, no XML, or entities.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        refuse(
            path,
            0,
            "too-large",
            f"Het bestand is groter dan {MAX_BYTES // 1_000_000} MB.",
            f"The file is larger than {MAX_BYTES // 1_000_000} MB.",
        )
    # A bare DOCTYPE is usual in these files; nothing that it names is fetched.
    builder = _Builder(path)
    parser = DefusedXMLParser(
        target=builder, forbid_dtd=False, forbid_entities=True, forbid_external=True
    )
    builder.expat = parser.parser
    try:
        parser.feed(data)
        parser.close()
    except ParseError as error:
        what = str(error).partition(":")[0]
        nl, en = f"Dit is geen goede XML: {what}.", f"This is not good XML: {what}."
        refuse(path, error.position[0], "syntax", nl, en)
    except (DefusedXmlException, ValueError, LookupError):
        refuse(
            path,
            builder.line(),
            "entities",
            "XML met eigen entiteiten of een vreemde codering wordt geweigerd; haal die weg.",
            "XML with entities of its own or a strange encoding is refused; remove it.",
        )
    if builder.root is None:
        refuse(path, 0, "syntax", "Het bestand is leeg.", "The file is empty.")
    return builder.root


def refuse(path: Path, line: int, code: str, nl: str, en: str) -> NoReturn:
    """Say what is wrong in a file, and on which line (0 for none).

    Raises:
        UsageError: always.
    """
    where_nl = f"{path}, regel {line}: " if line else f"{path}: "
    where_en = f"{path}, line {line}: " if line else f"{path}: "
    raise UsageError(f"open-psa.{code}", where_nl + nl, where_en + en)


class _Builder:
    """What the parser tells what it meets."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.root: Element | None = None
        self.open: list[Element] = []
        self.count = 0
        self.expat: Any = None

    def line(self) -> int:
        return int(self.expat.CurrentLineNumber)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes, self.line())
        self.count += 1
        if len(self.open) >= MAX_DEPTH or self.count > MAX_ELEMENTS:
            refuse(
                self.path,
                element.line,
                "too-large",
                f"Meer dan {MAX_DEPTH} lagen in elkaar, of meer dan {MAX_ELEMENTS} elementen.",
                f"More than {MAX_DEPTH} layers inside each other, or more than {MAX_ELEMENTS} "
                "elements.",
            )
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, tag: str) -> None:
        self.open.pop()

    def data(self, content: str) -> None:
        if self.open and self.open[-1].tag == "label":
            self.open[-1].text += content

    def close(self) -> None:
        """The parser asks for it; there is nothing to finish."""
