"""How commands print: tables for people, JSON and CSV for programs, progress on a terminal."""

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click

from kg.cli.base import clean
from kg.cli.origin import carry, origin_line
from kg.spreadsheet import csv_text

#: A progress line appears only for what takes longer than this many seconds.
_PATIENCE: Final = 1.0
#: A column of long texts gets up to this many characters before rows become records.
_READABLE: Final = 36
#: A column of texts this short stays on one line where there is room.
_SHORT: Final = 12
#: In a column of texts a longer word may be broken; an id may not, it must be copied.
_WORD: Final = 16


def on_terminal() -> bool:
    """Whether a person sees what we print."""
    return sys.stdout.isatty()


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table: with rich on a terminal, as aligned columns in a pipe."""
    cleaned = [[_one_line(cell) for cell in row] for row in rows]
    if on_terminal():
        _rich_table([_one_line(heading) for heading in headings], cleaned)
        return
    lines = [[_one_line(heading) for heading in headings], *cleaned]
    widths = [max(len(line[at]) for line in lines) for at in range(len(headings))]
    for line in lines:
        click.echo("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())


def _rich_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    least = _least_widths(headings, rows)
    if sum(least) + 3 * len(least) > console.width:
        _records(headings, rows, console.width)
        return
    columns = list(zip(headings, *rows, strict=True))
    longest = [max(map(len, column)) for column in columns]
    words = [
        max(len(word) for cell in column for word in cell.split() or [""]) for column in columns
    ]
    whole = [most if most <= _SHORT else word for most, word in zip(longest, words, strict=True)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="bold")
    widths = _shared_out(least, whole, longest, console.width - 3 * len(least))
    for heading, width in zip(headings, widths, strict=True):
        table.add_column(Text(heading), overflow="fold", width=width)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: brackets in data are no markup
    console.print(table)


def _least_widths(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """What each column needs to be read: ids whole, and long texts not one word a line."""
    found = []
    for at, heading in enumerate(headings):
        cells = [heading, *(row[at] for row in rows)]
        word = max(len(word) for cell in cells for word in (cell.split() or [""]))
        longest = max(len(cell) for cell in cells)
        most = _WORD if any(" " in cell for cell in cells) else longest
        found.append(max(min(word, most), min(longest // 8, _READABLE)))
    return found


def _shared_out(
    least: Sequence[int], whole: Sequence[int], longest: Sequence[int], room: int
) -> list[int]:
    """The width of each column: first its words whole, then room for where most lines would be."""
    widths = list(least)
    for _ in range(room - sum(least)):
        broken = [at for at, width in enumerate(widths) if width < whole[at]]
        folded = [at for at, width in enumerate(widths) if width < longest[at]]
        if not folded:
            break
        if broken:
            at = min(broken, key=lambda at: whole[at])
        else:
            at = max(folded, key=lambda at: longest[at] / widths[at])
        widths[at] += 1
    return widths


def _records(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> None:
    """Rows that do not fit beside each other: one line per cell, a blank line between rows."""
    import textwrap

    margin = max(map(len, headings)) + 2
    for number, row in enumerate(rows):
        if number:
            click.echo()
        for heading, cell in zip(headings, row, strict=True):
            if cell:
                label = click.style(heading.ljust(margin), bold=True)
                text = textwrap.wrap(cell, max(width - margin, 20)) or [""]
                click.echo(label + ("\n" + " " * margin).join(text))


def _one_line(text: str) -> str:
    return clean(" ".join(text.split()))


def print_json(value: Any) -> None:
    """JSON, indented, letters as they are; an object says which release it is from."""
    of = carry()
    if isinstance(value, Mapping):
        value = {**value, **{key: one for key, one in of.items() if key not in value}}
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """CSV with a heading row, below a line that says which release it is from.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    above = f"{origin_line(of)}\n" if (of := carry()) else ""
    click.echo(above + csv_text(headings, rows), nl=False)


def note(text: str) -> None:
    """A remark that is not the answer: to stderr, so that the answer can be piped."""
    click.echo(clean(text), err=True)


@contextmanager
def progress() -> Iterator[Callable[[str], None] | None]:
    """Give a function that names the step at hand; ``None`` where nobody watches.

    The line appears on a terminal after a second, and is gone when the work is done.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("", total=None)
    later = threading.Timer(_PATIENCE, bar.start)
    later.daemon = True
    later.start()
    try:
        yield lambda step: bar.update(task, description=clean(step))
    finally:
        later.cancel()
        later.join()
        bar.stop()
