"""Words that pictures and the command line share: durations, states, kinds."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from kg.language import current_language, say
from kg.views.model import Kind, State

STATE_WORDS: Final[dict[State, tuple[str, str]]] = {
    "struck": ("getroffen", "struck"),
    "down": ("uitgevallen", "down"),
    "degraded": ("verminderd", "degraded"),
    "up": ("hersteld", "restored"),
    "spared": ("valt niet meer uit", "goes down no more"),
    "none": ("", ""),
}
KIND_WORDS: Final[dict[Kind, tuple[str, str]]] = {
    "vital": ("vitaal proces", "vital process"),
    "unit": ("eenheid", "unit"),
    "fact": ("feit", "fact"),
    "thing": ("ding", "thing"),
}

#: What a text lists is named up to this many times.
_NAMED: Final = 3


def state_word(state: State) -> str:
    """The state in the language in force."""
    return say(*STATE_WORDS[state])


def number(value: float, digits: int = 1) -> str:
    """A number as people write it: no needless zeros, a comma in Dutch."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if current_language() == "nl" else text


def share_text(share: float | Decimal | None, unknown: str = "?") -> str:
    """A share as a percentage, ``12,5%``; what is not 0 or 1 is never shown as if it were."""
    if share is None:
        return unknown
    percent = round(100 * float(share), 9)  # what was worked out has crumbs
    least = 0.01
    if 0 < percent < least:
        return f"< {number(least, 2)}%"
    if 100 - least < percent < 100:
        return f"> {number(100 - least, 2)}%"
    return f"{number(percent, 2)}%"


def duration(hours: float) -> str:
    """Hours as people say them: ``30 minuten``, ``4,5 uur``, ``3 dagen``, ``3 dagen 4 uur``."""
    if math.isinf(hours):
        return say("blijvend", "for good")
    minutes = round(hours * 60)
    if 0 < minutes < 60:
        return counted(minutes, ("minuut", "minuten"), ("minute", "minutes"))
    if hours < 48:
        return f"{number(hours)} {say('uur', 'hour' if number(hours) == '1' else 'hours')}"
    # Minutes say nothing beside days.
    days, rest = divmod(round(hours), 24)
    text = f"{days} {say('dagen', 'days')}"
    return f"{text} {rest} {say('uur', 'hour' if rest == 1 else 'hours')}" if rest else text


def short_duration(hours: float) -> str:
    """The same for the ticks of an axis: ``30 min``, ``4 u``, ``3 d``."""
    if 0 < hours < 1:
        return f"{round(hours * 60)} min"
    if hours >= 48 and hours % 24 == 0:
        return f"{int(hours // 24)} d"
    return f"{number(hours)} {say('u', 'h')}"


def counted(count: int, nl: tuple[str, str], en: tuple[str, str]) -> str:
    """A number with the word that goes with it: ``1 sector``, ``3 sectoren``."""
    return f"{count} {say(nl[count != 1], en[count != 1])}"


def errors_and_warnings(errors: int, warnings: int) -> str:
    """``1 fout, 3 waarschuwingen``."""
    return ", ".join(
        (
            counted(errors, ("fout", "fouten"), ("error", "errors")),
            counted(warnings, ("waarschuwing", "waarschuwingen"), ("warning", "warnings")),
        )
    )


def first_few(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    shown = "; ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return shown + (say(f"; en nog {more}", f"; and {more} more") if more > 0 else "")
