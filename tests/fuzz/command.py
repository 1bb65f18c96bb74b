"""The command ``kg`` in this process, and the promises that hold for whatever it is given."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from typing import Any

from cases import Outcome, WrongError

#: An error is a line on stderr that ends in its code.
_TOLD = re.compile(r"\[[a-z][a-z0-9-]*(\.[a-z0-9-]+)*\]\s*$", re.MULTILINE)
#: What moves a cursor, colours a terminal or turns the reading round.
_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class _Stream(io.TextIOWrapper):
    """A stream in memory that is UTF-8, as that of a terminal: half a character is an error."""

    def __init__(self, errors: str) -> None:
        super().__init__(io.BytesIO(), "utf-8", errors=errors, newline="")

    def content(self) -> str:
        self.flush()
        raw: Any = self.buffer
        return raw.getvalue().decode("utf-8", "surrogateescape")


def run_kg(*arguments: str, stdin: str = "") -> Outcome:
    """Run ``kg`` with these arguments.

    Raises:
        WrongError: another exit code than 0, 1 or 2; an error without its code; output that steers
            the terminal.
        Exception: what nothing caught.
    """
    from kg.cli.main import main

    out, err = _Stream("strict"), _Stream("backslashreplace")
    kept = sys.stdin
    sys.stdin = io.StringIO(stdin)
    code: Any = None
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main(arguments)
            except SystemExit as ended:
                code = ended.code
    finally:
        sys.stdin = kept
    told = err.content()
    if code not in (0, 1, 2):
        raise WrongError(f"ended with {code!r}: {told[:500]}")
    if code and not _TOLD.search(told) and not (code == 1 and out.content()):
        raise WrongError(f"ended with {code} and no code: {told[:500]!r}")
    if "Traceback (most recent call last)" in told:
        raise WrongError(told[:2000])
    shown = told if "json" in arguments or "csv" in arguments else told + out.content()
    steers = _STEERS.search(shown)
    if steers:
        raise WrongError(
            f"{steers[0]!r} on the terminal: {shown[max(0, steers.start() - 80) :][:200]!r}"
        )
    return "told" if code else "accepted"
