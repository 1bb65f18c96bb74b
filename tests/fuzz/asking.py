"""What people type: parameters of saved questions, SPARQL, arguments of commands."""

from __future__ import annotations

import random
from pathlib import Path

import pyoxigraph as ox
from cases import Case, Outcome, Target, WrongError, outcome_of_error
from command import run_kg
from mutate import nasty

from kg.errors import KgError
from kg.guard import Guard, Limits
from kg.queries import catalogue
from kg.release import Release

_NAMES = (
    "grid", "rail", "gsmr", "r1", "energie", "spoor", "NL", "CN", "beleid-2026", "Treindienst",
    "https://w3id.org/vitaal/id/grid", "vit:Service", "Regionaal net (fictief)",
)  # fmt: skip


class Guarded(Target):
    """Asked of the guard, within small limits; the store is left as it was."""

    limit = 30.0

    def __init__(self, work: Path) -> None:
        super().__init__(work)
        release = Release.open(self.releases)
        self.guard = Guard(release.path / "store", Limits(seconds=5, memory=256 << 20, rows=1_000))

    def check(self, answer: object) -> None:
        rows = getattr(answer, "rows", ())
        if len(rows) > 1_000:
            raise WrongError(f"{len(rows)} rows")
        if not isinstance(answer, bool | bytes):
            answer.to_json()  # type: ignore[attr-defined]


class Parameters(Guarded):
    share = 60

    def make(self, rng: random.Random) -> Case:
        saved = rng.choice(list(catalogue()))
        texts = [saved.name]
        for param in saved.params:
            if rng.random() < 0.8:
                value = nasty(rng) if rng.random() < 0.7 else rng.choice(_NAMES)
                texts += [param.name, value]
        if rng.random() < 0.1 or len(texts) == 1:
            texts += [nasty(rng), nasty(rng)]
        return Case({}, tuple(texts))

    def run(self, case: Case) -> Outcome:
        name, *pairs = case.texts
        params = dict(zip(pairs[::2], pairs[1::2], strict=True))
        try:
            self.check(self.guard.run(name, params, limit=50))
        except KgError as error:
            return outcome_of_error(error)
        return "accepted"


_QUERIES = (
    "SELECT ?s ?label WHERE { ?s a vit:Service ; skos:prefLabel ?label } ORDER BY ?label LIMIT 5",
    "SELECT ?s (COUNT(?o) AS ?n) { ?s ?p ?o OPTIONAL { ?o ?q ?r } } GROUP BY ?s HAVING (?n > 1)",
    "ASK { ?s vit:fulfilledBy/vit:operatedBy* ?o }",
    "CONSTRUCT { ?s a vit:Service } WHERE { GRAPH ?g { ?s a vit:Service } }",
    "DESCRIBE <https://w3id.org/vitaal/id/grid>",
    'SELECT * { VALUES ?x { "a"@nl 1 2.5 "P1D"^^xsd:duration } BIND(STRLEN(STR(?x)) AS ?n) }',
    'SELECT ?a ?b { ?a ?p ?b FILTER NOT EXISTS { ?b ?p ?a } FILTER(REGEX(STR(?a), "(a+)+$")) }',
    "PREFIX x: <urn:x> SELECT (SUM(?n) AS ?t) { { SELECT ?n { ?s a ?n } LIMIT 9 } UNION { } }",
)
_PARTS = (
    "SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }", "LOAD <file:///etc/passwd>", "DROP ALL",
    "INSERT DATA { <a:a> <a:b> <a:c> }", "DELETE WHERE { ?s ?p ?o }", "FROM <file:///etc/passwd>",
    "FROM NAMED <urn:x>", "?s ?p ?o . ?a ?b ?c . ?d ?e ?f", "MINUS { ?s ?p ?o }", "#", "'", '"""',
    "REPEAT", "{" * 2_000, "(" * 20_000, "!" * 5_000, "CLEAR GRAPH ?g", "; DROP ALL", "UNDEF",
    "1/0", "?x", "_:b", "[]", "()", "^", "|", "/", "*", "+", "IF(1,2,3)", "BNODE()", "RAND()",
    "UUID()",
    "REPLACE('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', '(a|aa)+$', 'x')", "xsd:dateTime('x')", "NOW()",
    "<< ?s ?p ?o >>", "LATERAL { ?s ?p ?o }", "BASE <x>", "PREFIX : <x>", "STRDT('a', <x y>)",
)  # fmt: skip


class Sparql(Guarded):
    share = 80

    def make(self, rng: random.Random) -> Case:
        words = rng.choice(_QUERIES).split(" ")
        for _ in range(rng.choice((1, 1, 2, 4))):
            at = rng.randrange(len(words)) if words else 0
            how = rng.randrange(6)
            if how == 0:
                words.insert(at, rng.choice(_PARTS))
            elif how == 1:
                words.insert(at, nasty(rng))
            elif how == 2 and words:
                words[at] = rng.choice((*_PARTS, *words))
            elif how == 3 and words:
                del words[at]
            elif how == 4:
                words[at:at] = words[at : at + 6] * rng.choice((1, 3, 40))
            else:
                words = words[: at + 1] if rng.random() < 0.3 else [*words, rng.choice(_PARTS)]
        return Case({}, (" ".join(words),))

    def run(self, case: Case) -> Outcome:
        try:
            answer = self.guard.run_text(case.texts[0])
        except KgError as error:
            return outcome_of_error(error)
        self.check(answer)
        if isinstance(answer, bytes):
            list(ox.parse(answer, format=ox.RdfFormat.N_TRIPLES))
        return "accepted"


_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("cascade", "grid"),
    ("cascade", "grid@PT0H/PT2H", "gsmr@PT1H", "--horizon", "P3D"),
    ("cascade", "grid@PT0H/PT8H~0.2", "--samples", "20", "--seed", "7", "--cores", "1"),
    ("cascade", "--in-sector", "energie", "--of-class", "Service", "--starts", "PT1H", "--ends",
    "P1D"),
    ("cascade", "--threat", "cyberaanval", "--in-sector", "energie"),
    ("cascade", "--scenario", "x", "--with", "y"),
    ("cutsets", "rail", "--within", "PT8H", "--max-order", "2", "--limit", "5"),
    ("explain", "rail", "dependsOn", "grid"),
    ("owners", "grid", "--at", "2026-01-01"),
    ("takeover", "--owned", "grid", "--owner", "rail", "--share", "51%", "--owner-seat", "CN"),
    ("withdraw", "CN", "--horizon", "P1Y", "--at", "2026-01-01", "--policy", "beleid-2026"),
    ("screen", "--order", "1", "--top", "3", "--within", "energie", "--cores", "1"),
    ("query", "wie-leunt-op", "-p", "unit=grid", "--max-rows", "5", "--timeout", "5",
    "--max-memory", "1G"),
    ("template", "Service", "--archetype", "ran", "--for", "mast"),
    ("export", "--open-psa", "--target", "rail", "--within", "PT8H"),
    ("releases",),
)  # fmt: skip
_OUTAGES = (
    "@", "@/", "~", "@PT1H", "@PT2H/PT1H", "@PT0H/PT0H", "@P1Y", "@P1M", "@-PT1H", "@PT1H/", "~2",
    "~0",
    "~nan", "~-1", "~1e-400", "@PT1H/P9999999Y~1", "@@", "~~", "@PT0.0001S", "@P1W/P2W", "@pt1h",
    "~0,5",
)  # fmt: skip


class Arguments(Target):
    """Arguments of ``kg``, of which one to three are hostile."""

    share = 90
    limit = 40.0

    def make(self, rng: random.Random) -> Case:
        arguments = list(rng.choice((*_COMMANDS, *_COMMANDS[:6])))
        for _ in range(rng.choice((1, 1, 2, 3))):
            at = rng.randrange(1, len(arguments)) if len(arguments) > 1 else 1
            how = rng.randrange(6)
            if how == 0:
                arguments[at:at] = [nasty(rng)]
            elif how <= 2:
                arguments[at : at + 1] = [nasty(rng)]
            elif how == 3:
                kept = arguments[at] if at < len(arguments) else "grid"
                arguments[at : at + 1] = [kept + rng.choice((*_OUTAGES, nasty(rng)))]
            elif how == 4:
                arguments[at : at + 1] = []
            else:
                arguments[at : at + 1] = [rng.choice(_NAMES)]
        if rng.random() < 0.3:
            arguments += ["--format", rng.choice(("json", "csv", "table", nasty(rng)))]
        # As an operating system hands them on: no NUL, and bytes that are no UTF-8 as surrogates.
        texts = [
            one.replace("\x00", "")[:120_000]
            .encode("utf-8", "surrogatepass")
            .decode("utf-8", "surrogateescape")
            for one in arguments
        ]
        return Case({}, tuple(texts))

    def run(self, case: Case) -> Outcome:
        name, *rest = case.texts
        needs = () if name == "template" else ("--release", str(self.releases))
        return run_kg(name, *needs, *rest)
