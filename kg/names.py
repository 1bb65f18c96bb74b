"""Namespaces and graph names: the one home of every IRI that the code spells out."""

from typing import Final

from pyoxigraph import NamedNode

VIT: Final = "https://w3id.org/vitaal/def#"
ID: Final = "https://w3id.org/vitaal/id/"
GRAPH: Final = "https://w3id.org/vitaal/graph/"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCTERMS: Final = "http://purl.org/dc/terms/"
PROV: Final = "http://www.w3.org/ns/prov#"
ORG: Final = "http://www.w3.org/ns/org#"
GEO: Final = "http://www.opengis.net/ont/geosparql#"
SH: Final = "http://www.w3.org/ns/shacl#"
DCAT: Final = "http://www.w3.org/ns/dcat#"

PREFIXES: Final[dict[str, str]] = {
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "geo": GEO,
    "graph": GRAPH,
    "id": ID,
    "org": ORG,
    "owl": OWL,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "sh": SH,
    "skos": SKOS,
    "vit": VIT,
    "xsd": XSD,
}

SPARQL_PREFIXES: Final = "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in PREFIXES.items())

G_ONTOLOGY: Final = GRAPH + "ontology"
G_INFERRED: Final = GRAPH + "inferred"
G_FINDINGS: Final = GRAPH + "findings"
G_CONTEXT: Final = GRAPH + "context"
G_PROVENANCE: Final = GRAPH + "provenance"

#: Graphs that the pipeline writes; every other graph is a source graph.
DERIVED_GRAPHS: Final = frozenset({G_ONTOLOGY, G_INFERRED, G_FINDINGS, G_CONTEXT, G_PROVENANCE})

#: The node that carries the date and the policy of a release.
ANALYSIS: Final = ID + "analysis"

RDF_TYPE: Final = NamedNode(RDF + "type")
PREF_LABEL: Final = NamedNode(SKOS + "prefLabel")
SOURCE: Final = NamedNode(DCTERMS + "source")
DERIVED_FROM: Final = NamedNode(PROV + "wasDerivedFrom")


def vit(local: str) -> NamedNode:
    """A term of our own vocabulary, ``vit("Requirement")``."""
    return NamedNode(VIT + local)


def thing(local_id: str) -> NamedNode:
    """The thing with this id, ``thing("NL")``."""
    return NamedNode(ID + local_id)


def expand(name: str) -> str:
    """A CURIE with a known prefix as a full IRI; anything else comes back unchanged."""
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES and not local.startswith("//"):
        return PREFIXES[prefix] + local
    return name


def shorten(iri: str) -> str:
    """A full IRI as a CURIE where a prefix fits, for people to read."""
    for prefix, base in PREFIXES.items():
        if iri.startswith(base) and len(iri) > len(base):
            return f"{prefix}:{iri[len(base) :]}"
    return iri


def local_id(iri: str) -> str:
    """What people type: the id of a thing, the CURIE of anything else."""
    return iri[len(ID) :] if iri.startswith(ID) else shorten(iri)
