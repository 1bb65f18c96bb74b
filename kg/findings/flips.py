"""What would change the verdict on a foreign dependency, as nodes beside the finding.

One node per term that is moved while all others stay (:mod:`kg.foreign.sensitivity`): which term,
what it is about, to which side of which value, and what the verdict becomes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from kg.findings.triples import Subject, Writer, decimal, finding_iri, number, plain
from kg.foreign.sensitivity import Flip
from kg.network import Network

_TERMS: Final = {
    "horizon": ("de horizon", "the horizon"),
    "buffer": ("de buffer", "the buffer"),
    "substitution": ("de vervangingstijd", "the substitution time"),
}
_SIDES: Final = {
    "below": ("korter is dan", "is shorter than"),
    "until": ("hoogstens is", "is at most"),
    "above": ("langer is dan", "is longer than"),
    "from": ("minstens is", "is at least"),
}


def write_flips(
    writer: Writer,
    network: Network,
    finding: Subject,
    about: tuple[str, str],
    flips: Iterable[Flip],
) -> None:
    """Write the flips of times of one finding; values in hours, an endless one is left out.

    Args:
        about: the country and the process, IRIs.
    """
    for flip in flips:
        iri = finding_iri("flip", *about, flip.term, *flip.subjects[:1])
        node = writer.thing(iri, "VerdictFlip")
        node.value("movedTerm", plain(flip.term))
        node.value("boundarySide", plain(flip.side))
        if flip.value is not None and math.isfinite(flip.value):
            node.value("boundaryHours", decimal(flip.value))
        node.value("becomesVerdict", plain(flip.becomes))
        node.link("throughRequirement", *flip.subjects)
        node.labels(*_texts(network, flip))
        finding.link("changesAt", iri)


def _texts(network: Network, flip: Flip) -> tuple[str, str]:
    """The condition in both languages."""
    if flip.value is None or math.isinf(flip.value):
        return "als niets te vervangen is", "when nothing can be replaced"
    found = []
    for place, conjunction, unit in ((0, "als", "uur"), (1, "when", "hours")):
        text = f"{conjunction} {_TERMS[flip.term][place]}"
        for iri in flip.subjects:
            need = network.requirements.find(iri)
            label = iri if need is None else network.requirement_label(need)
            text += f" {('van', 'of')[place]} '{label}'"
        found.append(f"{text} {_SIDES[flip.side][place]} {number(flip.value)} {unit}")
    return found[0], found[1]
