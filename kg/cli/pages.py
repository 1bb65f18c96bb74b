"""``--html FILE``: a page leaves the release, so it stands in the log before it stands there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from kg import audit
from kg.cli.output import note
from kg.language import say
from kg.release import Release
from kg.views import GraphView


def keep_page(opened: Release, page: GraphView | str, path: Path) -> None:
    """Write a page; where it is, is told when the command ends.

    Before anything is printed: whoever reads the output may have seen enough and close it.

    Args:
        page: drawn already, or to be drawn.

    Raises:
        AuditError, OSError: as :func:`keep`.
    """
    if isinstance(page, GraphView):
        from kg.views.page import render_page

        page = render_page(page)
    keep(opened, page, path)
    told = say(f"Beeld: {path}", f"Picture: {path}")
    click.get_current_context().call_on_close(lambda: note(told))


def keep(opened: Release, page: str, path: Path) -> None:
    """Log a page, and write it in UTF-8.

    Raises:
        AuditError: the log cannot be written; the page is not there.
        OSError: the file cannot be written.
    """
    data = page.encode("utf-8")
    audit.record(opened, "page", to=str(path), sha256=hashlib.sha256(data).hexdigest())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
