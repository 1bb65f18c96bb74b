"""The embedded store: Oxigraph, in memory while it is filled, on disk once it is closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox

from kg.errors import QueryError, ReleaseError
from kg.store.disk import DiskWriter
from kg.store.filling import fill
from kg.store.interface import Solutions, Term
from kg.store.query_text import bind, refuse_outside, syntax_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class EmbeddedStore:
    """Quads in Oxigraph. Make one with :meth:`memory`, :meth:`create` or :meth:`open`.

    Lines that are loaded must be N-Triples as pyoxigraph writes them, one triple a line: that is
    how the store notices that two graphs share a triple. Oxigraph's union of graphs repeats such
    a triple; from the first shared one on, the store therefore keeps the merge of all graphs in
    the (otherwise empty) default graph and queries that. It costs room only when it is needed.
    """

    def __init__(self, store: ox.Store, disk: DiskWriter | None, writable: bool) -> None:
        self._store = store
        self._disk = disk
        self._writable = writable
        first = next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None)
        self._merged_on = first is not None
        self._hashes: list[NDArray[np.int64]] = []

    @staticmethod
    def memory() -> EmbeddedStore:
        """An empty store that is gone when it is closed."""
        return EmbeddedStore(ox.Store(), None, True)

    @staticmethod
    def create(path: Path, *, helped: bool = True) -> EmbeddedStore:
        """A new store in the folder ``path``, which is complete when it is closed.

        Until then questions are answered from memory: that is some three times quicker to fill and
        to reason in. What is added is written to disk at the same time. A ``with`` that ends in an
        error leaves it incomplete.

        Args:
            helped: whether another process may write it; not where all cores are busy.

        Raises:
            ReleaseError: there is something at that place already.
        """
        if path.exists() and any(path.iterdir()):
            raise ReleaseError(
                "store.exists",
                f"In {path} staat al iets; een release wordt nooit overschreven.",
                f"There is something in {path} already; a release is never overwritten.",
            )
        return EmbeddedStore(ox.Store(), DiskWriter(path, helped=helped), True)

    @staticmethod
    def open(path: Path) -> EmbeddedStore:
        """A store on disk, read only. Nobody may be writing it.

        Raises:
            ReleaseError: there is no store, or it is damaged.
        """
        if not path.is_dir():
            raise ReleaseError(
                "store.missing",
                f"Er staat geen gegevensopslag in {path}.",
                f"There is no store in {path}.",
            )
        try:
            return EmbeddedStore(ox.Store.read_only(str(path)), None, False)
        except OSError as error:
            raise ReleaseError(
                "store.damaged",
                f"De gegevensopslag in {path} is onleesbaar ({error}). Bouw de release opnieuw.",
                f"The store in {path} cannot be read ({error}). Build the release again.",
            ) from error

    # --- asking -------------------------------------------------------------------------------

    def select(self, query: str, bindings: Mapping[str, Term] | None = None) -> Solutions:
        """The rows of a SELECT query.

        Raises:
            QueryError: it does not parse, is refused, fails, or is no SELECT query.
        """
        result = self._query(query, bindings)
        if not isinstance(result, ox.QuerySolutions):
            raise _other_form("SELECT")
        variables = tuple(variable.value for variable in result.variables)
        return Solutions(variables, _rows(result))

    def ask(self, query: str, bindings: Mapping[str, Term] | None = None) -> bool:
        """The answer of an ASK query.

        Raises:
            QueryError: it does not parse, is refused, fails, or is no ASK query.
        """
        result = self._query(query, bindings)
        if not isinstance(result, ox.QueryBoolean):
            raise _other_form("ASK")
        return bool(result)

    def construct(self, query: str, bindings: Mapping[str, Term] | None = None) -> bytes:
        """The triples of a CONSTRUCT or DESCRIBE query as N-Triples; may repeat a line.

        Raises:
            QueryError: it does not parse, is refused, fails, or gives no triples.
        """
        result = self._query(query, bindings)
        if not isinstance(result, ox.QueryTriples):
            raise _other_form("CONSTRUCT")
        try:
            written = result.serialize(format=ox.RdfFormat.N_TRIPLES)
        except (OSError, RuntimeError, ValueError) as error:
            raise _failed(error) from error
        return written or b""

    def _query(
        self, query: str, bindings: Mapping[str, Term] | None
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        dataset = refuse_outside(query)
        if dataset is not None:
            self._known(dataset)
        text = bind(query, bindings) if bindings else query
        union = dataset is None and not self._merged_on
        try:
            return self._store.query(text, use_default_graph_as_union=union)
        except SyntaxError as error:
            raise self._explained(query, text, error) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise _failed(error) from error

    def _explained(self, query: str, text: str, error: SyntaxError) -> QueryError:
        """The complaint with its place in the text that the user wrote, not in ours."""
        if text != query:
            try:
                self._store.query(query)
            except SyntaxError as original:
                return syntax_error(query, original)
            except (OSError, RuntimeError, ValueError):
                return _failed(error)
            return QueryError(
                "query.binding",
                f"De query kent zelf al een waarde toe aan een parameter: {error}",
                f"The query itself already assigns a value to a parameter: {error}",
            )
        return syntax_error(query, error)

    def _known(self, graphs: Sequence[str]) -> None:
        present = set(self.graphs())
        for graph in graphs:
            if graph not in present:
                raise QueryError(
                    "query.graph",
                    f"FROM <{graph}>: die graaf staat niet in deze release.",
                    f"FROM <{graph}>: that graph is not in this release.",
                )

    # --- writing ------------------------------------------------------------------------------

    def load(self, graph: str, ntriples: bytes) -> None:
        """Add N-Triples to a named graph.

        Raises:
            ReleaseError: the store is open for reading only.
            ValueError: the bytes are no N-Triples.
        """
        self._may_write()
        if not ntriples:
            return
        self._notice(graph, ntriples)
        self._add(ox.NamedNode(graph), ntriples)
        if self._merged_on:
            self._add(ox.DefaultGraph(), ntriples)

    def add_new(self, graph: str, ntriples: bytes) -> None:
        """Like :meth:`load`, for triples that the caller knows to be in no graph yet."""
        self._may_write()
        if not ntriples:
            return
        if not self._merged_on:
            self._remember(_hashes(ntriples))
        self._add(ox.NamedNode(graph), ntriples)
        if self._merged_on:
            self._add(ox.DefaultGraph(), ntriples)

    def clear(self, graph: str) -> None:
        """Remove a named graph; one that is not there is no error."""
        self._may_write()
        if graph not in self.graphs():
            return
        if self._disk is not None:
            raise ValueError("a store on its way to disk is only added to")
        kept = [name for name in self.graphs() if name != graph]
        self._store.remove_graph(ox.NamedNode(graph))
        if self._merged_on:
            self._store.clear_graph(ox.DefaultGraph())
            self._merged_on = False
        self._hashes = []
        for name in kept:
            self._notice(name, self.ntriples(name), merge=False)
        if self._merged_on:
            self._merge(kept)

    def _add(self, graph: ox.NamedNode | ox.DefaultGraph, ntriples: bytes) -> None:
        if self._disk is not None:  # first, so that both are filled at the same time
            self._disk.put(graph.value if isinstance(graph, ox.NamedNode) else "", ntriples)
        try:
            fill(self._store, graph, ntriples)
        except SyntaxError as error:
            raise ValueError(str(error)) from error

    def _notice(self, graph: str, ntriples: bytes, *, merge: bool = True) -> None:
        """See whether these lines stand in a graph already; if so, start keeping the merge."""
        if self._merged_on:
            return
        new = _hashes(ntriples)
        if any(_meet(known, new) for known in self._hashes):
            self._merged_on = True
            self._hashes = []
            if merge:
                self._merge(self.graphs())
            return
        self._remember(new)

    def _remember(self, new: NDArray[np.int64]) -> None:
        """Keep sorted runs, each twice as long as the next: few to search, cheap to add."""
        import numpy as np

        while self._hashes and len(self._hashes[-1]) < 2 * len(new):
            new = np.concatenate([self._hashes.pop(), new])
            new.sort(kind="stable")  # two sorted runs: a merge
        self._hashes.append(new)

    def _merge(self, graphs: Sequence[str]) -> None:
        for graph in graphs:
            self._add(ox.DefaultGraph(), self.ntriples(graph))

    def _may_write(self) -> None:
        if not self._writable:
            raise ReleaseError(
                "store.read-only",
                "Deze release is alleen te lezen.",
                "This release can only be read.",
            )

    # --- looking at ---------------------------------------------------------------------------

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs, sorted."""
        return sorted(
            graph.value for graph in self._store.named_graphs() if isinstance(graph, ox.NamedNode)
        )

    def triples(self, graph: str) -> Iterator[ox.Triple]:
        """The triples of a named graph, in no order."""
        for quad in self._store.quads_for_pattern(None, None, None, ox.NamedNode(graph)):
            yield quad.triple

    def contains(self, triple: ox.Triple) -> bool:
        """Whether a triple stands in any graph."""
        s, p, o = triple.subject, triple.predicate, triple.object
        return next(self._store.quads_for_pattern(s, p, o, None), None) is not None

    def count(self, graph: str) -> int:
        """The number of triples in a named graph; 0 for one that is not there."""
        counted = self._store.query(
            f"SELECT (COUNT(*) AS ?n) {{ GRAPH {ox.NamedNode(graph)} {{ ?s ?p ?o }} }}"
        )
        assert isinstance(counted, ox.QuerySolutions)
        number = next(iter(counted))[0]
        assert isinstance(number, ox.Literal)
        return int(number.value)

    def dump(self, graph: str | None = None) -> Iterator[bytes]:
        """N-Quads lines, each with its line end: graph by graph, sorted within each.

        One graph at a time is held in memory.
        """
        for name in self.graphs() if graph is None else [graph]:
            ending = f" {ox.NamedNode(name)} .\n".encode()
            for line in sorted(set(self.ntriples(name).splitlines())):
                yield line.removesuffix(b" .") + ending

    def ntriples(self, graph: str) -> bytes:
        """A named graph as N-Triples, in no order; empty for one that is not there."""
        written = self._store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(graph))
        return written or b""

    def optimize(self) -> None:
        """Arrange the store for reading; on disk that is done when it is written."""
        if self._writable:
            self._store.optimize()

    def no_more(self) -> None:
        """Say that nothing is added any more: what is left to write to disk goes on meanwhile."""
        if self._disk is not None:
            self._disk.no_more()
        self._writable = False

    def close(self) -> None:
        """Complete a store that was created, and let go of it. May be called twice.

        Raises:
            OSError: not everything could be written.
        """
        self.no_more()
        disk, self._disk = self._disk, None
        self._store = ox.Store()  # giving the room back takes seconds on a large set
        self._hashes = []
        if disk is not None:
            disk.finish()

    def __enter__(self) -> EmbeddedStore:
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> Literal[False]:
        if failed is not None and self._disk is not None:
            self._disk.abandon()  # half a store is nobody's
            self._disk = None
        self.close()
        return False


def _rows(result: ox.QuerySolutions) -> Iterator[tuple[Term | None, ...]]:
    try:
        yield from map(tuple, result)
    except (OSError, RuntimeError, ValueError) as error:
        raise _failed(error) from error


def _hashes(ntriples: bytes) -> NDArray[np.int64]:
    """The hashes of the lines, sorted."""
    import numpy as np

    lines = ntriples.splitlines()
    found = np.fromiter(map(hash, lines), np.int64, len(lines))
    found.sort()
    return found


def _meet(known: NDArray[np.int64], new: NDArray[np.int64]) -> bool:
    """Whether two sorted runs have a value in common; searches the longer for the shorter."""
    import numpy as np

    short, long = (known, new) if len(known) < len(new) else (new, known)
    if not len(short):
        return False
    places = np.minimum(np.searchsorted(long, short), len(long) - 1)
    return bool((long[places] == short).any())


def _other_form(wanted: str) -> QueryError:
    return QueryError(
        "query.form",
        f"Dit is geen {wanted}-query.",
        f"This is not a {wanted} query.",
    )


def _failed(error: Exception) -> QueryError:
    return QueryError(
        "query.failed",
        f"De query is mislukt: {error}",
        f"The query failed: {error}",
    )
