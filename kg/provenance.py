"""Who built a level when, and from what: PROV, in ``build.prov.ttl`` beside its manifest.

This is the one file of a level in which a clock and a user are heard. It stands outside of all that
is compared between builds: not in the store (so not in the canonical N-Quads), not in the manifest
(so not in the id). It names only what the manifest of its level names, inputs at or below the
level, and the time that this level took; what is above it is built later and leaves no trace here.
A level that is taken from an earlier release unchanged keeps the file: it *was* built then.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pyoxigraph as ox

from kg.audit import user
from kg.names import DCTERMS, GRAPH, ID, PREFIXES, PROV, RDF, RDFS, VIT, XSD, thing
from kg.sources import SourceGraph

NAME: Final = "build.prov.ttl"


class Clock:
    """Begins when it is made; a system clock that is set meanwhile does not reach its end."""

    def __init__(self) -> None:
        self._started = datetime.now(UTC).replace(microsecond=0)
        self._ticks = time.monotonic()

    def span(self) -> tuple[str, str]:
        """When it began and the present, in UTC, by the second."""
        passed = timedelta(seconds=int(time.monotonic() - self._ticks))
        return _text(self._started), _text(self._started + passed)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def inputs_digest(manifest: Mapping[str, Any]) -> str:
    """SHA-256 over names and hashes of the inputs of a level, in one figure for the log."""
    return hashlib.sha256(json.dumps(manifest["inputs"], sort_keys=True).encode()).hexdigest()


def build_provenance(
    manifest: Mapping[str, Any], graphs: Sequence[SourceGraph], clock: Clock
) -> str:
    """The Turtle of one level.

    Args:
        manifest: of the level.
        graphs: what it was built from.
        clock: started when the building of this level was.
    """
    started, ended = clock.span()
    release = ox.NamedNode(f"{ID}release-{manifest['id']}")
    stamp = started.replace("-", "").replace(":", "")
    activity = ox.NamedNode(f"{ID}build-{manifest['id']}-{stamp}")
    who = ox.NamedNode(f"{activity.value}-by")
    program = ox.NamedNode(f"{ID}vitaal-kg-{manifest['versions']['vitaal-kg']}")
    used = [(ox.NamedNode(graph.iri), graph.name) for graph in graphs]
    hashes = {one["graph"]: one["sha256"] for one in manifest["inputs"]}
    for part in ("ontology", "shapes", "rules"):
        used.append((ox.NamedNode(GRAPH + part), part))
        hashes[GRAPH + part] = manifest[part]

    statements: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (release, RDF + "type", ox.NamedNode(PROV + "Entity")),
        (release, DCTERMS + "identifier", ox.Literal(manifest["id"])),
        (release, VIT + "marking", thing(manifest["marking"])),
        *((release, VIT + "compartment", thing(one)) for one in manifest["compartments"]),
        (release, PROV + "wasGeneratedBy", activity),
        (activity, RDF + "type", ox.NamedNode(PROV + "Activity")),
        (activity, PROV + "startedAtTime", _time(started)),
        (activity, PROV + "endedAtTime", _time(ended)),
        (activity, PROV + "wasAssociatedWith", who),
        (activity, PROV + "wasAssociatedWith", program),
        (who, RDF + "type", ox.NamedNode(PROV + "Agent")),
        (who, RDFS + "label", ox.Literal(user())),
        (program, RDF + "type", ox.NamedNode(PROV + "SoftwareAgent")),
        (program, RDFS + "label", ox.Literal(f"vitaal-kg {manifest['versions']['vitaal-kg']}")),
    ]
    for graph, name in used:
        statements += [
            (activity, PROV + "used", graph),
            (release, PROV + "wasDerivedFrom", graph),
            (graph, RDF + "type", ox.NamedNode(PROV + "Entity")),
            (graph, DCTERMS + "title", ox.Literal(name)),
            (graph, VIT + "sha256", ox.Literal(hashes[graph.value])),
        ]
    triples = sorted({ox.Triple(s, ox.NamedNode(p), o) for s, p, o in statements}, key=str)
    written = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    assert written is not None
    return written.decode()


def _time(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + "dateTime"))
