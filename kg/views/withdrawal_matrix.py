"""All countries at once as a heat map page: one file, no script, no request to anywhere."""

from __future__ import annotations

import math
from typing import Any, Final

from markupsafe import Markup

from kg.foreign.matrix import Matrix, Row
from kg.language import current_language, say
from kg.names import local_id
from kg.views.layout import short_label
from kg.views.model import Frame
from kg.views.offline import asset, content_policy, template
from kg.views.withdrawal import (
    matrix_cell,
    matrix_notes,
    matrix_title,
    terms_text,
    verdict_word,
)
from kg.views.words import duration

#: Characters of a process that stand above its column; its title has it whole.
_HEAD: Final = 34
#: Hours up to which each shade runs, the darkest first; the words say the same as the colour.
_SHADES: Final = (
    (24.0, "day", "binnen een dag", "within a day"),
    (168.0, "week", "binnen een week", "within a week"),
    (720.0, "month", "binnen 30 dagen", "within 30 days"),
    (math.inf, "later", "later, binnen de horizon", "later, within the horizon"),
)


def render_matrix(found: Matrix, frame: Frame) -> str:
    """The whole page, in the language in force. The same matrix gives the same text."""
    css = asset("page.css") + asset("matrix.css")
    question, network = found.question, found.question.network
    used = {_shade(one.hours[p]) for one in found.rows for p in one.hours} - {""}
    return template("matrix.html.j2").render(
        lang=current_language(),
        t=say,
        csp=content_policy(css),
        css=Markup(css),  # noqa: S704 - our own files
        frame=frame,
        title=say("Welk land kan welk proces doen uitvallen", "Which country can bring what down"),
        lead=matrix_title(found),
        terms=terms_text(question),
        notes=matrix_notes(found),
        legend=[(name, say(nl, en)) for _, name, nl, en in _SHADES if name in used],
        processes=[network.label(one) for one in found.columns],
        heads=[short_label(network.label(one), _HEAD) for one in found.columns],
        rows=[
            {
                "code": local_id(one.country),
                "name": question.name(one.country),
                "named": one.country in question.terms.risky,
                "trusted": one.country in question.terms.trusted,
                "cells": [_cell(found, one, process) for process in found.columns],
            }
            for one in found.rows
        ],
    )


def _cell(found: Matrix, row: Row, process: int) -> dict[str, Any]:
    text = matrix_cell(row, process)
    if not text:
        return {"text": "", "shade": "", "about": ""}
    hours = row.hours[process]
    word = verdict_word(found.verdict(row, process))
    if math.isfinite(hours):
        about = say(f"{word}, na {duration(hours)}", f"{word}, after {duration(hours)}")
    else:
        about = word
    return {"text": text, "shade": _shade(hours) or "none", "about": about}


def _shade(hours: float) -> str:
    if math.isinf(hours):
        return ""
    return next(name for most, name, _, _ in _SHADES if hours <= most)
