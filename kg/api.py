"""The Python API for notebooks: open a release, ask, see what falls over, see why.

::

    import kg
    release = kg.open("releases")
    release.queries()                                  # which questions there are
    release.query("eisen-met-een-vervuller", sector="energie").to_pandas()
    release.sparql("SELECT ?s { ?s a vit:VitalProcess }")
    result = release.cascade("grid", "gsmr@PT1H/PT3H", horizon="P3D")
    result.picture()                                   # shows in Jupyter, without a network
    release.explain("rail", "vit:dependsOn", "grid")
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.cascade import CascadeResult, cascade, parse_horizon, parse_outage
from kg.queries import Column, Table, Text, catalogue, resolve_triple, run, run_text
from kg.queries.table import data_frame, html_table
from kg.reason import Proof, explain
from kg.release import Release
from kg.views import Frame, GraphView
from kg.views.cascade import cascade_view
from kg.views.table import query_view

__all__ = ["Cascade", "OpenRelease", "Picture", "open"]

_HEIGHT: Final = 760


class Picture:
    """A picture that a notebook shows in a frame of its own; ``save`` writes it as a page."""

    def __init__(self, view: GraphView) -> None:
        self.view = view

    def html(self) -> str:
        """The page: one file that opens without a network."""
        from kg.views.page import render_page

        return render_page(self.view)

    def save(self, path: str | Path) -> Path:
        """Write the page and return where."""
        from kg.views.page import write_page

        write_page(self.view, Path(path))
        return Path(path)

    def _repr_html_(self) -> str:
        # The frame has no origin of its own choice and may run its scripts, nothing more.
        return (
            f'<iframe sandbox="allow-scripts" width="100%" height="{_HEIGHT}" '
            f'style="border:0" title="{html.escape(self.view.title)}" '
            f'srcdoc="{html.escape(self.html())}"></iframe>'
        )


class Cascade:
    """What falls over. ``result`` is the whole :class:`kg.cascade.CascadeResult`."""

    def __init__(self, result: CascadeResult, view: GraphView) -> None:
        self.result = result
        self._view = view

    def __len__(self) -> int:
        return len(self.result.events)

    def events(self) -> list[dict[str, Any]]:
        """The events as dictionaries, times in hours."""
        found: list[dict[str, Any]] = self.result.to_json()["events"]
        return found

    def to_pandas(self) -> Any:
        """The events as a pandas DataFrame: hours, unit, label, state, because, assumptions."""
        return data_frame(self.events())

    def picture(self) -> Picture:
        """The cascade in time, by sector, with its table."""
        return Picture(self._view)

    def _repr_html_(self) -> str:
        return html_table(self._view.table_columns, self._view.table_rows)


class OpenRelease:
    """One level of one release, for asking."""

    def __init__(self, release: Release) -> None:
        self.release = release

    def __repr__(self) -> str:
        return f"<release {self.release.id}, {self.release.level}>"

    @property
    def level(self) -> str:
        """The marking of everything in it."""
        return self.release.level

    def queries(self) -> Table:
        """Which saved questions there are, by subject."""
        columns = tuple(
            Column(name, Text(nl, en))
            for name, nl, en in (
                ("subject", "Onderwerp", "Subject"),
                ("name", "Naam", "Name"),
                ("question", "Vraag", "Question"),
                ("params", "Parameters", "Parameters"),
            )
        )
        rows = tuple(
            tuple(
                ox.Literal(text)
                for text in (q.subject, q.name, str(q.question), " ".join(p.name for p in q.params))
            )
            for q in catalogue()
        )
        return Table(columns, rows)

    def query(self, name: str, **params: str) -> Table:
        """Ask a saved question; parameters are ids, labels, CURIEs, IRIs or values, as text.

        The Table shows as HTML in a notebook; ``to_pandas()`` gives a DataFrame.

        Raises:
            UsageError: an unknown question or parameter, a wrong or missing value.
        """
        given = {key: str(value) for key, value in params.items()}
        return run(self.release.store, name, given)

    def sparql(self, text: str) -> Table | bool | str:
        """Ask your own SPARQL: a Table for SELECT, a bool for ASK, N-Triples otherwise.

        Raises:
            QueryError: it does not parse, or asks for another machine or an update.
        """
        answer = run_text(self.release.store, text)
        return answer.decode("utf-8") if isinstance(answer, bytes) else answer

    def picture(self, table: Table, name: str | None = None) -> Picture:
        """A table as a picture; with the ``name`` of its question it gets title and form."""
        saved = catalogue().get(name) if name else None
        return Picture(query_view(table, self._frame(), saved))

    def cascade(self, *units: str, horizon: str = "PT72H") -> Cascade:
        """What falls over if these units fail: ``"grid"``, ``"grid@PT0H/PT2H"``.

        Raises:
            UsageError: an unknown or ambiguous unit, or a wrong time.
        """
        network = self.release.network()
        outages = [parse_outage(network, unit) for unit in units]
        result = cascade(network, outages, parse_horizon(horizon))
        return Cascade(result, cascade_view(result, self._frame()))

    def explain(self, subject: str, predicate: str, object_: str) -> Proof:
        """The proof of a statement, down to the rows it came from."""
        triple = resolve_triple(self.release.store, subject, predicate, object_)
        return explain(self.release.store, *triple)

    def _frame(self) -> Frame:
        one = self.release
        return Frame(one.level, one.id, one.policy, one.date)


def open(path: str | Path = "releases", level: str | None = None) -> OpenRelease:
    """Open a folder of releases (its current one) or one release.

    Raises:
        ReleaseError: there is no release, or it is damaged.
    """
    return OpenRelease(Release.open(Path(path), level))
