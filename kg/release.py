"""The only place where the stages are chained: sources → … → findings, into an immutable release.

On disk::

    releases/
      current -> 3f2a…            switched atomically, at the very end of a build
      3f2a…/                      named by the hash of what went in
        openbaar/                 one folder per marking level, each built only from sources
          manifest.json             at or below that level
          store/                  embedded quad store, read only from here on
          network/                the arrays that cascades run on
          report.json report.ttl  what SHACL found
          findings.json           what analysis found, in words
        dep-v/ …
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from kg import __version__
from kg.errors import InconsistentError, InputError, Location, Problem, ReleaseError, UsageError
from kg.findings import find
from kg.language import say
from kg.names import (
    ANALYSIS,
    DCTERMS,
    G_CONTEXT,
    G_FINDINGS,
    G_ONTOLOGY,
    G_PROVENANCE,
    ID,
    PROV,
    RDF_TYPE,
    VIT,
    XSD,
    local_id,
    thing,
)
from kg.network import Network, build_network
from kg.reason import reason
from kg.resources import folder
from kg.schema import Schema
from kg.sources import SourceGraph, Staged, stage
from kg.store import EmbeddedStore
from kg.validate import Report, Shapes, leave_out, validate

Progress = Callable[[str], None]

CURRENT: Final = "current"
_BUILDING: Final = ".building-"
_FORMAT: Final = 1


@dataclass(frozen=True)
class Checked:
    """Staged data with the validation report of what will be built from."""

    staged: Staged
    report: Report


@dataclass(frozen=True)
class Release:
    """One level of one release, read only.

    ``id`` is the hash of the inputs of this level; ``path`` the folder of this level.
    """

    path: Path
    id: str
    level: str
    levels: tuple[str, ...]
    manifest: Mapping[str, Any] = field(repr=False)

    @staticmethod
    def open(path: Path, level: str | None = None) -> Release:
        """Open a folder of releases (its ``current``), one release, or one level of it.

        Without ``level`` it is the lowest one present: what anyone may see.

        Raises:
            ReleaseError: nothing there, or not a release of this version.
            UsageError: the release has no such level.
        """
        root = path / CURRENT if (path / CURRENT).exists() else path
        if (root / "manifest.json").is_file():  # the folder of one level was named
            return _open_level(root, (root.name,))
        levels = _levels(root)
        if not levels:
            raise ReleaseError(
                "release.none",
                f"In {path} staat geen release. Maak er een met: kg build --out {path}",
                f"There is no release in {path}. Make one with: kg build --out {path}",
            )
        chosen = level or levels[0]
        if chosen not in levels:
            raise UsageError(
                "release.level",
                f"Deze release heeft geen niveau '{chosen}'; wel: {', '.join(levels)}.",
                f"This release has no level '{chosen}'; it has: {', '.join(levels)}.",
            )
        return _open_level((root / chosen).resolve(), levels)

    @cached_property
    def store(self) -> EmbeddedStore:
        """The quads: sources, ontology, inferred facts and findings, each in their graphs."""
        return EmbeddedStore.open(self.path / "store")

    @cached_property
    def _network(self) -> Network:
        return Network.load(self.path / "network")

    def network(self) -> Network:
        """The frozen arrays that cascades run on."""
        return self._network

    @cached_property
    def findings(self) -> Mapping[str, Any]:
        """What analysis found, as :meth:`kg.findings.Findings.to_json` wrote it."""
        return _read_json(self.path / "findings.json")

    @cached_property
    def report(self) -> Mapping[str, Any]:
        """The validation report, as :meth:`kg.validate.Report.to_json` wrote it."""
        return _read_json(self.path / "report.json")

    @property
    def policy(self) -> str:
        """The id of the policy that fixed the terms."""
        return str(self.manifest["policy"])

    @property
    def date(self) -> str:
        """The analysis date, ISO 8601."""
        return str(self.manifest["date"])


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ReleaseError(
            "release.damaged",
            f"{path} ontbreekt of is beschadigd ({error}). Bouw opnieuw, of kies een andere release.",
            f"{path} is missing or damaged ({error}). Build again, or choose another release.",
        ) from error


def _levels(root: Path) -> tuple[str, ...]:
    """The levels of one release, lowest first."""
    if not (root / "levels.json").is_file():
        return ()
    return tuple(_read_json(root / "levels.json")["levels"])


def _open_level(path: Path, levels: tuple[str, ...]) -> Release:
    manifest = _read_json(path / "manifest.json")
    if manifest.get("format") != _FORMAT:
        raise ReleaseError(
            "release.format",
            f"{path} is van een andere versie van vitaal-kg; bouw de release opnieuw.",
            f"{path} is of another version of vitaal-kg; build the release again.",
        )
    return Release(path, manifest["id"], manifest["level"], levels, manifest)


def releases(out: Path) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    """Every release in a folder: its name, its levels, and whether it is the current one."""
    current = (out / CURRENT).resolve().name if (out / CURRENT).exists() else ""
    found = sorted(path for path in out.iterdir() if _levels(path)) if out.is_dir() else []
    return tuple(
        (path.name, _levels(path), path.name == current) for path in found if not path.is_symlink()
    )


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
    return _validated(staged, skip_invalid=skip_invalid)


def _validated(staged: Staged, *, skip_invalid: bool) -> Checked:
    shapes = Shapes.load(folder("shapes"), folder("ontology"))
    report = validate((graph.ntriples for graph in staged.graphs), shapes)
    # Each round removes at least one thing, so this ends.
    while skip_invalid and not report.conforms:
        violations = [result for result in report.results if result.severity == "Violation"]
        before = sum(graph.subjects for graph in staged.graphs)
        staged = leave_out(staged, violations)
        if sum(graph.subjects for graph in staged.graphs) == before:
            break
        report = validate((graph.ntriples for graph in staged.graphs), shapes)
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

    Returns:
        The lowest level of the release. A release that was built before from the same inputs is
        taken as it stands.

    Raises:
        InputError: something is wrong in the input (all of it is listed), nothing was built.
        InconsistentError: the data contradict the ontology, nothing was built.
    """
    step = progress or _silent
    step(say("lezen", "reading"))
    schema = Schema.load(folder("ontology"))
    staged = stage(data_folders(data), schema, skip_invalid=skip_invalid)
    problems = [*staged.problems, *_incomparable(staged)]
    if problems:
        raise InputError(problems)
    out.mkdir(parents=True, exist_ok=True)
    parts = [
        _Part(level, _up_to(staged, level), at, policy, reasoner, skip_invalid, validation)
        for level in _levels_present(staged)
    ]
    with _building(out) as draft:
        identity = hashlib.sha256()
        for part in parts:
            step(say(f"niveau {part.level}", f"level {part.level}"))
            release_id = _build_level(part, draft / part.level, out, step)
            identity.update(f"{part.level}={release_id}\n".encode())
        name = identity.hexdigest()[:16]
        _write_json(draft / "levels.json", {"levels": [part.level for part in parts]})
        _publish(draft, out, name)
    return Release.open(out)


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
            f"The marking '{graph.marking}' is of another scheme than '{lowest.marking}' and cannot "
            "be compared with it. Give the source a classification (openbaar, dep-v, …).",
        )
        for graph in staged.graphs
        if scheme.get(graph.marking) != known
    ]


def _up_to(staged: Staged, level: str) -> Staged:
    """Only what is marked at or below this level."""
    rank = staged.markings[level]
    graphs = tuple(graph for graph in staged.graphs if staged.markings[graph.marking] <= rank)
    return replace(staged, graphs=graphs)


def _build_level(part: _Part, target: Path, out: Path, step: Progress) -> str:
    target.mkdir()
    staged = part.staged
    report: Report | None = None
    if part.validation:
        step(say("valideren", "validating"))
        checked = _validated(staged, skip_invalid=part.skip_invalid)
        staged, report = checked.staged, checked.report
        if not report.conforms:
            raise InputError([r.to_problem() for r in report.results if r.severity == "Violation"])
        _write_json(target / "report.json", report.to_json())
        _write(target / "report.ttl", report.turtle)
    else:
        _write_json(target / "report.json", {"conforms": None, "counts": {}, "results": []})
    manifest = _manifest(part, staged)
    earlier = _same(out, part.level, manifest["id"])
    if earlier is not None:
        step(say("ongewijzigd, uit de vorige release", "unchanged, from the previous release"))
        shutil.rmtree(target)
        shutil.copytree(earlier, target)
        return str(manifest["id"])
    step(say("laden", "loading"))
    store = EmbeddedStore.create(target / "store")
    for graph in staged.graphs:
        store.load(graph.iri, graph.ntriples)
    store.load(G_ONTOLOGY, ontology_triples())
    store.load(G_PROVENANCE, _provenance(staged.graphs))
    context = _context(store, part, staged)
    store.load(G_CONTEXT, context["ntriples"])
    step(say("redeneren", "reasoning"))
    rules = folder("queries") / "rules"
    reasoned = reason(store, folder("ontology"), rules, reasoner=part.reasoner)
    if reasoned.inconsistencies:
        raise InconsistentError([str(one) for one in reasoned.inconsistencies])
    step(say("netwerk", "network"))
    network = build_network(store)
    network.save(target / "network")
    step(say("bevindingen", "findings"))
    findings = find(store, network)
    store.load(G_FINDINGS, findings.ntriples)
    store.optimize()
    store.close()
    _write_json(target / "findings.json", findings.to_json())
    manifest |= {
        "date": context["date"],
        "policy": context["policy"],
        "counts": {
            "asserted": sum(graph.ntriples.count(b"\n") for graph in staged.graphs),
            "inferred": reasoned.inferred,
            "inferred_by_rule": dict(reasoned.per_rule),
            "findings": findings.ntriples.count(b"\n"),
            "units": len(network.units),
            "requirements": len(network.requirements),
        },
        "validation": report.counts() if report else None,
    }
    _write_json(target / "manifest.json", manifest)
    return str(manifest["id"])


def _manifest(part: _Part, staged: Staged) -> dict[str, Any]:
    """What went in; the id is the hash of exactly this."""
    inputs = [
        {
            "graph": graph.iri,
            "marking": graph.marking,
            "sha256": _graph_digest(graph),
            "things": graph.subjects,
        }
        for graph in staged.graphs
    ]
    body: dict[str, Any] = {
        "format": _FORMAT,
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
        "left_out": [_problem_json(problem) for problem in staged.left_out],
    }
    identity = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return {"id": identity[:16], **body}


def _graph_digest(graph: SourceGraph) -> str:
    """Of the triples of this level, not of the file: a file may also hold what is above it."""
    return hashlib.sha256(graph.ntriples).hexdigest()


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


def _same(out: Path, level: str, release_id: str) -> Path | None:
    """A level of the current release that was built from the very same inputs."""
    path = out / CURRENT / level
    if not (path / "manifest.json").is_file():
        return None
    return path.resolve() if _read_json(path / "manifest.json").get("id") == release_id else None


def ontology_triples() -> bytes:
    """Every module of the ontology as one sorted N-Triples document.

    Blank nodes (restrictions, lists) get IRIs from the canonical form of their module, so that
    the same ontology gives the same bytes.
    """
    import pyoxigraph as ox

    def named(term: Any, module: str) -> Any:
        if isinstance(term, ox.BlankNode):
            return ox.NamedNode(f"{VIT.removesuffix('#')}/genid/{module}-{term.value}")
        return term

    lines: set[str] = set()
    for path in sorted(folder("ontology").glob("*.ttl")):
        dataset = ox.Dataset(ox.parse(path=path))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        for quad in dataset:
            subject, value = named(quad.subject, path.stem), named(quad.object, path.stem)
            lines.add(f"{subject} {quad.predicate} {value} .\n")
    return "".join(sorted(lines)).encode()


def _provenance(graphs: Sequence[SourceGraph]) -> bytes:
    lines = []
    for graph in graphs:
        subject = f"<{graph.iri}>"
        lines += [
            f"{subject} {RDF_TYPE} <{PROV}Entity> .",
            f"{subject} <{VIT}marking> {thing(graph.marking)} .",
            f"{subject} <{VIT}sha256> {json.dumps(_graph_digest(graph))} .",
            f"{subject} <{DCTERMS}title> {json.dumps(graph.name)} .",
        ]
    return "".join(f"{line}\n" for line in sorted(lines)).encode()


def _context(store: EmbeddedStore, part: _Part, staged: Staged) -> dict[str, Any]:
    """The node that fixes the date and the policy of the analysis."""
    dates = [graph.date for graph in staged.graphs if graph.date]
    date = part.at or max(dates, default="1970-01-01")
    default = store.select(
        f"SELECT ?policy WHERE {{ ?policy a <{VIT}Policy> ; <{VIT}isDefault> true }} ORDER BY ?policy"
    )
    found = [local_id(row[0].value) for row in default.rows if row[0] is not None]
    policy = part.policy or (found[0] if found else None)
    if policy is None or not store.ask(f"ASK {{ {thing(policy)} a <{VIT}Policy> }}"):
        raise UsageError(
            "release.policy",
            f"Het beleid '{policy}' staat niet in de gegevens; zie data/reference/Policy.csv.",
            f"Policy '{policy}' is not in the data; see data/reference/Policy.csv.",
        )
    return {"ntriples": context_triples(date, policy), "date": date, "policy": policy}


def context_triples(date: str, policy: str) -> bytes:
    """The node that fixes the analysis: its date (ISO 8601) and the id of its policy."""
    lines = (
        f"<{ANALYSIS}> {RDF_TYPE} <{VIT}AnalysisContext> .",
        f'<{ANALYSIS}> <{VIT}analysisDate> "{date}"^^<{XSD}date> .',
        f"<{ANALYSIS}> <{VIT}underPolicy> {thing(policy)} .",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _write_json(path: Path, value: Any) -> None:
    _write(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


@contextmanager
def _building(out: Path) -> Iterator[Path]:
    """A draft folder on the same file system; gone afterwards unless it was published."""
    for left in out.glob(f"{_BUILDING}*"):  # of builds that were killed
        if not _alive(left.name.removeprefix(_BUILDING)):
            shutil.rmtree(left, ignore_errors=True)
    draft = out / f"{_BUILDING}{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True  # it runs, under another user
    return True


def _publish(draft: Path, out: Path, name: str) -> None:
    """Move the draft to its place and switch ``current``; both steps are atomic."""
    target = out / name
    if target.exists():
        # The same inputs were built before. What stands there is served already: leave it.
        shutil.rmtree(draft)
    else:
        draft.rename(target)
    _sync(out)
    link = out / f".{CURRENT}-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(out / CURRENT)
    _sync(out)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _silent(_: str) -> None:
    """No progress wanted."""
