"""Puts Turtle files in their one canonical form: sorted, grouped, the same bytes every time.

    python tools/format_turtle.py            rewrite ontology/*.ttl and shapes/*.ttl
    python tools/format_turtle.py --check    exit 1 and name the files that differ
    python tools/format_turtle.py FILE…      the same for these files

The first line of a file is a comment that says what it is for, and stays. Other comments do not
survive: what must be said about a term belongs in its definition or skos:scopeNote.
"""

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
SH: Final = "http://www.w3.org/ns/shacl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

FOLDERS: Final = ("ontology", "shapes")

#: Subjects come in this order of kind, then by IRI; what has none of these types comes after.
KIND_ORDER: Final = (
    OWL + "Ontology",
    OWL + "Class",
    OWL + "ObjectProperty",
    OWL + "DatatypeProperty",
    OWL + "AnnotationProperty",
    SH + "NodeShape",
    SH + "PropertyShape",
    OWL + "NamedIndividual",
)

#: Predicates come in this order, then by IRI: what it is, how it is called, how it behaves.
PREDICATE_ORDER: Final = (
    RDF + "type",
    SKOS + "prefLabel",
    SKOS + "notation",
    SKOS + "definition",
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    RDFS + "domain",
    RDFS + "range",
    SH + "targetClass",
    SH + "targetSubjectsOf",
    SH + "targetObjectsOf",
    SH + "path",
)

#: Predicates that come last: what a person reads when the rest does not hold.
PREDICATES_LAST: Final = (SH + "severity", SH + "message")

LOCAL_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
SHORT_LITERALS: Final = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+\Z"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
    XSD + "boolean": re.compile(r"(?:true|false)\Z"),
}
ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class _Writer:
    """Writes the triples of one file; made anew for each file."""

    def __init__(self, triples: Iterable[tuple[Node, NamedNode, Term]], prefixes: dict[str, str]):
        self.of: dict[Node, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self.uses: Counter[BlankNode] = Counter()
        for s, p, o in sorted(set(triples), key=lambda t: (str(t[0]), str(t[1]), str(t[2]))):
            self.of[s][p.value].append(o)
            if isinstance(o, BlankNode):
                self.uses[o] += 1
        shared = sorted(node.value for node, count in self.uses.items() if count > 1)
        if shared:
            raise ValueError(f"a blank node is used more than once; give it an IRI: {shared}")
        self.prefixes = prefixes
        self.used: set[str] = set()
        self.written: set[Node] = set()

    def document(self, comment: str) -> str:
        named = [node for node in self.of if isinstance(node, NamedNode)]
        blocks = [self.block(node) for node in sorted(named, key=self.subject_key)]
        roots = [n for n in self.of if isinstance(n, BlankNode) and not self.uses[n]]
        blocks += sorted(self.block(node) for node in roots)
        missed = set(self.of) - self.written
        if missed:
            raise ValueError(
                f"blank nodes form a circle; give one an IRI: {sorted(map(str, missed))}"
            )
        head = [f"@prefix {p}: <{self.prefixes[p]}> ." for p in sorted(self.used)]
        return "\n".join([*([comment] if comment else []), *head, "", "\n\n".join(blocks)]) + "\n"

    def subject_key(self, node: NamedNode) -> tuple[int, str]:
        types = {str(t.value) for t in self.of[node].get(RDF + "type", [])}
        for position, kind in enumerate(KIND_ORDER):
            if kind in types:
                return position, node.value
        return len(KIND_ORDER), node.value

    def block(self, node: Node) -> str:
        subject = "[]" if isinstance(node, BlankNode) else self.iri(node.value)
        return f"{subject} {self.predicates(node, 1).strip()} ."

    def predicates(self, node: Node, depth: int) -> str:
        self.written.add(node)
        pad = "    " * depth
        lines = []
        for predicate in sorted(self.of[node], key=_predicate_key):
            verb = "a" if predicate == RDF + "type" else self.iri(predicate)
            objects = [
                text
                for _, text in sorted(
                    (_object_key(o), self.term(o, depth)) for o in self.of[node][predicate]
                )
            ]
            glue = ", " if verb == "a" else f",\n{pad}    "
            first = f"\n{pad}    " if len(objects) > 1 and verb != "a" else " "
            lines.append(f"{pad}{verb}{first}{glue.join(objects)}")
        return " ;\n".join(lines)

    def term(self, term: Term, depth: int) -> str:
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if isinstance(term, Literal):
            return self.literal(term)
        if RDF + "first" in self.of[term]:
            return self.collection(term, depth)
        if not self.of[term]:
            return "[]"
        pad = "    " * depth
        return f"[\n{self.predicates(term, depth + 1)}\n{pad}]"

    def collection(self, node: Node, depth: int) -> str:
        items = []
        while node != NamedNode(RDF + "nil"):
            self.written.add(node)
            items.append(self.term(self.of[node][RDF + "first"][0], depth))
            rest = self.of[node][RDF + "rest"][0]
            assert isinstance(rest, NamedNode | BlankNode)
            node = rest
        return f"( {' '.join(items)} )"

    def iri(self, iri: str) -> str:
        # The longest namespace wins, so that def/shapes# is not taken for def/.
        for prefix, base in sorted(self.prefixes.items(), key=lambda pair: (-len(pair[1]), pair)):
            if iri.startswith(base) and LOCAL_NAME.match(iri[len(base) :]):
                self.used.add(prefix)
                return f"{prefix}:{iri[len(base) :]}"
        return f"<{iri}>"

    def literal(self, literal: Literal) -> str:
        datatype = literal.datatype.value
        short = SHORT_LITERALS.get(datatype)
        if short and short.match(literal.value):
            return literal.value
        if "\n" in literal.value:
            text = literal.value.replace("\\", "\\\\").replace('"', '\\"')
            quoted = f'"""{text}"""'
        else:
            quoted = '"' + "".join(ESCAPES.get(c, c) for c in literal.value) + '"'
        if literal.language:
            return f"{quoted}@{literal.language}"
        return quoted if datatype == XSD + "string" else f"{quoted}^^{self.iri(datatype)}"


def _predicate_key(predicate: str) -> tuple[int, str]:
    if predicate in PREDICATE_ORDER:
        return PREDICATE_ORDER.index(predicate), predicate
    if predicate in PREDICATES_LAST:
        return 100 + PREDICATES_LAST.index(predicate), predicate
    return 99, predicate


def _object_key(term: Term) -> int:
    """Dutch before other languages; what OWL or SHACL calls a thing before what we call it."""
    if isinstance(term, Literal):
        return 0 if term.language == "nl" else 1
    return 0 if isinstance(term, NamedNode) and term.value.startswith((OWL, SH)) else 1


def canonical(text: str) -> str:
    """The canonical form of a Turtle document.

    Raises:
        ValueError: a blank node is used twice or stands in a circle, which has no sorted form.
        SyntaxError: the text is not Turtle.
    """
    reader = parse(text.encode(), format=RdfFormat.TURTLE)
    triples = [(quad.subject, quad.predicate, quad.object) for quad in reader]
    first = text.split("\n", 1)[0].strip()
    return _Writer(triples, dict(reader.prefixes)).document(first if first.startswith("#") else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Format or check; 0 all is well, 1 a file differs (``--check``)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if it would")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args(arguments)
    root = Path(__file__).resolve().parent.parent
    files = options.files or sorted(f for name in FOLDERS for f in (root / name).glob("*.ttl"))
    differing = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        formatted = canonical(text)
        if formatted != text:
            differing.append(file)
            if not options.check:
                file.write_text(formatted, encoding="utf-8")
    for file in differing:
        print(f"{'niet in canonieke vorm' if options.check else 'herschreven'}: {file}")
    return 1 if options.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
