"""Files of every kind that the intake reads, and what may come out of it into a release."""

from __future__ import annotations

import io
import json
import random
import re
import unicodedata
from pathlib import Path

import pyoxigraph as ox
from cases import Case, Outcome, Target, WrongError, check_problems, outcome_of_error
from mutate import as_csv, as_json, broken, encoded, json_value, nasty, table, xml, zipped

from kg.errors import KgError
from kg.names import DCTERMS, ID, VIT
from kg.resources import folder
from kg.schema import Schema
from kg.sources import Staged, stage

REFERENCE = {
    "Source.csv": b"id,title,publisher,date,url,grade,marking\n"
    b"basis,Basis,Rijk,2026-01-01,https://example.org/basis,A,openbaar\n",
    "Marking.csv": b"id,label,rank,source\nopenbaar,Openbaar,0,basis\ndep-v,Dep,10,basis\n",
    "Sector.csv": b"id,label,source\nenergie,Energie,basis\ntelecom,Telecom,basis\n"
    b"spoor,Spoor,basis\n",
}
TABLES = {
    "Source": "id,title,publisher,date,url,grade,marking\n"
    "s1,Interview,Ministerie,2026-01-15,https://example.org/,B,openbaar\n"
    "s2,Gesprek,Ministerie,2026-01-16,,C,dep-v\n",
    "Service": "id,label,label@en,inSector,restartLag,partOf,source\n"
    "grid,Net (fictief),Grid,energie,PT2H,,s1\ngsmr,Radio (fictief),,telecom,,grid,s1\n",
    "Requirement": "id,requiredBy,fulfilledBy,minimumFulfilled,buffer,bufferLow,bufferHigh,effect,"
    "dependencyKind,source\nr1,gsmr,grid,1,PT3H,PT2H,PT4H,fails,physical,s1\n"
    "r2,grid,gsmr;grid,2,P1DT12H,,,degrades,cyber,s1;s2\n",
    "Organisation": "id,label,seat,lei,kvkNumber,source\nnet,Netbeheer (fictief),,"
    "OEF0REGNETNOORD01030,00009001,s1\n",
    "Ownership": "id,owner,owned,share,control,validFrom,validUntil,source\n"
    "o1,net,net,0.6,true,2020-01-01,2030-01-01,s1\n",
    "Place": "id,label,asWKT,source\nhier,Hier (fictief),POINT(5 52),s1\n",
}  # fmt: skip
TURTLE = """@prefix vit: <https://w3id.org/vitaal/def#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://w3id.org/vitaal/id/> .
<water> a vit:Service ; skos:prefLabel "Water (fictief)"@nl , "Water"@en ;
  vit:restartLag "PT2H"^^xsd:duration ; dcterms:source <s1> .
<eis> a vit:Requirement ; vit:requiredBy <water> ; vit:fulfilledBy <grid> ;
  vit:minimumFulfilled 1 ; vit:effect vit:fails ; vit:buffer "PT4H"^^xsd:duration ;
  dcterms:source <s1> ; skos:note \"\"\"lang
verhaal\"\"\"@nl .
[] a vit:Organisation ; skos:prefLabel "Naamloos (fictief)"@nl ; dcterms:source <s1> .
"""
RDF_XML = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:vit="https://w3id.org/vitaal/def#" xmlns:dcterms="http://purl.org/dc/terms/"
  xmlns:skos="http://www.w3.org/2004/02/skos/core#" xml:base="https://w3id.org/vitaal/id/">
  <vit:Service rdf:about="water">
    <skos:prefLabel xml:lang="nl">Water (fictief)</skos:prefLabel>
    <vit:restartLag rdf:datatype="http://www.w3.org/2001/XMLSchema#duration">PT2H</vit:restartLag>
    <dcterms:source rdf:resource="s1"/>
  </vit:Service>
  <rdf:Description rdf:about="eis"><rdf:type rdf:resource="https://w3id.org/vitaal/def#Requirement"/>
    <vit:requiredBy rdf:resource="water"/><dcterms:source rdf:resource="s1"/></rdf:Description>
</rdf:RDF>
"""
JSON_LD = {
    "@context": {
        "vit": "https://w3id.org/vitaal/def#",
        "source": {"@id": "http://purl.org/dc/terms/source", "@type": "@id"},
        "label": {"@id": "http://www.w3.org/2004/02/skos/core#prefLabel", "@language": "nl"},
        "@base": "https://w3id.org/vitaal/id/",
    },
    "@graph": [
        {"@id": "water", "@type": "vit:Service", "label": "Water (fictief)", "source": "s1"},
        {
            "@id": "eis",
            "@type": "vit:Requirement",
            "vit:requiredBy": {"@id": "water"},
            "vit:buffer": {
                "@value": "PT4H",
                "@type": "http://www.w3.org/2001/XMLSchema#duration",
            },
            "source": ["s1"],
        },
    ],
}
_JSON_LD_WORDS = (
    "@context", "@id", "@type", "@graph", "@value", "@language", "@import", "@included", "@nest",
    "@reverse", "@set", "@list", "@index", "@json", "@base", "@vocab", "@version", "@protected",
    "@container", "@direction", "@none", "@propagate", "source", "label", "vit:buffer",
)  # fmt: skip
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,199}")
_ALLOWED = frozenset("\n\r\t")
_SOURCE = ox.NamedNode(DCTERMS + "source")
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_CLASS_OF_SOURCES = ox.NamedNode(VIT + "Source")


def check_staged(staged: Staged) -> None:
    """What may go into a release: N-Triples that read back, clean, each thing with its source.

    Written anew, from the promises; it does not call the checks of the intake.

    Raises:
        WrongError: one of them is broken.
    """
    for graph in staged.graphs:
        quads = list(ox.parse(graph.ntriples, format=ox.RdfFormat.N_TRIPLES))
        lines = [line for line in graph.ntriples.decode().split("\n") if line]
        if len(quads) != len(lines):
            raise WrongError(f"{len(lines)} lines read back as {len(quads)} triples")
        sourced = {quad.subject for quad in quads if quad.predicate == _SOURCE}
        sourced |= {
            quad.subject
            for quad in quads
            if quad.predicate == _TYPE and quad.object == _CLASS_OF_SOURCES
        }
        for quad in quads:
            if quad.subject not in sourced:
                raise WrongError(f"{quad.subject} has no source")
            for term in (quad.subject, quad.predicate, quad.object):
                _check_term(term)


def _check_term(term: object) -> None:
    if isinstance(term, ox.Literal):
        bad = [
            c for c in term.value if unicodedata.category(c) in ("Cc", "Cs") and c not in _ALLOWED
        ]
        if bad:
            raise WrongError(f"control character {bad[0]!r} in {term.value[:80]!r}")
        if len(term.value) > 100_000:
            raise WrongError(f"a literal of {len(term.value)} characters")
    elif isinstance(term, ox.NamedNode):
        if term.value.startswith(ID) and not _ID.fullmatch(term.value.removeprefix(ID)):
            raise WrongError(f"an id outside the grammar: {term.value[:200]!r}")
        if term.value.lower().startswith(("javascript:", "data:", "file:", "vbscript:")):
            raise WrongError(f"an IRI that runs or reads: {term.value[:200]!r}")
    else:
        raise WrongError(f"a nameless term {term}")


class Intake(Target):
    """A data folder with one hostile file, beside good ones."""

    share = 70

    def __init__(self, work: Path) -> None:
        super().__init__(work)
        self.schema = Schema.load(folder("ontology"))
        self.columns = sorted(
            {"id", "label", "label@en", "source", "marking", "note"}
            | {info.local for info in self.schema.properties.values()}
        )
        self.reference = Case(REFERENCE).written(work / "reference")

    def case(self, name: str, data: bytes) -> Case:
        """The hostile file beside the tables that it refers to."""
        files = {
            f"{table}.csv": TABLES[table].encode()
            for table in ("Source", "Service", "Organisation")
        }
        return Case({**files, name: data})

    def run(self, case: Case) -> Outcome:
        data = case.written(self.work / "data")
        try:
            staged = stage([self.reference, data], self.schema)
        except KgError as error:
            return outcome_of_error(error)
        check_problems(staged.problems)
        if staged.problems:
            # What is right is built from with --skip-invalid: it has to be as clean.
            kept = stage([self.reference, data], self.schema, skip_invalid=True)
            if kept.problems:
                raise WrongError("problems remain with skip_invalid")
            check_problems(kept.left_out)
            check_staged(kept)
            return "told"
        check_staged(staged)
        return "accepted"


class Csv(Intake):
    share = 110

    def make(self, rng: random.Random) -> Case:
        name = rng.choice(list(TABLES))
        data = as_csv(table(TABLES[name], self.columns, rng), rng)
        return self.case(f"{name}.csv", data)


class Xlsx(Intake):
    share = 60

    def make(self, rng: random.Random) -> Case:
        return self.case("boek.xlsx", workbook(rng, self.columns))


def workbook(rng: random.Random, columns: list[str]) -> bytes:
    """A workbook with hostile cells, sheets or parts; the same for the same ``rng``."""
    import zipfile
    from datetime import date, datetime, time, timedelta

    from openpyxl import Workbook
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = Workbook()
    book.remove(book.active)
    odd = (
        1e308, 10**18, -1, 0.1 + 0.2, True, date(1900, 1, 1), datetime(9999, 12, 31), time(12),
        timedelta(days=400_000), "=1/0", "=HYPERLINK(\"http://127.0.0.1:9\")",
    )  # fmt: skip
    for name in rng.sample([one for one in TABLES if one != "Source"], rng.randint(1, 3)):
        title = (
            name if rng.random() < 0.9 else rng.choice(("Blad1", "service", "Toelichting", "_x"))
        )
        sheet = book.create_sheet(title)
        for number, row in enumerate(table(TABLES[name], columns, rng), 1):
            for at, cell in enumerate(row[:60], 1):
                value = rng.choice(odd) if number > 1 and rng.random() < 0.05 else cell[:32_000]
                try:
                    sheet.cell(number, at, value)
                except (IllegalCharacterError, ValueError):
                    sheet.cell(number, at, "?")
        if rng.random() < 0.1:
            sheet.merge_cells("A1:C2")
    out = io.BytesIO()
    try:
        book.save(out)
    except (ValueError, UnicodeError):
        return broken(b"PK\x03\x04", rng)
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["docProps/core.xml"] = b"<a/>"  # the moment of writing stands in it
    if rng.random() < 0.4:
        name = rng.choice([one for one in members if one.endswith((".xml", ".rels"))])
        members[name] = xml(members[name].decode("utf-8", "replace"), rng)
    return zipped(members, rng)


def text_of(seed: str, rng: random.Random) -> bytes:
    """RDF text with hostile values in place of literals and IRIs, or broken bytes."""
    text = seed
    for _ in range(rng.choice((1, 1, 2, 4))):
        places = list(re.finditer(r'"[^"\n]*"|<[^<>\n]*>|\b\d+\b|[\w-]{1,40}:[\w-]+', text))
        if not places:
            break
        one = rng.choice(places)
        how = rng.randrange(7)
        inside = nasty(rng)
        new = one[0]
        if how == 0:
            new = '"' + inside.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        elif how == 1:
            new = f"<{inside}>"
        elif how == 2:
            new = inside
        elif how == 3:
            new = rng.choice(places)[0]
        elif how == 4:
            deep = rng.choice((3, 300, 20_000))
            new = rng.choice(("[ a ", "( ", "{ ", "<< ")) * deep
        elif how == 5:
            kind = rng.choice(
                ("xsd:integer", "xsd:date", "xsd:boolean", "xsd:double", "xsd:string")
            )
            new = f'"{inside[:50]}"^^{kind}'.replace("\n", " ")
        else:
            code = rng.choice(("0000", "D800", "FFFE", "202E", "001B", "00E9"))
            new = f'"x\\u{code}y"@{rng.choice(("nl", "x-y-z", "NL-nl"))}'
        text = text[: one.start()] + new + text[one.end() :]
    data = encoded(text, rng)
    return broken(data, rng) if rng.random() < 0.4 else data


class Turtle(Intake):
    def make(self, rng: random.Random) -> Case:
        return self.case("x.ttl", text_of(TURTLE, rng))


class TriG(Intake):
    share = 35

    def make(self, rng: random.Random) -> Case:
        head, _, body = TURTLE.partition("<water>")
        return self.case("x.trig", text_of(f"{head}<g> {{\n<water>{body}}}\n", rng))


class NQuads(Intake):
    share = 45

    def make(self, rng: random.Random) -> Case:
        quads = ox.parse(TURTLE, format=ox.RdfFormat.TURTLE, base_iri=ID)
        lines = [f"{q.subject} {q.predicate} {q.object}" for q in quads if "_:" not in str(q)]
        named = rng.random() < 0.5
        end = f" <{ID}g> .\n" if named else " .\n"
        data = text_of("".join(line + end for line in lines), rng)
        return self.case("x.nq" if named else "x.nt", data)


class RdfXml(Intake):
    def make(self, rng: random.Random) -> Case:
        return self.case(rng.choice(("x.rdf", "x.owl")), xml(RDF_XML, rng))


class JsonLd(Intake):
    def make(self, rng: random.Random) -> Case:
        value = json_value(JSON_LD, _JSON_LD_WORDS, rng)
        if rng.random() < 0.1:
            where = rng.choice(([{}], [{"@graph": []}]))
            value = [value, {"@context": ["http://127.0.0.1:9/c"], "@id": "x"}, *where]
        return self.case("x.jsonld", as_json(value, rng))


class Names(Intake):
    """Names of files and folders, contents that are not of the kind that they say."""

    share = 20

    def make(self, rng: random.Random) -> Case:
        stem = nasty(rng).replace("/", "-").replace("\x00", "")[:60].strip(".") or "x"
        stem = stem.encode("utf-8", "replace").decode()
        end = rng.choice((".csv", ".xlsx", ".ttl", ".trig", ".nq", ".rdf", ".jsonld", ".tsv", ""))
        seeds = (*TABLES.values(), TURTLE, RDF_XML, json.dumps(JSON_LD), "")
        name = rng.choice((stem, "Service", "Requirement", "sub/Service")) + end
        try:
            name.encode()
            fits = len(name.encode()) < 200
        except UnicodeError:
            fits = False
        return self.case(name if fits else "x.csv", rng.choice(seeds).encode())
