"""Answers in running text: paragraphs, headings and short tables, wrapped for who reads them."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from typing import Any, Final

import click

from kg.cli.base import clean
from kg.cli.output import print_table
from kg.foreign.question import Question
from kg.language import say
from kg.views.withdrawal import source_text

#: A table shows at most this many rows of one kind; JSON and CSV have them all.
SHOWN: Final = 40
#: Columns that a line of running text takes at most.
_WIDEST: Final = 100


def rows_of(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """A table of the first rows, and how many more there are."""
    print_table(headings, rows[:SHOWN])
    more(len(rows))


def more(count: int) -> None:
    """How many of these were not shown."""
    if count > SHOWN:
        rest = count - SHOWN
        paragraph(
            say(f"… en nog {rest}; zie --format json", f"… and {rest} more; see --format json")
        )


def heading(text: str) -> None:
    """The name of what follows, after a blank line."""
    click.echo()
    click.echo(click.style(clean(text), bold=True))


def said(name: str, text: str, further: str = "") -> None:
    """A text with its name in a margin before it; no name continues the one above."""
    margin = max(len(say("Anders bij", "Other with")), len(say("Rust op", "Rests on"))) + 1
    lead = f"  {(name + ':' if name else '').ljust(margin + 1)}"
    paragraph(lead + text, indent=" " * len(lead) + further)


def paragraph(text: str, indent: str = "") -> None:
    """A paragraph, wrapped; further lines start with ``indent``."""
    lead = text[: len(text) - len(text.lstrip())]
    lines = textwrap.wrap(
        clean(text.strip()),
        width() - 1,
        initial_indent=lead,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
    click.echo("\n".join(lines))


def sources(question: Question, found: Sequence[dict[str, Any]]) -> None:
    """Of :meth:`Question.sources`: publisher, date, grade, and what is weak about each."""
    if not found:
        return
    heading(say("Bronnen", "Sources"))
    for one in found:
        paragraph(f"- {source_text(question, one)}", indent="  ")


def width() -> int:
    """The columns that there are."""
    return min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)
