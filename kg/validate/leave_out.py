"""Leaves things out of staged data, with everything that refers to them, and says so."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from kg.errors import Problem
from kg.names import DERIVED_FROM, RDF_TYPE, local_id
from kg.sources import SourceGraph, Staged
from kg.validate.report import Result
from kg.validate.shacl import origin_location

_LINE: Final = re.compile(rb"<([^>]*)> <([^>]*)> (?:<([^>]*)>|.*) \.$")
_NOT_A_REFERENCE: Final = frozenset({RDF_TYPE.value.encode(), DERIVED_FROM.value.encode()})


def leave_out(staged: Staged, violations: Iterable[Result]) -> Staged:
    """Staged data without the things that violate a shape.

    A thing that refers to one that was left out goes as well (a requirement that lost one of its
    fulfillers would say something that nobody typed), and so on. ``left_out`` of the result lists
    every thing with its reason.
    """
    reasons: dict[str, Problem] = {}
    for violation in violations:
        reasons.setdefault(violation.focus, violation.to_problem())
    referrers, origins = _referrers(staged.graphs)
    queue = sorted(reasons)
    while queue:
        gone = queue.pop()
        for subject in sorted(referrers.get(gone, ())):
            if subject not in reasons:
                reasons[subject] = _refers(subject, gone, origins.get(subject, ""))
                queue.append(subject)
    graphs = tuple(_without(graph, reasons) for graph in staged.graphs)
    left_out = tuple(sorted({*staged.left_out, *reasons.values()}))
    return replace(staged, graphs=graphs, left_out=left_out)


def _referrers(graphs: Iterable[SourceGraph]) -> tuple[dict[str, set[str]], dict[str, str]]:
    referrers: dict[str, set[str]] = {}
    origins: dict[str, str] = {}
    for graph in graphs:
        for line in graph.ntriples.splitlines():
            match = _LINE.match(line)
            if match is None or match[3] is None:
                continue
            subject, target = match[1].decode(), match[3].decode()
            if match[2] == DERIVED_FROM.value.encode():
                origins.setdefault(subject, target)
            if match[2] not in _NOT_A_REFERENCE:
                referrers.setdefault(target, set()).add(subject)
    return referrers, origins


def _refers(subject: str, gone: str, origin: str) -> Problem:
    return Problem(
        origin_location(origin),
        "skip.refers",
        f"{local_id(subject)} is weggelaten: het verwijst naar {local_id(gone)}, dat ontbreekt.",
        f"{local_id(subject)} was left out: it refers to {local_id(gone)}, which was left out.",
        "warning",
    )


def _without(graph: SourceGraph, gone: dict[str, Problem]) -> SourceGraph:
    prefixes = {f"<{subject}>".encode() for subject in gone}
    lines = graph.ntriples.splitlines(keepends=True)
    kept = [line for line in lines if line.partition(b" ")[0] not in prefixes]
    if len(kept) == len(lines):
        return graph
    subjects = len({line.partition(b" ")[0] for line in kept})
    return replace(graph, ntriples=b"".join(kept), subjects=subjects)
