"""Queries that would bring the house down, and what stands beside them meanwhile.

Limits are far apart on purpose: what must end, ends by a limit of a second or two; what must not
depend on time has minutes.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kg.errors import KgError, QueryError, ReleaseError, UsageError
from kg.guard import Guard, Limits
from kg.guard.process import Process
from kg.guard.wire import written
from kg.names import SKOS
from kg.queries import Table, catalogue, read_query, run, run_text
from kg.store import EmbeddedStore, QuerySyntaxError

SMALL = "SELECT ?o { <urn:n0> <urn:next> ?o }"
#: Runs for hours.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TIGHT = Limits(seconds=2, memory=96 << 20)
DEEP = 500_000
NUMBERS = " ".join(map(str, range(60_000)))

DEATHS = {
    "cross product": (ENDLESS, {"query.timeout"}),
    "cross product, row by row": (
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", {"query.timeout", "query.memory"}
    ),
    "cross product, sorted": (
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a", {"query.memory", "query.timeout"}
    ),
    "deep paths": (
        "SELECT (COUNT(*) AS ?n) { ?a (<urn:next>|^<urn:over>|!<urn:x>)+ ?b . "
        "?b ((<urn:next>*/<urn:over>+)|<urn:next>)* ?c . ?c (<urn:over>/<urn:next>*)+ ?d }",
        {"query.timeout", "query.memory"},
    ),
    "values": (
        f"SELECT (COUNT(*) AS ?n) {{ VALUES ?a {{ {NUMBERS} }} VALUES ?b {{ {NUMBERS} }} "
        f"FILTER (REGEX(STR(?a + ?b), '(9+9+)+x')) }}",
        {"query.timeout", "query.memory"},
    ),
    "a text that doubles": (
        "SELECT (STRLEN(?x40) AS ?n) { BIND ('xxxxxxxxxxxxxxxx' AS ?x0) "
        + " ".join(f"BIND (CONCAT(?x{at}, ?x{at}) AS ?x{at + 1})" for at in range(40))
        + " }",
        {"query.memory", "query.timeout"},
    ),
    "parentheses": (
        f"SELECT * {{ FILTER ({'(' * DEEP}1{')' * DEEP}) }}", {"query.too-deep"}
    ),
    "braces": (f"SELECT * {'{' * DEEP}{'}' * DEEP}", {"query.too-deep"}),
    "nots": (f"SELECT * {{ FILTER ({'!' * DEEP}1) }}", {"query.too-deep"}),
    "paths in paths": (
        f"SELECT * {{ ?s {'(' * DEEP}<urn:p>{')' * DEEP} ?o }}", {"query.too-deep"}
    ),
    "parentheses and the word service": (
        f"SELECT * {{ FILTER ({'(' * DEEP}'service'{')' * DEEP}) }}", {"query.too-deep"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEATHS)
def test_a_query_of_death_ends_in_an_error_and_others_go_on(guard: Guard, name: str) -> None:
    query, codes = DEATHS[name]
    with pytest.raises(QueryError) as caught:
        guard.run_text(query, limits=TIGHT)
    assert caught.value.code in codes
    assert "(" in caught.value.nl or "eenvoudiger" in caught.value.nl  # says what to do
    assert values(guard.run_text(SMALL)) == ["urn:n1"]


def test_a_regular_expression_cannot_explode(guard: Guard) -> None:
    """The engine's are linear, so that this needs no limit; it must stay so."""
    text = "SELECT ?x { BIND (REGEX('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '(a+a+)+b') AS ?x) }"
    assert values(guard.run_text(text)) == ["false"]
    text = "SELECT ?x { BIND (REGEX('a', '((a{1000}){1000}){1000}') AS ?x) }"
    assert len(table(guard.run_text(text))) == 1


def table(answer: object) -> Table:
    assert isinstance(answer, Table)
    return answer


def values(answer: object) -> list[str]:
    return [str(getattr(row[0], "value", "")) for row in table(answer).rows]


# --- the same answers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        SMALL,
        "SELECT * { ?s <urn:next> ?o }",
        f"SELECT ?s ?l {{ ?s <{SKOS}prefLabel> ?l OPTIONAL {{ ?s <urn:no> ?x }} }} ORDER BY ?l",
        "ASK { <urn:n0> <urn:next> <urn:n1> }",
        "ASK { <urn:n0> <urn:next> <urn:n2> }",
        "CONSTRUCT { ?o <urn:back> ?s } WHERE { ?s <urn:next> ?o }",
        "SELECT ?s { ?s ?p ?o } LIMIT 0",
    ],
)
def test_the_answer_is_that_of_the_store(guard: Guard, path: Path, query: str) -> None:
    found, expected = guard.run_text(query), run_text(EmbeddedStore.open(path), query)
    if isinstance(expected, bytes):
        assert isinstance(found, bytes)
        assert sorted(found.splitlines()) == sorted(expected.splitlines())
    else:
        assert found == expected


def test_a_saved_query_is_asked_with_its_parameters(guard: Guard, tmp_path: Path) -> None:
    (tmp_path / "volgende.rq").write_text(
        "#+ label: {nl: Volgende, en: Next}\n#+ question: {nl: Wie?, en: Who?}\n#+ summary: x\n"
        "#+ params:\n#+   - {name: van, required: true, label: {nl: Van, en: From}}\n"
        "#+ columns:\n#+   - {name: o, type: iri, label: {nl: Naar, en: To}}\n"
        "#+ pagination: 1\n"
        "SELECT ?o { ?van <urn:next>|<urn:over> ?o } ORDER BY ?o\n",
        "utf-8",
    )
    query = read_query(tmp_path / "volgende.rq")
    found = guard.run(query, {"van": "urn:n0"})
    assert values(found) == ["urn:n1", "urn:n7"]
    assert found.labels["urn:n7"].nl == "knoop 7"
    page = guard.run(query, {"van": "knoop 0"}, page=2)
    assert (values(page), page.truncated) == (["urn:n7"], False)
    cut = guard.run(query, {"van": "urn:n0"}, limits=Limits(rows=1))
    assert (values(cut), cut.truncated) == (["urn:n1"], True)
    with pytest.raises(UsageError, match=r"usage\.unknown-name"):
        guard.run(query, {"van": "nergens"})
    with pytest.raises(UsageError, match=r"query\.parameter-missing"):
        guard.run(query)


def test_every_saved_query_runs(guard: Guard, path: Path) -> None:
    """On a store that has nothing for them: what counts is that each gets there and back."""
    store = EmbeddedStore.open(path)
    for query in catalogue():
        if not any(param.required or param.default for param in query.params):
            assert guard.run(query.name) == run(store, query.name)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "query.service"),
        (
            "SELECT * { { SELECT * { OPTIONAL { SERVICE ?x { } } } } }",
            "query.service",
        ),
        ("LOAD <file:///etc/passwd>", "query.update"),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", "query.update"),
        ("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", "query.graph"),
        ("SELECT * FROM <urn:g> FROM NAMED <urn:no> { ?s ?p ?o }", "query.graph"),
        ("", "query.syntax"),
        ("SELECT * { \ud800 }", "query.syntax"),
    ],
)
def test_what_is_refused_costs_no_process(guard: Guard, query: str, code: str) -> None:
    guard.run_text(SMALL)
    before = set(guard._idle)
    with pytest.raises(QueryError) as caught:
        guard.run_text(query)
    assert caught.value.code == code
    assert set(guard._idle) == before


def test_half_a_character_in_a_parameter_is_a_value_like_any_other(guard: Guard) -> None:
    with pytest.raises(UsageError) as caught:
        guard.run("wie-leunt-op", {"unit": "rail\ud800"})
    assert caught.value.code == "usage.unknown-name"
    with pytest.raises(UsageError):
        guard.run("wie-leunt-op", {"uni\ud800": "rail"})


def test_a_syntax_error_has_its_place(guard: Guard) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        guard.run_text("SELECT ?s\nWHERE { ?s ?p }")
    assert (caught.value.line, caught.value.column) == (2, 16)


# --- rows -------------------------------------------------------------------------------------


def test_rows_beyond_the_limit_are_cut_off_and_that_is_said(guard: Guard) -> None:
    query = "SELECT ?s { ?s <urn:next> ?o }"
    whole = values(guard.run_text(query))
    cut = table(guard.run_text(query, limits=Limits(rows=5)))
    assert values(cut) == whole[:5]
    assert cut.truncated
    assert not table(guard.run_text(query, limits=Limits(rows=len(whole)))).truncated
    fewer = table(guard.run_text(query, limit=3, limits=Limits(rows=5)))
    assert (len(fewer), fewer.truncated) == (3, True)


def test_half_a_graph_is_an_error(guard: Guard) -> None:
    query = "CONSTRUCT WHERE { ?s <urn:next> ?o }"
    with pytest.raises(QueryError, match=r"query\.graph-size"):
        guard.run_text(query, limits=Limits(rows=299))
    assert guard.run_text(query, limits=Limits(rows=300))


def test_an_answer_larger_than_the_memory_is_stopped(path: Path) -> None:
    """Also where the other side could hold it: what comes in here is held to the limit too."""
    with Guard(path, Limits(seconds=120)) as guard:
        query = f"SELECT ('{'x' * 500_000}' AS ?x) ?s {{ ?s <urn:next> ?o }}"
        with pytest.raises(QueryError, match=r"query\.memory"):
            guard.run_text(query, limits=Limits(seconds=120, memory=32 << 20))


def test_a_query_of_many_megabytes_is_refused_here(path: Path) -> None:
    with pytest.raises(QueryError, match=r"query\.too-long"):
        Guard(path).run_text("#" * (17 << 20))


# --- several at once --------------------------------------------------------------------------


class Asked(threading.Thread):
    """A query in a thread of its own, and how it ended."""

    def __init__(self, guard: Guard, query: str, limits: Limits | None = None) -> None:
        super().__init__(daemon=True)
        self._asked = (guard, query, limits)
        self.code = ""
        self.start()

    def run(self) -> None:
        guard, query, limits = self._asked
        try:
            guard.run_text(query, limits=limits)
        except KgError as error:
            self.code = error.code


def until(condition: object, seconds: float = 60) -> None:
    """Wait for what must come true, long enough for a busy machine."""
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def busy(guard: Guard) -> list[Process]:
    return [one for one in list(guard._all) if one not in guard._idle]


def test_others_answer_while_some_are_at_their_limits(guard: Guard) -> None:
    slow = [Asked(guard, ENDLESS) for _ in range(2)]
    until(lambda: len(busy(guard)) == 2)
    for _ in range(5):
        assert values(guard.run_text(SMALL)) == ["urn:n1"]
    assert all(one.is_alive() for one in slow)
    for process in busy(guard):
        os.kill(process.pid, signal.SIGKILL)
    for one in slow:
        one.join(60)
        assert one.code == "query.stopped"
    assert values(guard.run_text(SMALL)) == ["urn:n1"]


def test_many_threads_ask_at_once(guard: Guard) -> None:
    found: list[list[str]] = []

    def ask(at: int) -> None:
        query = f"SELECT ?o {{ <urn:n{at}> <urn:next> ?o }}"
        found.append([str(at), *values(guard.run_text(query))])

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(24)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == sorted([str(at), f"urn:n{at + 1}"] for at in range(24))


def test_who_waits_for_a_process_waits_no_longer_than_its_limit(path: Path) -> None:
    with Guard(path, Limits(seconds=120), processes=1) as guard:
        slow = Asked(guard, ENDLESS)
        until(lambda: len(busy(guard)) == 1)
        with pytest.raises(QueryError, match=r"query\.busy"):
            guard.run_text(SMALL, limits=Limits(seconds=0.3))
        waiting = Asked(guard, SMALL)
        until(lambda: busy(guard))
        os.kill(busy(guard)[0].pid, signal.SIGKILL)
        slow.join(60)
        waiting.join(60)
        assert (slow.code, waiting.code) == ("query.stopped", "")


# --- the life of a process --------------------------------------------------------------------


def test_a_process_is_used_again_and_replaced_when_it_is_gone(guard: Guard) -> None:
    guard.run_text(SMALL)
    process = guard._idle[-1]
    guard.run_text(SMALL)
    assert guard._idle[-1] is process
    os.kill(process.pid, signal.SIGKILL)
    until(lambda: ended(process.pid))
    assert values(guard.run_text(SMALL)) == ["urn:n1"]
    assert process not in guard._all


def test_nothing_stays_behind(path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with Guard(path) as guard:
            guard.begin()
            guard.run_text(SMALL)
            with pytest.raises(QueryError):
                guard.run_text(DEATHS["nots"][0])
            guard.run_text(SMALL)
            pids = [one.pid for one in guard._all]
            assert pids
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"store\.missing"):
        Guard(tmp_path / "no").run_text(SMALL)


def asked(text: str, **limits: float) -> bytes:
    """A question that tells the process other limits than we hold it to here."""
    usual = {"seconds": 120, "memory": 8 << 30, "rows": 9}
    return written({"text": text, "limit": None, "language": "nl", **usual, **limits})


def test_the_alarm_ends_a_process_that_nobody_ends(path: Path) -> None:
    process = Process(path, fork=False)
    process.ready()
    with pytest.raises(QueryError, match=r"query\.timeout"):
        process.ask(asked(ENDLESS, seconds=0.1), Limits())
    assert not process.alive()


def test_memory_is_looked_at_from_here_as_well(path: Path) -> None:
    process = Process(path, fork=False)
    process.ready()
    text = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a"
    with pytest.raises(QueryError, match=r"query\.memory"):
        process.ask(asked(text), Limits(seconds=120, memory=16 << 20))
    assert not process.alive()


def test_a_process_that_keeps_too_much_is_not_used_again(path: Path) -> None:
    process = Process(path, fork=False)
    process.ready()
    assert values(process.ask(asked(SMALL), Limits())) == ["urn:n1"]
    assert process.alive()
    process.ask(asked("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 50000", rows=50_000), Limits())
    assert values(process.ask(asked(SMALL, memory=4 << 20), Limits())) == ["urn:n1"]
    assert not process.alive()


@pytest.mark.parametrize("words", [b"RuntimeError: ours", b""])
def test_a_process_that_ends_of_itself_is_told(path: Path, words: bytes) -> None:
    """A fault of ours: whatever is no question ends it."""
    process = Process(path, fork=False)
    process.ready()
    with pytest.raises(QueryError, match=r"query\.process"):
        process.ask(words, Limits())
    assert not process.alive()


#: Starts a query that never ends, and says who runs it.
ASK_FOREVER = """
import sys, threading
from pathlib import Path
from kg.guard import Guard, Limits
fork = None if sys.argv[2] == "fork" else False
guard = Guard(Path(sys.argv[1]), Limits(seconds=3000), fork=fork)
guard.begin()
(process,) = guard._all
print(process.pid, process._popen is None, flush=True)
guard.run_text(sys.argv[3])
"""


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_a_process_dies_with_whoever_started_it(path: Path, how: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ASK_FOREVER, path, how, ENDLESS], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, forked = parent.stdout.readline().split()
        assert forked == str(how == "fork")
        until(lambda: at_work(int(pid)))
        parent.kill()
        parent.wait()
        until(lambda: ended(int(pid)))


def at_work(pid: int) -> bool:
    """Whether a process has used the processor for the better part of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]) > 60


def ended(pid: int) -> bool:
    """Gone, or a zombie that whoever adopted it has not yet waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_a_caller_without_input_and_output_can_ask(path: Path, how: str) -> None:
    """As a service may be started."""
    program = ASK_FOREVER.replace("print(", "(").replace(", flush=True", "")
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&-', "sh", sys.executable, "-c", program, path, how, SMALL],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


FORKED = """
import os, sys
from pathlib import Path
from kg.guard import Guard
guard = Guard(Path(sys.argv[1]))
def ask(at):
    (row,) = guard.run_text(f"SELECT ?o {{ <urn:n{at}> <urn:next> ?o }}").rows
    assert row[0].value == f"urn:n{at + 1}", row
ask(0)
ours = {one.pid for one in guard._all}
child = os.fork()
for at in range(1, 30):
    ask(at)
assert ({one.pid for one in guard._all} == ours) == bool(child)
if not child:
    guard.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
ask(31)
"""


def test_a_fork_of_the_caller_asks_processes_of_its_own(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED, path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
