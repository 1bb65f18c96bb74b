"""Builds one level of a release into its folder: validated, reasoned, analysed, sealed."""

from __future__ import annotations

import gc
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode

from kg import __version__
from kg.clearance import Clearance
from kg.durable import write_json, write_text
from kg.errors import InconsistentError, InputError, Problem, UsageError
from kg.findings import find
from kg.language import say
from kg.names import G_CONTEXT, G_FINDINGS, G_ONTOLOGY, G_PROVENANCE, VIT, local_id, thing
from kg.network import build_network, read_standing
from kg.own_graphs import context_triples, graph_digest, ontology_triples, provenance_triples
from kg.provenance import NAME as PROVENANCE
from kg.provenance import Clock, build_provenance, inputs_digest
from kg.reason import reason
from kg.release import FORMAT, read_json
from kg.releases import BuiltLevel, earlier_level
from kg.resources import folder
from kg.sources import Staged
from kg.store import EmbeddedStore
from kg.sums import SUMS, compare, digest, seal
from kg.validate import Earlier, Report, Shapes, digests, leave_out, validate

Progress = Callable[[str], None]
#: Gives what validation of a lower level found, once that is known.
Lower = Callable[[], Earlier | None]


@dataclass(frozen=True)
class Checked:
    """Staged data with the validation report of what will be built from."""

    staged: Staged
    report: Report


def validated(
    staged: Staged,
    *,
    skip_invalid: bool,
    rows: Mapping[str, int] | None = None,
    lower: Lower | None = None,
) -> Checked:
    """Validate, leaving out what is wrong when asked.

    ``rows`` are the rows as people see them in files that hold several markings; they stay out of
    what a lower level keeps, because they tell how much stands above it. What ``lower`` gives
    saves work.
    """
    shapes = Shapes.load(folder("shapes"), folder("ontology"))
    report = validate(_documents(staged), shapes, rows, lower)
    # Each round removes at least one thing, so this ends.
    while skip_invalid and not report.conforms:
        violations = [result for result in report.results if result.severity == "Violation"]
        before = sum(graph.subjects for graph in staged.graphs)
        staged = leave_out(staged, violations)
        if sum(graph.subjects for graph in staged.graphs) == before:
            break
        report = validate(_documents(staged), shapes, rows)
    return Checked(staged, report)


def _documents(staged: Staged) -> Iterator[bytes]:
    return (graph.ntriples for graph in staged.graphs)


def standing_on(parts: Sequence[Part]) -> list[int | None]:
    """For each part the place of the one before it that it holds all of: the largest such."""
    if len(parts) < 2:
        return [None] * len(parts)  # nothing to compare: of a large set the digests take a second
    holds = [digests(_documents(part.staged)) for part in parts]
    return [
        max(
            (lower for lower in range(at) if holds[lower] <= mine),
            key=lambda lower: len(holds[lower]),
            default=None,
        )
        for at, mine in enumerate(holds)
    ]


@dataclass(frozen=True)
class Part:
    """What one level is built from, and how.

    ``staged`` holds nothing that a reader with this clearance may not know of.
    """

    clearance: Clearance
    staged: Staged
    at: str | None
    policy: str | None
    reasoner: str
    skip_invalid: bool
    validation: bool

    @property
    def size(self) -> int:
        """Bytes of N-Triples."""
        return sum(len(graph.ntriples) for graph in self.staged.graphs)


@dataclass(frozen=True)
class Built:
    """A level that stands in its place, sealed; with what the log tells of it."""

    manifest: Mapping[str, Any]
    told: BuiltLevel


def prepare(*, validation: bool) -> None:
    """Load what every level needs and no data change; all of it is kept for this process.

    Raises:
        KgError: a file of the installation does not parse.
    """
    ontology_triples()
    if validation:
        Shapes.load(folder("shapes"), folder("ontology")).prepare()


def build_level(
    part: Part,
    target: Path,
    out: Path,
    step: Progress,
    *,
    helped: bool = True,
    lower: Lower | None = None,
    found: Callable[[Earlier], None] | None = None,
) -> Built:
    """Build one level into ``target`` and seal it.

    What was built from the same inputs before, in a release in ``out``, is copied. ``helped``: a
    second core may be used, by a process that writes the store. ``lower`` gives what validation
    found in a part of what this level holds; ``found`` is told what it found here.

    Raises:
        InputError: something is wrong and nothing may be left out.
        InconsistentError: the data contradict the ontology.
        UsageError: there is no such policy.
    """
    clock, name = Clock(), part.clearance.name
    staged, report = _right(part, step, lower, found)
    manifest = _manifest(part, staged)
    earlier = earlier_level(out, name, manifest["id"])
    if earlier is not None:
        step(say("ongewijzigd, uit een eerdere release", "unchanged, from an earlier release"))
        if _copied(earlier, target):
            return _built(name, read_json(target / "manifest.json"), target, clock, new=False)
    target.mkdir()
    provenance = [replace(graph, ntriples=b"") for graph in staged.graphs]
    step(say("laden", "loading"))
    with EmbeddedStore.create(target / "store", helped=helped) as store:
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
        store.no_more()
        step(say("wegschrijven", "writing"))
        write_json(target / "findings.json", findings.to_json())
        write_json(target / "report.json", report.to_json() if report else _NOT_VALIDATED)
        if report:
            write_text(target / "report.ttl", report.turtle)
    (target / "store" / "LOG").unlink(missing_ok=True)  # of the machine: its paths and its clock
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
    return _built(name, manifest, target, clock, new=True)


def _built(name: str, manifest: dict[str, Any], target: Path, clock: Clock, *, new: bool) -> Built:
    about = (inputs_digest(manifest), digest(target / SUMS), clock.span()[1])
    return Built(manifest, BuiltLevel(name, manifest["id"], *about, new))


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


def _right(
    part: Part, step: Progress, lower: Lower | None, found: Callable[[Earlier], None] | None
) -> tuple[Staged, Report | None]:
    """What this level is built from: only what is right.

    Raises:
        InputError: something is wrong and nothing may be left out.
    """
    if not part.validation:
        return part.staged, None
    step(say("valideren", "validating"))
    checked = validated(part.staged, skip_invalid=part.skip_invalid, lower=lower)
    if found is not None:
        found(Earlier(digests(_documents(checked.staged)), checked.report))
    gc.collect()  # what was validated is a tangle of loops; its room is needed
    if not checked.report.conforms:
        raise InputError(violations(part.staged))
    return checked.staged, checked.report


def violations(staged: Staged) -> list[Problem]:
    """What is wrong, with the rows as they stand in the files."""
    report = validated(staged, skip_invalid=False, rows=staged.true_rows).report
    return [one.to_problem() for one in report.results if one.severity == "Violation"]


def _manifest(part: Part, staged: Staged) -> dict[str, Any]:
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
        "level": part.clearance.name,
        "marking": part.clearance.marking,
        "compartments": sorted(part.clearance.compartments),
        "versions": {"vitaal-kg": __version__},
        "at": part.at,
        "requested_policy": part.policy,
        "reasoner": part.reasoner,
        "validated": part.validation,
        "ontology": _digest(folder("ontology").glob("*.ttl")),
        "shapes": _digest(folder("shapes").glob("*.ttl")),
        "rules": _digest((folder("queries") / "rules").glob("*.rq")),
        "inputs": inputs,
        "left_out": [one.to_json() for one in _own(staged.left_out, part.staged.left_out)],
    }
    identity = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return {"id": identity[:16], **body}


def _own(after: Sequence[Problem], before: Sequence[Problem]) -> list[Problem]:
    """What validation of this level left out; the intake's list is of all levels together."""
    known = set(before)
    return [problem for problem in after if problem not in known]


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _context(store: EmbeddedStore, part: Part, staged: Staged) -> dict[str, Any]:
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
