"""What every extraction asks of a reasoned store: pairs, values, numbers, labels, validity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

from pyoxigraph import Literal, NamedNode

from kg.errors import KgError
from kg.names import ANALYSIS, ID, RDF, SKOS, VIT, local_id
from kg.network.durations import parse_hours
from kg.network.model import Note
from kg.store import GraphStore

N = TypeVar("N", int, float)
#: Written out at each row it would be made anew each time, which takes longer than looking.
_VALUES: Final = (NamedNode, Literal)


class Reader:
    """Selects with one pattern each on one store; linear in their rows.

    Attributes:
        notes: what had to be read in a particular way so far.
        date: the analysis date, ISO 8601, empty when there is none.
        expired: everything that is not valid on that date.
    """

    def __init__(self, store: GraphStore) -> None:
        self.store = store
        self.notes: list[Note] = []
        self.date = min(
            (value for subject, value in self.pairs("analysisDate") if subject == ANALYSIS),
            default="",
        )
        self.expired = self._expired()

    def _expired(self) -> set[str]:
        """ISO dates compare as text."""
        if not self.date:
            return set()
        early = {iri for iri, value in self.pairs("validFrom") if value[:10] > self.date}
        late = {iri for iri, value in self.pairs("validUntil") if value[:10] < self.date}
        return early | late

    def note(self, iri: str, nl: str, en: str) -> None:
        """Remember something that people should know of."""
        self.notes.append(Note(iri, nl, en))

    def instances(self, local: str) -> set[str]:
        """Everything of a class of our vocabulary."""
        rows = self.store.select(f"SELECT ?s WHERE {{ ?s <{RDF}type> <{VIT}{local}> }}").rows
        return {row[0].value for row in rows if isinstance(row[0], NamedNode)}

    def having(self, local: str, value: str) -> set[str]:
        """Everything that has this very value: far fewer rows than reading all values."""
        rows = self.store.select(f"SELECT ?s WHERE {{ ?s <{VIT}{local}> {value} }}").rows
        return {row[0].value for row in rows if isinstance(row[0], NamedNode)}

    def pairs(self, local: str, namespace: str = VIT) -> list[tuple[str, str]]:
        """Subject and value of a property, in no particular order."""
        rows = self.store.select(f"SELECT ?s ?o WHERE {{ ?s <{namespace}{local}> ?o }}").rows
        return [
            (subject.value, value.value)
            for subject, value in rows
            if isinstance(subject, NamedNode) and isinstance(value, _VALUES)
        ]

    def several(self, local: str, namespace: str = VIT) -> dict[str, tuple[str, ...]]:
        """All values per subject, sorted."""
        found: dict[str, set[str]] = {}
        for subject, value in self.pairs(local, namespace):
            found.setdefault(subject, set()).add(value)
        return {subject: tuple(sorted(values)) for subject, values in found.items()}

    def single(self, local: str, namespace: str = VIT, *, several: bool = False) -> dict[str, str]:
        """One value per subject, the smallest; more than one is noted unless that may be."""
        found: dict[str, str] = {}
        for subject, value in self.pairs(local, namespace):
            earlier = found.get(subject)
            if earlier is None or earlier == value:
                found[subject] = value
                continue
            found[subject] = min(earlier, value)
            if not several:
                self._note_several(subject, local)
        return found

    def hours(self, local: str) -> dict[str, float]:
        """Durations of at least 0 in hours."""
        return self._numbers(local, parse_hours, ("een duur zoals PT4H", "a duration like PT4H"))

    def integers(self, local: str) -> dict[str, int]:
        """Whole numbers of at least 0."""
        return self._numbers(local, _integer, ("een geheel getal", "a whole number"))

    def amounts(self, local: str) -> dict[str, float]:
        """Numbers of at least 0."""
        return self._numbers(local, _number, ("een getal vanaf 0", "a number of at least 0"))

    def fractions(self, local: str) -> dict[str, float]:
        """Numbers from 0 to 1."""
        return self._numbers(local, _fraction, ("een getal van 0 tot 1", "a number from 0 to 1"))

    def _numbers(
        self, local: str, parse: Callable[[str], N | None], wanted: tuple[str, str]
    ) -> dict[str, N]:
        """The smallest value per subject; several are noted, what is none is refused."""
        found: dict[str, N] = {}
        for subject, text in self.pairs(local):
            value = parse(text)
            if value is None or value < 0:
                raise KgError(
                    "network.value",
                    f"{local_id(subject)}: '{text}' bij {local} is niet {wanted[0]}.",
                    f"{local_id(subject)}: '{text}' for {local} is not {wanted[1]}.",
                )
            earlier = found.get(subject, value)
            found[subject] = min(earlier, value)
            if earlier != value:
                self._note_several(subject, local)
        return found

    def _note_several(self, subject: str, local: str) -> None:
        if subject.startswith(ID):
            self.note(
                subject,
                f"{local_id(subject)} heeft meer waarden voor {local}; de kleinste telt.",
                f"{local_id(subject)} has several values for {local}; the smallest counts.",
            )

    def labels(self, wanted: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Labels in Dutch and in English of those that have one."""
        if not hasattr(self, "_labels"):
            self._labels = self._read_labels()
        nl, en = self._labels
        names = list(wanted)
        return _part(nl, names), _part(en, names)

    def labels_of_class(self, local: str) -> dict[str, tuple[str, str]]:
        """Dutch and English label of everything of a class; each falls back on the other."""
        nl, en = self._sorted_labels(f"?s <{RDF}type> <{VIT}{local}> . ")
        return {
            iri: (nl.get(iri) or en[iri], en.get(iri) or nl[iri]) for iri in nl.keys() | en.keys()
        }

    def _read_labels(self) -> tuple[dict[str, str], dict[str, str]]:
        return self._sorted_labels("")

    def _sorted_labels(self, pattern: str) -> tuple[dict[str, str], dict[str, str]]:
        """Labels, Dutch and English; a label in another language counts as Dutch."""
        query = f"SELECT ?s ?o WHERE {{ {pattern}?s <{SKOS}prefLabel> ?o }}"
        by_language: dict[str, dict[str, str]] = {"nl": {}, "en": {}, "": {}}
        for subject, value in self.store.select(query).rows:
            if isinstance(subject, NamedNode) and isinstance(value, Literal):
                language = (value.language or "").partition("-")[0].lower()
                labels = by_language.get(language, by_language[""])
                text = value.value
                labels[subject.value] = min(labels.get(subject.value, text), text)
        return {**by_language[""], **by_language["nl"]}, by_language["en"]


def _part(labels: Mapping[str, str], wanted: Iterable[str]) -> dict[str, str]:
    return {iri: labels[iri] for iri in wanted if iri in labels}


def _integer(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value < float("inf") else None  # neither infinite nor NaN


def _fraction(text: str) -> float | None:
    value = _number(text)
    return value if value is not None and value <= 1 else None
