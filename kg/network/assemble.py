"""Rows of units and requirements, from wherever they come, into one Network."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np

from kg.names import local_id
from kg.network.classes import Classes
from kg.network.model import (
    DEGRADES,
    FAILS,
    KINDS,
    OPERATION,
    RESTART,
    Floats,
    Ints,
    Network,
    Note,
    Pointers,
)
from kg.network.strings import Strings


class UnitRow(NamedTuple):
    """A unit as it was found; ``restart`` in hours, ``None`` when unknown; ``place`` is WKT."""

    iri: str
    label: str = ""
    label_en: str = ""
    sector: str | None = None
    vital: bool = False
    restart: float | None = None
    unavailability: float | None = None
    class_set: int = 0
    place: str = ""


class RequirementRow(NamedTuple):
    """A requirement as it was found; times in hours, ``None`` when unknown."""

    iri: str
    dependent: str
    fulfillers: tuple[str, ...]
    minimum: int | None = None
    buffer: float | None = None
    low: float | None = None
    high: float | None = None
    degrades: bool = False
    restart: bool = False
    needs_full: bool = False
    refill: float | None = None
    substitution: float | None = None
    kind: str | None = None
    implicit: bool = False
    label: str = ""
    stock: float = 0.0  # hours of stock that come on top of the buffer


#: Every unit is nothing more than a unit.
_NO_CLASSES: Final = Classes()


def assemble(
    units: Iterable[UnitRow],
    requirements: Iterable[RequirementRow],
    sector_labels: Mapping[str, str] | None = None,
    date: str = "",
    notes: Iterable[Note] = (),
    classes: Classes = _NO_CLASSES,
    sector_wider: Mapping[str, Iterable[str]] | None = None,
) -> Network:
    """The network of these rows.

    A requirement of or on a unit that is not among ``units`` leaves that unit out; one that is
    left without dependent or fulfiller is left out itself, and a note says so.
    """
    rows = sorted(units, key=lambda row: row.iri)
    index = {row.iri: position for position, row in enumerate(rows)}
    said = list(notes)
    kept = [
        one
        for row in sorted(requirements, key=lambda row: row.iri)
        if (one := _usable(row, index, said)) is not None
    ]
    labels = sector_labels or {}
    sectors = sorted({row.sector for row in rows if row.sector})
    sector_index = {iri: position for position, iri in enumerate(sectors)}
    places = sorted({row.place for row in rows if row.place})
    place_index = {text: position for position, text in enumerate(places)}
    names = [row.label or row.label_en or local_id(row.iri) for row in rows]
    names_en = [row.label_en or row.label or local_id(row.iri) for row in rows]
    dependent = np.array([index[row.dependent] for row in kept], dtype=np.int32)
    sizes = np.array([len(row.fulfillers) for row in kept], dtype=np.int64)
    flat = [index[iri] for row in kept for iri in row.fulfillers]
    req_units = np.array(flat, dtype=np.int32)
    owners = np.repeat(np.arange(len(kept), dtype=np.int32), sizes)
    use_ptr, use_reqs = grouped(req_units, owners, len(rows))
    own_ptr, own_reqs = grouped(dependent, np.arange(len(kept), dtype=np.int32), len(rows))
    return Network(
        units=Strings.of(row.iri for row in rows),
        labels=Strings.of(names),
        labels_en=Strings.of(names_en),
        sectors=tuple(sectors),
        sector_labels=tuple(labels.get(iri) or local_id(iri) for iri in sectors),
        sector_wider=tuple(tuple(sorted((sector_wider or {}).get(iri, ()))) for iri in sectors),
        sector=np.array(
            [sector_index[row.sector] if row.sector else -1 for row in rows], dtype=np.int32
        ),
        vital=np.array([row.vital for row in rows], dtype=np.bool_),
        restart_lag=np.array([row.restart or 0.0 for row in rows], dtype=np.float64),
        restart_known=np.array([row.restart is not None for row in rows], dtype=np.bool_),
        unavailability=_optional([(row.unavailability, 0.0) for row in rows]),
        classes=classes,
        class_set=np.array([row.class_set for row in rows], dtype=np.int32),
        places=Strings.of(places),
        place=np.array([place_index.get(row.place, -1) for row in rows], dtype=np.int32),
        requirements=Strings.of(row.iri for row in kept),
        requirement_labels=Strings.of(row.label for row in kept),
        dependent=dependent,
        minimum=np.array([row.minimum for row in kept], dtype=np.int32),
        buffer=np.array([(row.buffer or 0.0) + row.stock for row in kept], dtype=np.float64),
        buffer_known=np.array([row.buffer is not None for row in kept], dtype=np.bool_),
        buffer_low=_optional([(row.low, row.stock) for row in kept]),
        buffer_high=_optional([(row.high, row.stock) for row in kept]),
        effect=np.array([DEGRADES if row.degrades else FAILS for row in kept], dtype=np.int8),
        purpose=np.array([RESTART if row.restart else OPERATION for row in kept], dtype=np.int8),
        needs_full=np.array([row.needs_full for row in kept], dtype=np.bool_),
        refill=np.array([row.refill or 0.0 for row in kept], dtype=np.float64),
        substitution=np.array(
            [math.inf if row.substitution is None else row.substitution for row in kept],
            dtype=np.float64,
        ),
        kind=np.array(
            [KINDS.index(row.kind) if row.kind in KINDS else -1 for row in kept], dtype=np.int8
        ),
        implicit=np.array([row.implicit for row in kept], dtype=np.bool_),
        req_ptr=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        req_units=req_units,
        use_ptr=use_ptr,
        use_reqs=use_reqs,
        own_ptr=own_ptr,
        own_reqs=own_reqs,
        date=date,
        notes=tuple(sorted(set(said))),
    )


def _usable(
    row: RequirementRow, index: Mapping[str, int], said: list[Note]
) -> RequirementRow | None:
    """The row with sorted, known fulfillers and a minimum that fits; None if nothing is left."""
    name = local_id(row.iri)
    if row.dependent not in index:
        if row.dependent == "":
            said.append(
                Note(
                    row.iri,
                    f"Vereiste {name} noemt niet wie haar heeft; zij telt niet mee.",
                    f"Requirement {name} does not say whose it is; it is left out.",
                )
            )
        return None
    fulfillers = tuple(sorted({iri for iri in row.fulfillers if iri in index}))
    minimum = len(set(row.fulfillers)) if row.minimum is None else row.minimum
    if not fulfillers or minimum < 1:
        said.append(
            Note(
                row.iri,
                f"Vereiste {name} heeft op de analysedatum niemand die haar vervult; zij telt "
                "niet mee.",
                f"Nobody fulfils requirement {name} on the analysis date; it is left out.",
            )
        )
        return None
    if minimum > len(fulfillers):
        if row.minimum is not None:
            said.append(
                Note(
                    row.iri,
                    f"Vereiste {name} vraagt er {minimum}, maar op de analysedatum zijn er "
                    f"{len(fulfillers)}; gerekend is met alle {len(fulfillers)}.",
                    f"Requirement {name} asks for {minimum}, but there are {len(fulfillers)} on "
                    f"the analysis date; all {len(fulfillers)} are taken as needed.",
                )
            )
        minimum = len(fulfillers)
    return row._replace(fulfillers=fulfillers, minimum=minimum)


def _optional(values: list[tuple[float | None, float]]) -> Floats:
    return np.array(
        [math.nan if value is None else value + stock for value, stock in values], dtype=np.float64
    )


def grouped(keys: Ints, values: Ints, size: int) -> tuple[Pointers, Ints]:
    """CSR of ``values`` by ``keys``; within a key in ascending order."""
    order = np.argsort(keys, kind="stable")
    counts = np.bincount(keys, minlength=size)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64), values[order]
