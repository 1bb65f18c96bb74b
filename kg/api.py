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
    release.withdraw("CN", horizon="P90D")             # what falls when a country withdraws
    release.withdrawals().to_pandas()                  # all countries at once
    release.owners("x").picture()                      # who owns and controls an organisation
    release.takeover(owned="x", owner="y", share=0.6)  # what another owner changes
    release.procure("offer/")                          # what a contract would change

Questions (``query``, ``sparql``) run in processes of their own, which are stopped where they take
too much: ``kg.open("releases", limits=kg.Limits(seconds=300, memory=4 << 30, rows=1_000_000))``.
"""

from __future__ import annotations

import html
import warnings
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from kg.cascade import CascadeResult, cascade, parse_horizon, parse_outage
from kg.foreign.answer import Answer, withdraw
from kg.foreign.matrix import Matrix, matrix
from kg.foreign.owners import Owners, owners_of
from kg.foreign.question import Question
from kg.foreign.takeover import Takeover, read_share, take_over
from kg.guard import Guard, Limits
from kg.language import say
from kg.offer import Offers, procure
from kg.queries import Column, Table, Text, catalogue, resolve_triple
from kg.queries.table import data_frame, html_table
from kg.reason import Proof, explain
from kg.release import Release
from kg.views import Frame, GraphView
from kg.views.cascade import cascade_view
from kg.views.change_page import offers_view, takeover_view
from kg.views.owners import owners_view
from kg.views.table import query_view
from kg.views.withdrawal import matrix_title
from kg.views.withdrawal_page import frame_of, withdrawal_view

__all__ = [
    "Cascade",
    "Limits",
    "OpenRelease",
    "Ownership",
    "Picture",
    "WhatIf",
    "Withdrawal",
    "Withdrawals",
    "open",
]

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
        return _framed(self.view.title, self.html())


def _framed(title: str, page: str) -> str:
    """A page within a notebook; the frame has no origin of its own choice and may run its scripts,
    nothing more."""
    return (
        f'<iframe sandbox="allow-scripts" width="100%" height="{_HEIGHT}" '
        f'style="border:0" title="{html.escape(title)}" '
        f'srcdoc="{html.escape(page)}"></iframe>'
    )


class _Drawn(ABC):
    """What can be drawn shows the table of its picture in a notebook."""

    @abstractmethod
    def picture(self) -> Picture: ...

    def _repr_html_(self) -> str:
        view = self.picture().view
        return html_table(view.table_columns, view.table_rows)


class Cascade(_Drawn):
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


class Withdrawal(_Drawn):
    """What falls when countries withdraw. ``answer`` is the :class:`kg.foreign.answer.Answer`."""

    def __init__(self, answer: Answer, frame: Frame) -> None:
        self.answer = answer
        self._frame = frame

    def to_json(self) -> dict[str, Any]:
        """The JSON of ``kg withdraw COUNTRY``."""
        return self.answer.to_json(self._frame.release, self._frame.level)

    def verdicts(self) -> list[dict[str, Any]]:
        """Per vital process the verdict, its way, evidence and sensitivity; times in hours."""
        found: list[dict[str, Any]] = self.to_json()["verdicts"]
        return found

    def to_pandas(self) -> Any:
        """The verdicts as a pandas DataFrame."""
        return data_frame(self.verdicts())

    def picture(self) -> Picture:
        """What falls in time, by sector, with its table and the verdicts."""
        return Picture(withdrawal_view(self.answer, self._frame))


class Withdrawals:
    """All countries at once. ``matrix`` is the :class:`kg.foreign.matrix.Matrix`."""

    def __init__(self, matrix: Matrix, frame: Frame) -> None:
        self.matrix = matrix
        self._frame = frame

    def to_json(self) -> dict[str, Any]:
        """The JSON of ``kg withdraw`` without a country."""
        return self.matrix.to_json(self._frame.release, self._frame.level)

    def to_pandas(self) -> Any:
        """One row per country and process that depends on it; hours NaN where it stays up."""
        found = self.to_json()
        names = {one["unit"]: one["label"] for one in found["processes"]}
        return data_frame(
            [
                {
                    "country": row["country"],
                    "country_label": row["label"],
                    "process": one["unit"],
                    "process_label": names[one["unit"]],
                    **{name: one[name] for name in ("hours", "bound_hours", "verdict")},
                }
                for row in found["rows"]
                for one in row["processes"]
            ]
        )

    def html(self) -> str:
        """The heat map: one page that opens without a network."""
        from kg.views.withdrawal_matrix import render_matrix

        return render_matrix(self.matrix, self._frame)

    def _repr_html_(self) -> str:
        return _framed(matrix_title(self.matrix), self.html())


class Ownership(_Drawn):
    """Who owns an organisation and what it owns. ``owners`` is the
    :class:`kg.foreign.owners.Owners`."""

    def __init__(self, owners: Owners, frame: Frame) -> None:
        self.owners = owners
        self._frame = frame

    def to_json(self) -> dict[str, Any]:
        """The JSON of ``kg owners``."""
        return self.owners.to_json(self._frame.release, self._frame.level)

    def holdings(self) -> list[dict[str, Any]]:
        """Every record of ownership above and below (``side``), nearest first; shares 0 to 1."""
        found = self.to_json()
        return [{"side": side, **one} for side in ("above", "below") for one in found[side]]

    def to_pandas(self) -> Any:
        """The holdings as a pandas DataFrame."""
        return data_frame(self.holdings())

    def picture(self) -> Picture:
        """The ownership tree, with its table."""
        return Picture(owners_view(self.owners, self._frame))


class WhatIf(_Drawn):
    """A change of ownership, or offers. ``found`` is the :class:`kg.foreign.takeover.Takeover` or
    the :class:`kg.offer.Offers`."""

    def __init__(self, found: Takeover | Offers, frame: Frame) -> None:
        self.found = found
        self._frame = frame

    def to_json(self) -> dict[str, Any]:
        """The JSON of ``kg takeover`` or ``kg procure``."""
        return self.found.to_json(self._frame.release, self._frame.level)

    def effects(self) -> list[dict[str, Any]]:
        """Per finding that differs what happens to it, with its way; times in hours."""
        found = self.to_json()
        if "offers" not in found:
            return list(found["effects"])
        return [{"offer": one["offer"], **row} for one in found["offers"] for row in one["effects"]]

    def to_pandas(self) -> Any:
        """The effects as a pandas DataFrame."""
        return data_frame(self.effects())

    def picture(self) -> Picture:
        """The ways that appear or go, with the verdicts before and after."""
        return Picture(self._view())

    def _view(self) -> GraphView:
        if isinstance(self.found, Takeover):
            return takeover_view(self.found, self._frame)
        return offers_view(self.found, self._frame)


class OpenRelease:
    """One level of one release, for asking.

    ``guard`` is the :class:`kg.guard.Guard` that questions go through; several threads may ask.
    """

    def __init__(self, release: Release, limits: Limits | None = None) -> None:
        self.release = release
        self.guard = Guard(release.path / "store", limits)

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

        The Table shows as HTML in a notebook; ``to_pandas()`` gives a DataFrame. What has more rows
        than the limit is cut off: ``truncated`` says so, and a warning.

        Raises:
            UsageError: an unknown question or parameter, a wrong or missing value.
            QueryError: it took more time or memory than the limits.
        """
        given = {key: str(value) for key, value in params.items()}
        table = self.guard.run(name, given)
        _warn_if_cut(table)
        return table

    def sparql(self, text: str) -> Table | bool | str:
        """Ask your own SPARQL: a Table for SELECT, a bool for ASK, N-Triples otherwise.

        Raises:
            QueryError: it does not parse, asks for another machine or an update, took more time or
                memory than the limits, or gives a graph of more triples than rows are allowed.
        """
        answer = self.guard.run_text(text)
        if isinstance(answer, Table):
            _warn_if_cut(answer)
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

    def withdraw(
        self,
        *countries: str,
        policy: str | None = None,
        at: str | None = None,
        horizon: str | None = None,
    ) -> Withdrawal:
        """What falls when these countries withdraw what they control, together.

        Args:
            countries: codes, labels or IRIs.
            policy, at, horizon: instead of the policy and date of the release, and its horizon.

        Raises:
            UsageError: an unknown country, policy, date or horizon.
        """
        question = self._question(policy, at, horizon)
        found = withdraw(question, question.countries(countries))
        return Withdrawal(found, self._frame(question))

    def withdrawals(
        self,
        *,
        policy: str | None = None,
        at: str | None = None,
        horizon: str | None = None,
        trusted: bool = False,
    ) -> Withdrawals:
        """Every country outside the trusted groups against all vital processes.

        Args:
            trusted: with those in the trusted groups.

        Raises:
            UsageError: an unknown policy, date or horizon.
        """
        question = self._question(policy, at, horizon)
        return Withdrawals(matrix(question, trusted=trusted), self._frame(question))

    def owners(
        self, organisation: str, *, policy: str | None = None, at: str | None = None
    ) -> Ownership:
        """Who owns an organisation, who controls it from which country, and what it owns.

        Args:
            organisation: an id, label or IRI.
            policy, at: instead of the policy and date of the release.

        Raises:
            UsageError: an unknown or ambiguous organisation; an unknown policy or date.
        """
        question = self._question(policy, at, None)
        found = owners_of(question, question.organisation(organisation))
        return Ownership(found, self._frame(question))

    def takeover(
        self,
        *,
        owned: str,
        owner: str,
        share: float | str = 1,
        owner_seat: str | None = None,
        policy: str | None = None,
        at: str | None = None,
        horizon: str | None = None,
    ) -> WhatIf:
        """What it changes that ``owner`` holds this share of ``owned``.

        Args:
            owned, owner: ids, labels or IRIs of organisations.
            share: above 0 and at most 1.
            owner_seat: a country; the owner is then one that the data do not have.
            policy, at, horizon: instead of the policy and date of the release, and its horizon.

        Raises:
            UsageError: unknown or ambiguous names, a share out of range, owner and owned the same.
        """
        question = self._question(policy, at, horizon)
        found = take_over(question, owned, owner, read_share(str(share)), owner_seat)
        return WhatIf(found, self._frame(question))

    def procure(
        self,
        *offers: str | Path,
        policy: str | None = None,
        at: str | None = None,
        horizon: str | None = None,
    ) -> WhatIf:
        """What contracts from these offers (files or folders) would change, each by itself.

        Raises:
            InputError: something is wrong in an offer; lists all of it.
            UsageError: an offer that is not there; an unknown policy, date or horizon.
        """
        hours = None if horizon is None else parse_horizon(horizon)
        paths = [Path(one) for one in offers]
        found = procure(self.release, paths, policy=policy, at=at, horizon_hours=hours)
        return WhatIf(found, self._frame(found.question))

    def _question(self, policy: str | None, at: str | None, horizon: str | None) -> Question:
        one = self.release
        hours = None if horizon is None else parse_horizon(horizon)
        return Question(one.store, one.network(), policy, at, hours)

    def _frame(self, question: Question | None = None) -> Frame:
        one = self.release
        if question is not None:
            return frame_of(question, one.level, one.id)
        return Frame(one.level, one.id, one.policy, one.date)


def _warn_if_cut(table: Table) -> None:
    """A DataFrame does not say that it is not all."""
    if table.truncated:
        text = say(
            f"Afgekapt na {len(table)} rijen; hoger met kg.open(…, limits=kg.Limits(rows=…)).",
            f"Cut off after {len(table)} rows; higher with kg.open(…, limits=kg.Limits(rows=…)).",
        )
        warnings.warn(text, stacklevel=3)


def open(
    path: str | Path = "releases", level: str | None = None, *, limits: Limits | None = None
) -> OpenRelease:
    """Open a folder of releases (its current one) or one release.

    Args:
        limits: what one question may cost; see :class:`kg.Limits` for what holds by default.

    Raises:
        ReleaseError: there is no release, or it is damaged.
    """
    return OpenRelease(Release.open(Path(path), level), limits)
