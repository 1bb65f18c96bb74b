"""What is refused in query texts, however it is spelt, and how terms are bound."""

import socket
import string
import subprocess
import sys
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import QueryError
from kg.store import EmbeddedStore, QuerySyntaxError
from kg.store.query_text import bind, refuse_outside, tokens

#: A port on which nothing listens: a query that gets this far fails loudly, and differently.
REMOTE = "<http://127.0.0.1:9/sparql>"

REFUSED = [
    f"SELECT * {{ SERVICE {REMOTE} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ service silent {REMOTE} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ ?s ?p 1SERVICE{REMOTE}{{}} }}",
    f"SELECT * {{ ?s ?p true SERVICE{REMOTE}{{}} }}",
    f"SELECT * {{ {{ SELECT * {{ OPTIONAL {{ SERVICE {REMOTE} {{ ?s ?p ?o }} }} }} }} }}",
    f"ASK {{ FILTER EXISTS {{ SERVICE {REMOTE} {{ ?s ?p ?o }} }} }}",
    f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ SERVICE {REMOTE} {{ ?s ?p ?o }} }}",
    "SELECT * { VALUES ?where { <http://127.0.0.1:9/> } SERVICE ?where { ?s ?p ?o } }",
    f"SELECT * {{ SER\\u0056ICE {REMOTE} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ # a comment\rSERVICE {REMOTE} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ ?s ?p ?a FILTER(?a<?b)SERVICE{REMOTE}{{}} FILTER(?c>?d) }}",
    "SELECT * { ?s ?p ?a FILTER(?a<?b)SERVICE?s#>\n{ ?x ?y ?z } }",
    f'SELECT * {{ FILTER(?x = "\\u0022") SERVICE {REMOTE} {{}} FILTER(?y = "\\u0022") }}',
    f'SELECT * {{ ?s ?p """\n# no comment""" . SERVICE {REMOTE} {{ ?s ?p ?o }} }}',
    f"SELECT * {{ \\u0053\\u0065\\U00000052vice {REMOTE} {{ ?s ?p ?o }} }}",
    f"PREFIX service: <urn:> SELECT ?service {{ SERVICE {REMOTE} {{ ?service a service:x }} }}",
    f"SELECT * {{ ?servicq ?servicqq 'serviceq' SERVICE {REMOTE} {{ ?s ?p ?o }} }}",
]
ALLOWED = [
    "PREFIX vit: <https://w3id.org/vitaal/def#>\nSELECT ?x { ?x a vit:Service }",
    "SELECT ?service { ?service a ?fromService }",
    "SELECT * { ?s ?p 'SERVICE <http://x> { }' }",
    'SELECT * { ?s ?p """SERVICE\n<http://x> FROM {""" }',
    "SELECT * { ?s <http://example.org/SERVICE/from> ?o } # SERVICE <x> { }",
    "# from ownership to SERVICE\nSELECT * { ?s ?p ?o }",
    "PREFIX ex: <urn:>\nSELECT * { ?s ex:allValuesFrom ?o ; ex:requestedByService ?x }",
    "PREFIX service: <urn:> PREFIX from: <urn:>\nSELECT * { ?s service:from ?o ; from:Service ?x }",
    "SELECT ?service ?Service { ?service ?servicq ?Service } # and now: SERVICE ?x { }",
    "SELECT * { ?s ?p 'ended' # the service of SERVICE FROM\n . }",
    r"SELECT * { ?s ?p '\u0053ERVICE <urn:x> { }', '\\u0053ERVICE', '\\\u0053ERVICE' }",
    "SELECT * { _:service ?from 'x'@service, 'y'^^<urn:FROM> }",
    "SELECT * { ?s ?p ?o LATERAL { ?o ?service ?x } }",
]


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    one = EmbeddedStore.memory()
    one.load("urn:g", b"<urn:a> <urn:p> <urn:b> .\n<urn:b> <urn:p> <urn:c> .\n")
    one.load("urn:h", b'<urn:a> <urn:label> "A" .\n')
    return one


@pytest.mark.parametrize("query", REFUSED)
def test_service_is_refused_however_it_is_spelt(store: EmbeddedStore, query: str) -> None:
    with pytest.raises(QueryError) as caught:
        store._query(query, None)
    assert caught.value.code == "query.service"


@pytest.mark.parametrize("query", ALLOWED)
def test_words_inside_names_and_texts_are_no_keywords(store: EmbeddedStore, query: str) -> None:
    store.select(query)


class Listener:
    """Counts who connects."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(0.05)

    def calls(self) -> int:
        found = 0
        while True:
            try:
                connection, _ = self.socket.accept()
            except TimeoutError:
                return found
            connection.close()
            found += 1


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.socket.close()


def test_the_listener_would_notice(listener: Listener) -> None:
    """The engine by itself does call: the next test can fail."""
    where = f"<http://127.0.0.1:{listener.socket.getsockname()[1]}/sparql>"
    query = f"SELECT * {{ SERVICE SILENT {where} {{ }} }}"
    code = f"import pyoxigraph; list(pyoxigraph.Store().query({query!r}))"
    with subprocess.Popen([sys.executable, "-c", code]) as caller:
        found = 0
        while not found and caller.poll() is None:
            found = listener.calls()
        assert found or listener.calls()


@given(
    before=st.text("<>?#\"'{}().;:/|*+-= \n\rab1\\$@_^&!", max_size=12),
    keyword=st.sampled_from(["SERVICE", "service", "Service", "SERV\\u0049CE"]),
    between=st.sampled_from(["", " ", " SILENT ", "\n#c\n", "\r"]),
    after=st.text("<>?#\"'{}().;:/ \nab1", max_size=12),
)
@settings(max_examples=400, deadline=None)
def test_no_text_that_runs_calls_a_service(
    store: EmbeddedStore, listener: Listener, before: str, keyword: str, between: str, after: str
) -> None:
    """Whatever is around it: a SERVICE clause never gets to the engine."""
    where = f"<http://127.0.0.1:{listener.socket.getsockname()[1]}/sparql>"
    query = f"SELECT * {{ {before}{keyword}{between}{where}{{ ?s ?p ?o }} {after} }}"
    code = ""
    try:
        list(store.select(query).rows)
    except QueryError as error:
        code = error.code
    assert code != "query.failed"


#: Where the words may stand without being keywords; ``{}`` takes one.
HARMLESS = (
    "'a {} b'", '"""{}\n{{"""', "?{}", "<urn:{}>", "ex:{}", "{}:x", "'x'@{}", "'x'^^ex:{}", "_:{}",
    "'x' # {} <urn:x> {{ }}\n", "'\\u0053{}'", "ex:a.{}-b",
)  # fmt: skip


@given(
    places=st.lists(
        st.tuples(
            st.sampled_from(HARMLESS),
            st.sampled_from(
                ["SERVICE", "service", "SerVice", "\\u0053ERVICE", "FROM", "from", "fro\\u006D"]
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=300)
def test_no_name_text_or_comment_is_refused(
    store: EmbeddedStore, places: list[tuple[str, str]]
) -> None:
    """Whatever the engine itself accepts is accepted here, unless it uses the keyword."""
    prefixes = "".join(
        f"PREFIX {name}: <urn:{name}> " for name in ("ex", "SERVICE", "service", "SerVice", "FROM")
    )
    objects = ", ".join(place.format(word) for place, word in places)
    query = f"{prefixes}PREFIX from: <urn:from> SELECT * {{ ?s ?p {objects} }}"
    try:
        ox.Store().query(query)
    except SyntaxError:
        with pytest.raises(QuerySyntaxError):
            store.select(query)
    else:
        store.select(query)


@given(
    words=st.lists(
        st.tuples(st.sampled_from(["FROM", "from named"]), st.sampled_from("gh")), max_size=4
    ),
    form=st.sampled_from(
        ["SELECT *", "ASK", "CONSTRUCT { ?from ?p 'FROM <urn:x>' }", "DESCRIBE *"]
    ),
    between=st.sampled_from([" ", "\n# FROM <urn:no>\n"]),
)
@settings(max_examples=100)
def test_the_graphs_of_a_dataset_are_read(
    words: list[tuple[str, str]], form: str, between: str
) -> None:
    clauses = between.join(f"{word} u:{name}" for word, name in words)
    query = f"PREFIX u: <urn:> {form} {clauses}{between}WHERE {{ ?from ?p 'FROM <urn:x>' }}"
    expected = tuple(f"urn:{name}" for _, name in words)
    assert refuse_outside(query) == (expected or None)


def test_nobody_called(listener: Listener) -> None:
    """Looks at what the test before left: one look at the end, waiting costs time."""
    assert listener.calls() == 0


@pytest.mark.parametrize(
    "query",
    [
        "INSERT DATA { <urn:x> <urn:y> <urn:z> }",
        "PREFIX ex: <urn:>\nDELETE WHERE { ?s ?p ?o }",
        "LOAD <file:///etc/passwd>",
        "CLEAR ALL",
        "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o } ; DROP ALL",
    ],
)
def test_nothing_can_be_changed(store: EmbeddedStore, query: str) -> None:
    with pytest.raises(QueryError) as caught:
        store.select(query)
    assert caught.value.code in ("query.update", "query.syntax")
    assert store.ask("ASK { <urn:a> <urn:p> <urn:b> }")


def test_from_reads_a_graph_of_the_store_only(store: EmbeddedStore) -> None:
    assert len(list(store.select("SELECT * FROM <urn:h> { ?s ?p ?o }").rows)) == 1
    assert (
        len(list(store.select("SELECT * FROM NAMED <urn:g> { GRAPH ?g { ?s ?p ?o } }").rows)) == 2
    )
    text = "PREFIX u: <urn:>\nSELECT * FROM u:h { ?s ?p ?o }"
    assert len(list(store.select(text).rows)) == 1
    with pytest.raises(QueryError, match=r"query\.graph"):
        store.select("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }")
    with pytest.raises(QueryError, match=r"query\.graph"):
        store.ask("ASK FROM <http://127.0.0.1:9/data.ttl> { ?s ?p ?o }")


def test_a_syntax_error_has_its_place_in_the_text_as_written(store: EmbeddedStore) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        store.select("SELECT ?s\nWHERE { ?s ?p }", {"s": ox.NamedNode("urn:a")})
    assert (caught.value.line, caught.value.column) == (2, 16)
    with pytest.raises(QueryError, match=r"query\.empty"):
        store.select("  # nothing\n")


def test_the_wrong_kind_of_query_is_an_error(store: EmbeddedStore) -> None:
    with pytest.raises(QueryError, match=r"query\.form"):
        store.select("ASK { ?s ?p ?o }")
    with pytest.raises(QueryError, match=r"query\.form"):
        store.ask("SELECT * { ?s ?p ?o }")
    with pytest.raises(QueryError, match=r"query\.form"):
        store.construct("ASK { ?s ?p ?o }")


# --- bindings ---------------------------------------------------------------------------------

B = {"o": ox.NamedNode("urn:b")}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?s { ?s <urn:p> ?o }", ["urn:a"]),
        ("SELECT ?s { ?s <urn:p> ?x FILTER(?x = ?o) }", ["urn:a"]),
        ("SELECT ?s { ?s <urn:p> ?x FILTER(!BOUND(?o) || ?x = ?o) }", ["urn:a"]),
        ("SELECT ?s { { SELECT ?s { ?s <urn:p> ?x FILTER(?x = ?o) } } }", ["urn:a"]),
        ("SELECT ?s { { ?s <urn:p> ?o } UNION { ?o <urn:p> ?s } }", ["urn:a", "urn:c"]),
        ("SELECT ?s { ?s <urn:p> ?x FILTER NOT EXISTS { ?s <urn:p> ?o } }", ["urn:b"]),
        ("SELECT ?s { ?s <urn:p> ?x MINUS { ?s <urn:p> ?o } }", ["urn:b"]),
        ("SELECT ?s { ?s <urn:p>+ ?o }", ["urn:a"]),
        ("SELECT (COUNT(?s) AS ?n) { ?s <urn:p> ?o }", ["1"]),
        ("SELECT ?s { ?s <urn:p> $o }", ["urn:a"]),
        ("SELECT ?s { ?s <urn:p> ?x . VALUES ?x { <urn:b> } FILTER(?x = ?o) }", ["urn:a"]),
    ],
)
def test_a_binding_reaches_every_place(
    store: EmbeddedStore, query: str, expected: list[str]
) -> None:
    rows = list(store.select(query, B).rows)
    assert sorted(row[0].value for row in rows if row[0] is not None) == expected  # type: ignore[union-attr]


def test_bindings_in_ask_construct_and_describe(store: EmbeddedStore) -> None:
    assert store.ask("ASK { ?s <urn:p> ?x FILTER(?x = ?o) }", B)
    assert not store.ask("ASK { ?o <urn:label> ?x }", B)
    line = b"<urn:a> <urn:p> <urn:b> .\n"
    assert store.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", B) == line
    assert store.construct("CONSTRUCT WHERE { ?s ?p ?o }", B) == line
    assert store.construct("DESCRIBE ?o", B) == b"<urn:b> <urn:p> <urn:c> .\n"


def test_a_name_that_is_not_in_the_query_is_an_error(store: EmbeddedStore) -> None:
    for name in ("x", "o } #", ""):
        with pytest.raises(QueryError):
            store.select("SELECT ?s { ?s ?p ?o }", {name: ox.NamedNode("urn:b")})
    with pytest.raises(QueryError, match=r"query\.bad-binding"):
        store.select("SELECT ?s { ?s ?p ?o }", {"o": ox.BlankNode("b")})
    with pytest.raises(QueryError, match=r"query\.binding"):
        store.select("SELECT ?s { ?s ?p ?x BIND(1 AS ?o) }", B)


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_a_bound_text_stays_one_term(value: str) -> None:
    """Whatever a value contains, the query gives back exactly that value and nothing more."""
    store = EmbeddedStore.memory()
    term = ox.Literal(value)
    try:
        rows = list(store.select("SELECT ?o { }", {"o": term}).rows)
    except QueryError:  # what RDF cannot hold: lone surrogates
        assert any(0xD800 <= ord(character) <= 0xDFFF for character in value)
        return
    assert rows == [(term,)]


@given(st.text(string.printable, max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_ends_in_an_answer_or_in_our_own_error(text: str) -> None:
    store = EmbeddedStore.memory()
    code = "query."
    try:
        store._query(text, None)
    except QueryError as error:
        code = error.code
    assert code.startswith("query.")


def test_tokens_keep_names_texts_and_comments_apart() -> None:
    kinds = [t.kind for t in tokens('SELECT ?x { ?x ex:a-b <urn:i> . \'a{\' """b}""" } # {')]
    assert kinds == [
        "word", "variable", "open", "variable", "name", "iri", "other", "string", "string", "close",
    ]  # fmt: skip
    assert bind("SELECT ?x { ?x ?p '{?o}' }", {}) == "SELECT ?x { ?x ?p '{?o}' }"
    assert refuse_outside("SELECT * FROM <urn:g> { }") == ("urn:g",)
