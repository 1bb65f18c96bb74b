"""The only place where the stages are chained, from sources to an immutable release."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from kg.beside import build_levels, loading
from kg.clearance import Clearance, clearance_of
from kg.durable import write_json
from kg.errors import InputError, Location, Problem, ReleaseError
from kg.language import say
from kg.level import Checked, Part, Progress, validated, violations
from kg.names import ID, VIT
from kg.own_graphs import graph_digest
from kg.processes import usual_cores
from kg.release import Release
from kg.releases import building, publish
from kg.resources import folder
from kg.schema import Schema
from kg.sources import Reading, Staged, stage
from kg.sums import seal

__all__ = ["Checked", "build", "check", "data_folders"]


def data_folders(data: Sequence[Path] | None) -> tuple[Path, ...]:
    """What a build reads: the reference data always; without ``data`` the shipped sets too."""
    shipped = folder("data")
    if data:
        return (shipped / "reference", *data)
    return (shipped / "reference", shipped / "public", shipped / "exercise")


def check(
    data: Sequence[Path] | None = None,
    *,
    skip_invalid: bool = False,
    progress: Progress | None = None,
) -> Checked:
    """Read and validate without building.

    With ``skip_invalid`` the report is of what is left; what was left out stands in
    ``staged.left_out``. Problems of the intake stay in ``staged.problems``.
    """
    say_progress = progress or _silent
    say_progress(say("lezen", "reading"))
    staged = stage(data_folders(data), Schema.load(folder("ontology")), skip_invalid=skip_invalid)
    say_progress(say("valideren", "validating"))
    return validated(staged, skip_invalid=skip_invalid, rows=staged.true_rows)


def build(
    data: Sequence[Path] | None,
    out: Path,
    *,
    at: str | None = None,
    policy: str | None = None,
    skip_invalid: bool = False,
    reasoner: str = "sparql",
    validation: bool = True,
    progress: Progress | None = None,
    told: Progress | None = None,
    clearances: Sequence[str] = (),
) -> Release:
    """Build a release from data folders or files and make it the current one.

    Args:
        data: folders or files; ``None`` means what is shipped. ``data/reference`` is always in.
        out: the folder of releases; made when absent.
        at: the analysis date (ISO 8601); by default the latest date among the sources.
        policy: id of the policy; by default the one marked ``isDefault``.
        skip_invalid: build from what is right and list what was left out.
        reasoner: ``sparql`` or ``owlrl`` (the reference; slow).
        validation: ``False`` leaves SHACL out, for measurements only; the manifest says so.
        progress: called with the name of each step.
        told: called with a sentence for who waits, when another build is under way in ``out``.
        clearances: names of levels (:mod:`kg.clearance`) to build; by default every marking that
            occurs, and what lies within one compartment or within all.

    Returns:
        The lowest level of the release. A release that was built before from the same inputs is
        taken as it stands, unless it is damaged.

    Raises:
        ReleaseError: the release could not be written (disk full, no rights); nothing changed.
        AuditError: the log could not be written; nothing changed.
        InputError: something is wrong in the input (all of it is listed), nothing was built.
        InconsistentError: the data contradict the ontology, nothing was built.
    """
    step = progress or _silent
    cores = usual_cores() if len(clearances) != 1 else 1
    with loading(cores=cores, validation=validation) as early:
        step(say("lezen", "reading"))
        parts, left_out = _parts(
            data,
            clearances,
            skip_invalid=skip_invalid,
            validation=validation,
            at=at,
            policy=policy,
            reasoner=reasoner,
        )
        with _written_to(out), building(out, told) as draft, _few_collections():
            levels = [part.clearance.name for part in parts]
            built = build_levels(parts, draft, out, step, cores=cores, early=early)
            missing = [one.to_json() for one in left_out]
            missing += [left for one in built for left in one.manifest["left_out"]]
            write_json(draft / "left_out.json", missing)
            write_json(draft / "levels.json", {"levels": levels})
            seal(draft)
            made = [one.told for one in built]
            identity = "".join(f"{one.level}={one.id}\n" for one in made)
            publish(draft, out, hashlib.sha256(identity.encode()).hexdigest()[:16], made)
    return Release.open(out)


def _parts(
    data: Sequence[Path] | None,
    clearances: Sequence[str],
    *,
    skip_invalid: bool,
    validation: bool,
    at: str | None,
    policy: str | None,
    reasoner: str,
) -> tuple[list[Part], list[Problem]]:
    """What each level is built from, lowest first, and what the intake left out; see :func:`build`.

    Nothing else of what was read is kept: a large set is given back as soon as it is loaded.
    """
    reading = Reading(data_folders(data), Schema.load(folder("ontology")))
    staged = reading.staged(
        reading.compartments, skip_invalid=skip_invalid, last=not reading.compartments
    )
    problems = [*staged.problems, *_incomparable(staged)]
    if problems:
        raise InputError(problems + (_elsewhere(staged, problems) if validation else []))
    left_out = {one: None for one in staged.left_out if one.severity != "info"}
    views = {frozenset(reading.compartments): staged}
    chosen = _clearances(reading, staged, clearances)
    for one in chosen:
        if one.compartments not in views:
            seen = reading.staged(one.compartments, skip_invalid=skip_invalid)
            if seen.problems:
                raise InputError(seen.problems)
            views[one.compartments] = seen
            left_out |= dict.fromkeys(one for one in seen.left_out if one.severity != "info")
    parts = [
        Part(
            one,
            _up_to(views[one.compartments], staged.markings[one.marking]),
            at,
            policy,
            reasoner,
            skip_invalid,
            validation,
        )
        for one in chosen
    ]
    return parts if clearances else _that_add_something(parts), list(left_out)


def _clearances(
    reading: Reading, everything: Staged, names: Sequence[str]
) -> tuple[Clearance, ...]:
    """Those that are named, else all that may be of use; lowest first.

    Without names: every marking that occurs, within no compartment, within each of them, and
    within all.

    Raises:
        UsageError: a marking or compartment that nothing falls under.
    """
    ranks = everything.markings
    present = {graph.marking for graph in everything.graphs}
    markings = sorted(present, key=lambda one: (ranks[one], one))
    known = reading.compartments
    sets = [frozenset[str](), *(frozenset((one,)) for one in known), frozenset(known)]
    chosen = {
        *(clearance_of(name, markings, known) for name in names),
        *(Clearance(one, within) for one in markings for within in sets if not names),
    }
    return tuple(
        sorted(chosen, key=lambda one: (ranks[one.marking], len(one.compartments), one.name))
    )


def _that_add_something(parts: Sequence[Part]) -> list[Part]:
    """Without those that hold no more than what is within fewer compartments at the same marking,
    or within the same ones at a lower marking."""
    kept: list[tuple[Part, frozenset[tuple[str, str]]]] = []
    for part in parts:
        holds = frozenset((one.iri, graph_digest(one)) for one in part.staged.graphs)
        if not any(
            holds == other and before.clearance.compartments <= part.clearance.compartments
            for before, other in kept
        ):
            kept.append((part, holds))
    return [part for part, _ in kept]


@contextlib.contextmanager
def _written_to(out: Path) -> Iterator[None]:
    """Say what to do when the disk is full or may not be written."""
    try:
        yield
    except OSError as error:
        why = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise ReleaseError(
            "release.unwritable",
            f"De release kon niet worden geschreven in {out} ({why}). Niets is veranderd: wat er "
            "stond blijft gelden. Maak ruimte (kg releases prune) of zorg voor schrijfrecht, en "
            "bouw opnieuw.",
            f"The release could not be written in {out} ({why}). Nothing was changed: what stood "
            "there stays in force. Make room (kg releases prune) or see to the right to write, "
            "and build again.",
        ) from error


@contextlib.contextmanager
def _few_collections() -> Iterator[None]:
    """Millions of rows in lists, and hardly a loop among them: looking for loops is lost time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


#: ``<marking> vit:inMarkingScheme <scheme>`` as it stands in staged lines.
_IN_SCHEME: Final = re.compile(rf"<{ID}([^>]*)> <{VIT}inMarkingScheme> <([^>]*)> \.".encode())


def _incomparable(staged: Staged) -> list[Problem]:
    """Markings of different schemes have no order among them, so they cannot be levels together.

    TLP says with whom something may be shared, not how secret it is: a source gets a marking of
    the scheme that the reference data use, and carries TLP beside it.
    """
    scheme = {
        match[1].decode(): match[2].decode()
        for graph in staged.graphs
        if b"inMarkingScheme" in graph.ntriples  # a quick look before the careful one
        for match in _IN_SCHEME.finditer(graph.ntriples)
    }
    lowest = min(staged.graphs, key=lambda graph: (staged.markings[graph.marking], graph.iri))
    known = scheme.get(lowest.marking)
    return [
        Problem(
            Location(graph.name),
            "release.marking-scheme",
            f"De markering '{graph.marking}' is van een andere indeling dan '{lowest.marking}' en "
            "daarmee niet te vergelijken. Geef de bron een rubricering (openbaar, dep-v, …).",
            f"The marking '{graph.marking}' is of another scheme than '{lowest.marking}' and "
            "cannot be compared with it. Give the source a classification (openbaar, dep-v, …).",
        )
        for graph in staged.graphs
        if scheme.get(graph.marking) != known
    ]


def _up_to(staged: Staged, rank: int) -> Staged:
    """Only what is marked at or below this rank."""
    graphs = tuple(graph for graph in staged.graphs if staged.markings[graph.marking] <= rank)
    return replace(staged, graphs=graphs)


def _elsewhere(staged: Staged, problems: Sequence[Problem]) -> list[Problem]:
    """What SHACL finds beside the intake's problems, so that all of it is told in one run.

    A row that the intake could not read whole is not blamed for what is missing from it.
    """
    known = {replace(problem.location, column="") for problem in problems}
    return [one for one in violations(staged) if replace(one.location, column="") not in known]


def _silent(_: str) -> None:
    """No progress wanted."""
