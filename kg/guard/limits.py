"""How long a query may run, what memory it may take and how many rows it may give."""

import math
import re
from dataclasses import dataclass
from typing import Final

from kg.errors import UsageError

_SIZE: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
#: With less memory than this nothing can be asked.
_LEAST: Final = 16 << 20


@dataclass(frozen=True)
class Limits:
    """What one query may cost.

    Args:
        seconds: from the moment that it is asked until its last row is here.
        memory: bytes, on top of what the process holds before; the encoded answer is no larger.
        rows: what a table has more is cut off, and the table says ``truncated``; a graph
            (CONSTRUCT, DESCRIBE) with more triples is an error, as half a graph says something
            else.

    Raises:
        UsageError: not above zero, or too little memory to work in.
    """

    seconds: float = 60.0
    memory: int = 1 << 30
    rows: int = 100_000

    def __post_init__(self) -> None:
        if not (self.seconds > 0 and math.isfinite(self.seconds)) or self.rows < 1:
            raise UsageError(
                "query.limits",
                "Een grens voor tijd of rijen moet boven nul liggen.",
                "A limit on time or rows must be above zero.",
            )
        if self.memory < _LEAST:
            raise UsageError(
                "query.limits",
                f"Een vraag heeft minstens {shown_size(_LEAST)} geheugen nodig.",
                f"A query needs at least {shown_size(_LEAST)} of memory.",
            )


def read_size(text: str) -> int:
    """A number of bytes as people write it: ``512M``, ``1.5 GB``, ``2GiB``; all powers of 1024.

    Raises:
        UsageError: it is not one.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(
            "query.size",
            f"'{text}' is geen hoeveelheid geheugen; schrijf bijvoorbeeld 512M of 2G.",
            f"'{text}' is not an amount of memory; write 512M or 2G, for example.",
        )
    return int(float(found[1].replace(",", ".")) * 1024 ** " KMGT".index(found[2].upper() or " "))


def shown_size(size: int) -> str:
    """Bytes as :func:`read_size` takes them."""
    for power, letter in ((3, "G"), (2, "M"), (1, "K")):
        if size >= 1024**power:
            return f"{size / 1024**power:.3f}".rstrip("0").rstrip(".") + letter
    return str(size)
