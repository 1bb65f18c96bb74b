"""A withdrawal as a picture: what falls in time, with the verdicts and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kg.foreign.answer import Answer
from kg.foreign.question import Question
from kg.names import local_id
from kg.views.cascade import cascade_view
from kg.views.model import Frame, GraphView
from kg.views.withdrawal import (
    rests_text,
    summary,
    terms_text,
    verdict_text,
    withdrawal_notes,
    withdrawal_title,
)


def frame_of(question: Question, level: str, release: str) -> Frame:
    """What the page carries: the policy and date of the question, not those of the release."""
    terms = question.terms
    return Frame(level, release, local_id(terms.iri) if terms.iri else "", terms.date)


def withdrawal_view(
    answer: Answer, frame: Frame, *, sector_labels: Mapping[str, str] | None = None
) -> GraphView:
    """The picture of the cascade, and beside it every verdict with its way."""
    view = cascade_view(
        answer.result, frame, title=withdrawal_title(answer), sector_labels=sector_labels
    )
    verdicts = []
    for one in answer.verdicts:
        rests = rests_text(answer.question, one)
        said = f"{verdict_text(answer, one)}. {answer.way_text(one)}."
        verdicts.append(f"{said} {rests[0].upper()}{rests[1:]}." if rests else said)
    notes = (terms_text(answer.question), *withdrawal_notes(answer), *verdicts)
    return replace(view, subtitle=f"{summary(answer)} {view.subtitle}", notes=(*notes, *view.notes))
