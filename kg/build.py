"""The only place where the stages are chained, from sources to an immutable release."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode

from kg import __version__
from kg.durable import write_json, write_text
from kg.errors import (
    InconsistentError,
    InputError,
    Location,
    Problem,
    ReleaseError,
    UsageError,
)
from kg.findings import find
from kg.language import say
from kg.names import G_CONTEXT, G_FINDINGS, G_ONTOLOGY, G_PROVENANCE, ID, VIT, local_id, thing
from kg.network import build_network, read_standing
from kg.own_graphs import context_triples, graph_digest, ontology_triples, provenance_triples
from kg.provenance import NAME as PROVENANCE
from kg.provenance import Clock, build_provenance, inputs_digest
from kg.reason import reason
from kg.release import FORMAT, Release, read_json
from kg.releases import BuiltLevel, building, earlier_level, publish
from kg.resources import folder
from kg.schema import Schema
from kg.sources import Staged, stage
from kg.store import EmbeddedStore
from kg.sums import SUMS, compare, digest, seal
from kg.validate import Report, Shapes, leave_out, validate

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Checked:
    """Staged data with the validation report of what will be built from."""

    staged: Staged
    report: Report


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
    return _validated(staged, skip_invalid=skip_invalid, rows=staged.true_rows)


def _validated(
    staged: Staged, *, skip_invalid: bool, rows: Mapping[str, int] | None = None
) -> Checked:
    """Validate, leaving out what is wrong when asked.

    ``rows`` are the rows as people see them in files that hold several markings; they stay out of
    what a lower level keeps, because they tell how much stands above it.
    """
    shapes = Shapes.load(folder("shapes"), folder("ontology"))
    report = validate((graph.ntriples for graph in staged.graphs), shapes, rows)
    # Each round removes at least one thing, so this ends.
    while skip_invalid and not report.conforms:
        violations = [result for result in report.results if result.severity == "Violation"]
        before = sum(graph.subjects for graph in staged.graphs)
        staged = leave_out(staged, violations)
        if sum(graph.subjects for graph in staged.graphs) == before:
            break
        report = validate((graph.ntriples for graph in staged.graphs), shapes, rows)
    return Checked(staged, report)


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
    step(say("lezen", "reading"))
    schema = Schema.load(folder("ontology"))
    staged = stage(data_folders(data), schema, skip_invalid=skip_invalid)
    problems = [*staged.problems, *_incomparable(staged)]
    if problems:
        raise InputError(problems + (_elsewhere(staged, problems) if validation else []))
    levels = _levels_present(staged)
    left_out = [_problem_json(one) for one in staged.left_out if one.severity != "info"]
    waiting = [
        _Part(level, _up_to(staged, level), at, policy, reasoner, skip_invalid, validation)
        for level in levels
    ]
    del staged  # a large one is given back as soon as it is loaded
    with _written_to(out), building(out, told) as draft, _few_collections():
        identity = hashlib.sha256()
        built = []
        for level in levels:
            step(say(f"niveau {level}", f"level {level}"))
            clock = Clock()
            manifest, new = _build_level(waiting.pop(0), draft / level, out, step)
            about = (inputs_digest(manifest), digest(draft / level / SUMS), clock.span()[1])
            built.append(BuiltLevel(level, manifest["id"], *about, new))
            identity.update(f"{level}={manifest['id']}\n".encode())
            left_out += manifest["left_out"]
        write_json(draft / "left_out.json", left_out)
        write_json(draft / "levels.json", {"levels": levels})
        seal(draft)
        publish(draft, out, identity.hexdigest()[:16], built)
    return Release.open(out)


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


@dataclass(frozen=True)
class _Part:
    """What one level is built from."""

    level: str
    staged: Staged
    at: str | None
    policy: str | None
    reasoner: str
    skip_invalid: bool
    validation: bool


def _levels_present(staged: Staged) -> tuple[str, ...]:
    """The markings that occur, lowest first; a level exists only when something carries it."""
    present = {graph.marking for graph in staged.graphs}
    return tuple(sorted(present, key=lambda marking: (staged.markings[marking], marking)))


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


def _up_to(staged: Staged, level: str) -> Staged:
    """Only what is marked at or below this level."""
    rank = staged.markings[level]
    graphs = tuple(graph for graph in staged.graphs if staged.markings[graph.marking] <= rank)
    return replace(staged, graphs=graphs)


def _build_level(
    part: _Part, target: Path, out: Path, step: Progress
) -> tuple[dict[str, Any], bool]:
    """Build one level into ``target`` and seal it; gives its manifest, and whether it is new."""
    clock = Clock()
    staged, report = _right(part, step)
    manifest = _manifest(part, staged)
    earlier = earlier_level(out, part.level, manifest["id"])
    if earlier is not None:
        step(say("ongewijzigd, uit een eerdere release", "unchanged, from an earlier release"))
        if _copied(earlier, target):
            return dict(read_json(target / "manifest.json")), False
    target.mkdir()
    provenance = [replace(graph, ntriples=b"") for graph in staged.graphs]
    step(say("laden", "loading"))
    with EmbeddedStore.create(target / "store") as store:
        for graph in staged.graphs:
            store.load(graph.iri, graph.ntriples)
        store.load(G_ONTOLOGY, ontology_triples())
        store.load(G_PROVENANCE, provenance_triples(staged.graphs))
        context = _context(store, part, staged)
        store.load(G_CONTEXT, context["ntriples"])
        asserted = sum(graph.ntriples.count(b"\n") for graph in staged.graphs)
        reasoner = part.reasoner
        del staged, part  # the store has it now; on a large set this is hundreds of megabytes
        step(say("redeneren", "reasoning"))
        rules = folder("queries") / "rules"
        reasoned = reason(store, folder("ontology"), rules, reasoner=reasoner)
        if reasoned.inconsistencies:
            raise InconsistentError([str(one) for one in reasoned.inconsistencies])
        step(say("netwerk", "network"))
        network = build_network(store)
        network.save(target / "network")
        read_standing(store, network).save(target / "network", network)
        step(say("bevindingen", "findings"))
        findings = find(store, network)
        store.load(G_FINDINGS, findings.ntriples)
        step(say("wegschrijven", "writing"))
    (target / "store" / "LOG").unlink(missing_ok=True)  # of the machine: its paths and its clock
    write_json(target / "findings.json", findings.to_json())
    write_json(target / "report.json", report.to_json() if report else _NOT_VALIDATED)
    if report:
        write_text(target / "report.ttl", report.turtle)
    manifest |= {
        "date": context["date"],
        "policy": context["policy"],
        "counts": {
            "asserted": asserted,
            "inferred": reasoned.inferred,
            "inferred_by_rule": dict(reasoned.per_rule),
            "findings": findings.ntriples.count(b"\n"),
            "units": len(network.units),
            "requirements": len(network.requirements),
        },
        "validation": report.counts() if report else None,
    }
    write_json(target / "manifest.json", manifest)
    write_text(target / PROVENANCE, build_provenance(manifest, provenance, clock))
    seal(target)
    return manifest, True


def _copied(earlier: Path, target: Path) -> bool:
    """Copy a level and seal the copy; not when it is damaged, here or on the way."""
    try:
        shutil.copytree(earlier, target)
        if not compare(target).damage:
            seal(target)
            return True
    except shutil.Error:
        pass  # some of its files cannot be read
    shutil.rmtree(target)
    return False


#: The report of a build for measurements, which does not validate.
_NOT_VALIDATED: Final[dict[str, Any]] = {
    "conforms": None,
    "counts": {},
    "focus_nodes": 0,
    "results": [],
}


def _right(part: _Part, step: Progress) -> tuple[Staged, Report | None]:
    """What this level is built from: only what is right.

    Raises:
        InputError: something is wrong and nothing may be left out.
    """
    if not part.validation:
        return part.staged, None
    step(say("valideren", "validating"))
    checked = _validated(part.staged, skip_invalid=part.skip_invalid)
    if not checked.report.conforms:
        raise InputError(_violations(part.staged))
    return checked.staged, checked.report


def _violations(staged: Staged) -> list[Problem]:
    """What is wrong, with the rows as they stand in the files."""
    report = _validated(staged, skip_invalid=False, rows=staged.true_rows).report
    return [one.to_problem() for one in report.results if one.severity == "Violation"]


def _elsewhere(staged: Staged, problems: Sequence[Problem]) -> list[Problem]:
    """What SHACL finds beside the intake's problems, so that all of it is told in one run.

    A row that the intake could not read whole is not blamed for what is missing from it.
    """
    known = {replace(problem.location, column="") for problem in problems}
    return [one for one in _violations(staged) if replace(one.location, column="") not in known]


def _manifest(part: _Part, staged: Staged) -> dict[str, Any]:
    """What went in; the id is the hash of exactly this."""
    inputs = [
        {
            "graph": graph.iri,
            "marking": graph.marking,
            "sha256": graph_digest(graph),
            "things": graph.subjects,
        }
        for graph in staged.graphs
    ]
    body: dict[str, Any] = {
        "format": FORMAT,
        "level": part.level,
        "versions": {"vitaal-kg": __version__},
        "at": part.at,
        "requested_policy": part.policy,
        "reasoner": part.reasoner,
        "validated": part.validation,
        "ontology": _digest(folder("ontology").glob("*.ttl")),
        "shapes": _digest(folder("shapes").glob("*.ttl")),
        "rules": _digest((folder("queries") / "rules").glob("*.rq")),
        "inputs": inputs,
        "left_out": [_problem_json(one) for one in _own(staged.left_out, part.staged.left_out)],
    }
    identity = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return {"id": identity[:16], **body}


def _own(after: Sequence[Problem], before: Sequence[Problem]) -> list[Problem]:
    """What validation of this level left out; the intake's list is of all levels together."""
    known = set(before)
    return [problem for problem in after if problem not in known]


def _problem_json(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.location.file,
        "sheet": problem.location.sheet or None,
        "row": problem.location.row or None,
        "column": problem.location.column or None,
        "code": problem.code,
        "nl": problem.nl,
        "en": problem.en,
    }


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _context(store: EmbeddedStore, part: _Part, staged: Staged) -> dict[str, Any]:
    """The node that fixes the date and the policy of the analysis."""
    dates = [graph.date for graph in staged.graphs if graph.date]
    date = part.at or max(dates, default="1970-01-01")
    default = store.select(
        f"SELECT ?one WHERE {{ ?one a <{VIT}Policy> ; <{VIT}isDefault> true }} ORDER BY ?one"
    )
    found = [local_id(one.value) for (one,) in default.rows if isinstance(one, NamedNode)]
    policy = part.policy or (found[0] if found else None)
    if policy is None or not store.ask(f"ASK {{ {thing(policy)} a <{VIT}Policy> }}"):
        raise UsageError(
            "release.policy",
            f"Het beleid '{policy}' staat niet in de gegevens; zie data/reference/Policy.csv.",
            f"Policy '{policy}' is not in the data; see data/reference/Policy.csv.",
        )
    return {"ntriples": context_triples(date, policy), "date": date, "policy": policy}


def _silent(_: str) -> None:
    """No progress wanted."""
