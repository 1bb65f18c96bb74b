"""``kg export``: a release as RDF, GraphML, CSV or STIX, in a stable order, with level and id."""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click
import pyoxigraph as ox

from kg import audit
from kg.cli.base import Command, example, release_options
from kg.cli.origin import carry, open_release, origin_line
from kg.cli.output import note
from kg.errors import UsageError
from kg.language import in_dutch, say
from kg.names import ANALYSIS, DCTERMS, G_CONTEXT, GRAPH, PREFIXES, VIT, XSD, expand, thing
from kg.release import Release
from kg.spreadsheet import csv_text

_RDF: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "export",
        cls=Command,
        help=say(
            "Schrijf een release, of één graaf ervan, naar stdout of een bestand. GraphML is het "
            "netwerk van eenheden, STIX de dreigingsactoren; de andere vormen zijn de uitspraken "
            "zelf. Elke uitvoer noemt de release en haar rubricering, en staat in het logboek van "
            "dat niveau (kg audit). Met --open-psa de foutenboom van een doel.",
            "Write a release, or one graph of it, to stdout or a file. GraphML is the network of "
            "units, STIX the threat actors; the other formats are the statements themselves. "
            "Every export names the release and its marking, and stands in the log of that level "
            "(kg audit). With --open-psa the fault tree of a target.",
        ),
        epilog=example(
            "kg export --format trig --out release.trig",
            "kg export --format turtle --graph findings",
            "kg export --format graphml --out netwerk.graphml",
            "kg export --format stix --out actoren.json",
            "kg export --open-psa --target rail --within PT8H --out boom.xml",
        ),
    )
    @click.option(
        "--format",
        "format_",
        type=click.Choice([*_RDF, "graphml", "csv", "stix"]),
        default="trig",
        metavar=say("VORM", "FORMAT"),
        help="turtle, trig, nquads, jsonld, graphml, csv, stix. [trig]",
    )
    @click.option(
        "--graph",
        metavar=say("GRAAF", "GRAPH"),
        help=say(
            "Alleen deze graaf: een naam (findings, inferred, ontology) of IRI.",
            "This graph only: a name (findings, inferred, ontology) or IRI.",
        ),
    )
    @click.option(
        "--open-psa",
        is_flag=True,
        help=say(
            "De foutenboom van --target in Open-PSA 2.0d, voor andere programma's.",
            "The fault tree of --target in Open-PSA 2.0d, for other programs.",
        ),
    )
    @click.option(
        "--target",
        metavar=say("DOEL", "TARGET"),
        help=say("De eenheid die dan uitvalt.", "The unit that then fails."),
    )
    @click.option(
        "--within",
        metavar=say("DUUR", "DURATION"),
        help=say(
            "Binnen welke termijn, zoals PT8H; zonder is er geen.",
            "By which deadline, such as PT8H; none without it.",
        ),
    )
    @click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar=say("BESTAND", "FILE"),
        help=say("Bestand; anders stdout.", "File; stdout otherwise."),
    )
    @release_options
    def export(
        format_: str,
        graph: str | None,
        open_psa: bool,
        target: str | None,
        within: str | None,
        out: Path | None,
        release: Path,
        level: str | None,
    ) -> None:
        if open_psa != (target is not None) or (within is not None and not open_psa):
            raise UsageError(
                "export.open-psa",
                "--open-psa en --target horen bij elkaar; --within mag erbij.",
                "--open-psa and --target go together; --within may be added.",
            )
        opened = open_release(release, level)
        if target is not None:
            content = _open_psa(opened, target, within)
        elif format_ == "graphml":
            content = _graphml(opened, graph)
        elif format_ == "stix":
            content = _stix(opened, graph)
        else:
            content = _quads(opened, graph, format_)
        parts = list(content)
        total = hashlib.sha256()
        for part in parts:
            total.update(part)
        # In the log before a byte of it leaves.
        audit.record(
            opened,
            "export",
            format="open-psa" if open_psa else format_,
            graph=graph or "",
            target=target or "",
            to="-" if out is None else str(out),
            sha256=total.hexdigest(),
        )
        if out is None:
            stdout = sys.stdout.buffer
            for part in parts:
                stdout.write(part)
            stdout.flush()
            return
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("wb") as file:
            file.writelines(parts)
        note(say(f"Geschreven: {out}", f"Written: {out}"))

    return export


def _stix(release: Release, graph: str | None) -> Iterator[bytes]:
    from kg.views import Frame
    from kg.views.stix import bundle

    if graph is not None:
        raise _no_graph("STIX")
    frame = Frame(release.level, release.id, release.policy, release.date)
    yield bundle(release.store, frame)


def _no_graph(name: str) -> UsageError:
    return UsageError(
        "export.graph",
        f"{name} gaat over de hele release; --graph hoort bij de andere vormen.",
        f"{name} is about the whole release; --graph goes with the other formats.",
    )


def _graphml(release: Release, graph: str | None) -> Iterator[bytes]:
    from kg.views import Frame
    from kg.views.export import network_graphml

    if graph is not None:
        raise _no_graph("GraphML")
    frame = Frame(release.level, release.id, release.policy, release.date)
    yield network_graphml(release.network(), frame)


def _open_psa(release: Release, target: str, within: str | None) -> Iterator[bytes]:
    """Loops and time are unfolded, so that the tree is acyclic and says the same."""
    import math

    from kg.cascade.cutsets import as_formula, parse_within
    from kg.cascade.fault_tree import fault_tree
    from kg.faulttree.write import open_psa
    from kg.network import resolve

    hours = math.inf if within is None else parse_within(within)
    network = release.network()
    unit = resolve(network, target)
    unfolded, in_time = as_formula(network, unit, hours)
    if not in_time:
        note(
            say(
                "! Te groot om in de tijd uit te vouwen; geschreven zijn de minimale doorsneden.",
                "! Too large to unfold in time; the minimal cut sets are written.",
            )
        )
    tree = fault_tree(network, unit, unfolded, network.unavailability.tolist())
    when = (
        ""
        if math.isinf(hours)
        else say(f" binnen {in_dutch(hours)} uur", f" within {hours:g} hours")
    )
    yield open_psa(
        tree,
        (
            origin_line(carry()).removeprefix("# "),
            say(f"{network.label(unit)} valt uit{when}", f"{network.label(unit)} fails{when}"),
        ),
    )


def _quads(release: Release, graph: str | None, format_: str) -> Iterator[bytes]:
    iri = None
    if graph is not None:
        iri = expand(graph)
        iri = iri if "://" in iri else GRAPH + iri
        if iri not in release.store.graphs():
            known = ", ".join(name.removeprefix(GRAPH) for name in release.store.graphs())
            raise UsageError(
                "export.graph",
                f"Deze release heeft geen graaf '{graph}'; wel: {known}.",
                f"This release has no graph '{graph}'; it has: {known}.",
            )
    lines = sorted({*release.store.dump(iri), *_about(release)})
    header = f"{origin_line(carry())}\n".encode()
    if format_ == "nquads":
        yield header
        yield from lines
        return
    quads = ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS)
    if format_ == "csv":
        yield header
        yield from _csv(quads)
        return
    if format_ != "jsonld":
        yield header
    if format_ == "turtle":
        # Graph names are lost in Turtle: the same statement in two graphs is one statement.
        triples = sorted({quad.triple for quad in quads}, key=str)
        body = ox.serialize(triples, format=_RDF[format_], prefixes=PREFIXES)
    else:
        body = ox.serialize(quads, format=_RDF[format_], prefixes=PREFIXES)
    assert body is not None
    yield body


def _about(release: Release) -> list[bytes]:
    """Statements by which an export can always be traced: release, level, policy and date."""
    node = f"<{ANALYSIS}>"
    graph = f"<{G_CONTEXT}>"
    return [
        f'{node} <{DCTERMS}identifier> "{release.id}" {graph} .\n'.encode(),
        f"{node} <{VIT}marking> {thing(release.marking)} {graph} .\n".encode(),
        f"{node} <{VIT}underPolicy> {thing(release.policy)} {graph} .\n".encode(),
        f'{node} <{VIT}analysisDate> "{release.date}"^^<{XSD}date> {graph} .\n'.encode(),
        *(
            f"{node} <{VIT}compartment> {thing(one)} {graph} .\n".encode()
            for one in sorted(release.compartments)
        ),
    ]


def _csv(quads: Iterable[ox.Quad]) -> Iterator[bytes]:
    headings = ("subject", "predicate", "object", "datatype", "language", "graph")
    yield csv_text(headings, map(_row, quads)).encode("utf-8")


def _row(quad: ox.Quad) -> tuple[str, ...]:
    term = quad.object
    kind = (term.datatype.value, term.language or "") if isinstance(term, ox.Literal) else ("", "")
    names = (_plain(quad.subject), quad.predicate.value, _plain(term))
    return (*names, *kind, _plain(quad.graph_name))


def _plain(term: object) -> str:
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    return "" if isinstance(term, ox.DefaultGraph) else str(term)
