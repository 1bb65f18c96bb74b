"""Puts N-Triples and N-Quads into Oxigraph without giving blank nodes other names.

Oxigraph's loaders rename blank nodes at every call, so a list that is loaded in two pieces, or once
into a graph and once into the merge, would fall apart. Lines with a blank node are few (our own
ontology has some; intake names all others) and go in one by one, with their names.

IRIs and language tags are not checked again: intake did, or we wrote them. That is a fifth of the
work of loading.
"""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

#: On disk the bulk loader is quicker from this many bytes on.
_LARGE: Final = 1 << 20


def fill(
    store: ox.Store,
    graph: ox.NamedNode | ox.DefaultGraph | None,
    lines: bytes,
    *,
    on_disk: bool = False,
) -> None:
    """Add N-Triples to a graph, or N-Quads when ``graph`` is ``None``.

    In memory a transaction takes less time, and at its peak less room, than the bulk loader.

    Raises:
        SyntaxError: the lines are not what they should be.
        OSError: the disk is full or unwritable.
    """
    form = ox.RdfFormat.N_QUADS if graph is None else ox.RdfFormat.N_TRIPLES
    if b"_:" in lines:
        nameless: list[bytes] = []
        named: list[bytes] = []
        for line in lines.splitlines(keepends=True):
            # Within a literal this is a false alarm, which costs time only.
            (nameless if line.startswith(b"_:") or b" _:" in line else named).append(line)
        quads = ox.parse(b"".join(nameless), format=form, rename_blank_nodes=False)
        if graph is None:
            store.extend(quads)
        else:
            store.extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in quads)
        lines = b"".join(named)
    load = store.bulk_load if on_disk and len(lines) >= _LARGE else store.load
    if graph is None:
        load(lines, format=form, lenient=True)
    else:
        load(lines, format=form, to_graph=graph, lenient=True)
