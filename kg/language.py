"""The language of messages: Dutch by default, English with one switch.

Both texts stand side by side at the place where they are used, so that neither can be missing.
"""

import os
from contextvars import ContextVar
from typing import Final, Literal, get_args

Language = Literal["nl", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

_language: ContextVar[Language] = ContextVar("language", default="nl")


def set_language(language: str) -> None:
    """Choose ``nl`` or ``en`` for this process; anything else is Dutch."""
    _language.set("en" if language == "en" else "nl")


def current_language() -> Language:
    """The language in force."""
    return _language.get()


def say(nl: str, en: str) -> str:
    """The text in the language in force."""
    return en if _language.get() == "en" else nl


def in_dutch(value: float | None) -> str:
    """A number as Dutch writes it, with a comma; for texts that stand in both languages."""
    return "?" if value is None else f"{value:g}".replace(".", ",")


def language_from(arguments: list[str]) -> Language:
    """The language that a command line asks for, before that command line is parsed.

    ``--lang en`` and ``--lang=en`` win over the variable ``KG_LANG``; the default is Dutch.
    """
    wanted = os.environ.get("KG_LANG", "nl")
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            wanted = arguments[position + 1]
        elif argument.startswith("--lang="):
            wanted = argument.partition("=")[2]
    return "en" if wanted == "en" else "nl"
