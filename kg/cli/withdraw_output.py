"""What ``kg withdraw`` prints: for people, and as CSV."""

from __future__ import annotations

from collections import Counter
from typing import Final

import click

from kg.cli.base import clean
from kg.cli.output import print_csv, print_table
from kg.cli.paragraphs import SHOWN, heading, more, paragraph, rows_of, said, sources, width
from kg.foreign.answer import Answer, Verdict
from kg.foreign.comparison import Comparison
from kg.foreign.matrix import Matrix
from kg.foreign.question import VerdictName
from kg.language import say
from kg.names import local_id
from kg.network.records import finite
from kg.views.events import explain_event
from kg.views.layout import short_label
from kg.views.withdrawal import (
    CHANGE_WORDS,
    because_text,
    chain_rows,
    flip_text,
    healed_rows,
    matrix_cell,
    matrix_notes,
    matrix_title,
    rests_text,
    summary,
    terms_text,
    verdict_text,
    verdict_word,
    withdrawal_notes,
    withdrawal_title,
)
from kg.views.words import counted, duration, state_word

#: Columns for the name of a process in the table of all countries, at least.
_LABEL: Final = 33


def print_answer(answer: Answer) -> None:
    """Who is in its hands, what falls when, what heals, and every verdict."""
    question, network = answer.question, answer.question.network
    paragraph(withdrawal_title(answer))
    paragraph(terms_text(question))
    paragraph(summary(answer))
    for text in withdrawal_notes(answer):
        paragraph(f"! {text}", indent="  ")
    if answer.controlled:
        heading(say("In handen", "In its hands"))
        rows_of((say("Eenheid", "Unit"), say("Via", "Through")), chain_rows(answer))
    fallen = [
        (
            duration(event.hours),
            network.label(event.unit),
            state_word(event.state),
            explain_event(answer.result, event),
        )
        for event in answer.result.events
        if event.because.outage is None
    ]
    if fallen:
        heading(say("Wat daardoor omvalt", "What falls over because of it"))
        columns = (
            say("Na", "After"),
            say("Eenheid", "Unit"),
            say("Toestand", "State"),
            say("Waardoor", "Because"),
        )
        rows_of(columns, fallen)
    if answer.healed:
        heading(say("Wat door vervanging weer vervuld is", "What substitution meets again"))
        columns3 = (
            say("Eis", "Requirement"),
            say("Weg na", "Lost after"),
            say("Vervuld na", "Met after"),
        )
        rows_of(columns3, healed_rows(answer))
    lost = [one for one in answer.verdicts if one.hours is not None]
    standing = [one for one in answer.verdicts if one.hours is None]
    if lost:
        heading(say("Vitale processen die uitvallen", "Vital processes that go down"))
    for one in lost[:SHOWN]:
        _verdict(answer, one)
    more(len(lost))
    if standing:
        heading(
            say(
                "Vitale processen die ervan afhangen en niet uitvallen",
                "Vital processes that depend on it and do not go down",
            )
        )
        headings: tuple[str, ...] = (
            say("Vitaal proces", "Vital process"),
            say("Valt wel uit bij", "Goes down with"),
        )
        possible = any(one.verdict == "possible" for one in standing)
        if possible:
            headings = (headings[0], say("Oordeel", "Verdict"), headings[1])
        rows_of(
            headings,
            [
                (
                    network.label(one.process),
                    *((verdict_word(one.verdict),) if possible else ()),
                    _nearest(answer, one),
                )
                for one in standing
            ],
        )
    sources(question, question.sources(answer.records()))


def _verdict(answer: Answer, one: Verdict) -> None:
    question = answer.question
    paragraph(f"* {verdict_text(answer, one)}", indent="  ")
    said(say("Weg", "Way"), answer.way_text(one))
    if one.alone:
        parts = [
            f"{question.name(country)}: "
            + (say("valt niet uit", "stays up") if hours is None else duration(hours))
            for country, hours in one.alone.items()
        ]
        said(say("Alleen", "Alone"), "; ".join(parts))
    if rests := rests_text(answer.question, one):
        said(say("Rust op", "Rests on"), rests)
    if one.sensitivity:
        # Replaced at once: true of everything, and no news to a person.
        flips = [flip for flip in one.sensitivity if (flip.term, flip.value) != ("substitution", 0)]
        listed = [flip_text(question, flip) for flip in flips]
        for place, text in enumerate(listed):
            said("" if place else say("Anders bij", "Other with"), f"– {text}", "  ")


def _nearest(answer: Answer, one: Verdict) -> str:
    """What brings it down after all, the horizon first."""
    flips = [flip for flip in one.sensitivity if flip.term in ("horizon", "substitution")]
    if not flips:
        return "–"
    text, more_flips = flip_text(answer.question, flips[0]), len(flips) - 1
    return text + (say(f"; en nog {more_flips}", f"; and {more_flips} more") if more_flips else "")


def print_matrix(found: Matrix) -> None:
    """Processes down, countries across, in blocks that fit."""
    question, network = found.question, found.question.network
    paragraph(matrix_title(found))
    paragraph(terms_text(question))
    for text in matrix_notes(found):
        paragraph(text)
    wide_enough = width()
    cells = {
        (one.country, process): matrix_cell(one, process)
        for one in found.rows
        for process in one.hours
    }
    wide = max([4, *map(len, cells.values())])
    heads = {one.country: local_id(one.country) for one in found.rows}
    wide = max([wide, *map(len, heads.values())]) if heads else wide
    fit = max(1, (wide_enough - _LABEL) // (wide + 1))
    longest = max((len(network.label(one)) for one in found.columns), default=0) + 1
    room = wide_enough - min(fit, len(found.rows)) * (wide + 1)
    label = max(_LABEL, min(longest, room))
    for start in range(0, len(found.rows), fit):
        block = found.rows[start : start + fit]
        click.echo()
        _line("".ljust(label), [heads[one.country] for one in block], wide)
        for process in found.columns:
            row = [cells.get((one.country, process), "") for one in block]
            if any(row):
                name = short_label(network.label(process), label - 1)
                _line(name.ljust(label), row, wide)
    if found.rows:
        click.echo()
        names = [f"{heads[one.country]} {question.name(one.country)}" for one in found.rows]
        paragraph(", ".join(names))


def _line(label: str, cells: list[str], wide: int) -> None:
    text = label + " ".join(cell.rjust(wide) for cell in cells)
    click.echo(clean(text.rstrip()))


def print_comparison(found: Comparison) -> None:
    """What appears, vanishes and changes, and why."""
    question, network = found.before, found.before.network
    paragraph(say("Van: ", "From: ") + terms_text(found.before))
    paragraph(say("Naar: ", "To: ") + terms_text(found.after))
    count = Counter(one.change for one in found.differences)
    counts = (
        counted(count["appears"], ("bevinding komt erbij", "bevindingen komen erbij"),
                ("finding appears", "findings appear")),
        counted(count["vanishes"], ("verdwijnt", "verdwijnen"), ("vanishes", "vanish")),
        counted(count["changes"], ("verandert", "veranderen"), ("changes", "change")),
    )  # fmt: skip
    same = counted(found.same, ("blijft gelijk", "blijven gelijk"), ("stays", "stay"))
    paragraph(f"{', '.join(counts)}; {same}.")
    if found.differences:
        click.echo()
        print_table(
            (
                say("Wat", "What"),
                say("Land", "Country"),
                say("Vitaal proces", "Vital process"),
                say("Oordeel", "Verdict"),
                say("Door", "Because of"),
            ),
            [
                (
                    say(*CHANGE_WORDS[one.change]),
                    question.name(one.country),
                    network.label(one.process),
                    _from_to(one.before, one.after),
                    because_text(one),
                )
                for one in found.differences
            ],
        )


def _from_to(before: VerdictName | None, after: VerdictName | None) -> str:
    words = [verdict_word(one) for one in (before, after) if one is not None]
    return " → ".join(words)


def answer_csv(answer: Answer) -> None:
    """One row per vital process that depends on the countries, times in hours."""
    network = answer.question.network
    print_csv(
        ("process", "label", "verdict", "finding", "hours", "bound_hours", "path", "evidence"),
        (
            (
                network.units[one.process],
                network.label(one.process),
                one.verdict,
                str(one.finding).lower(),
                one.hours,
                one.bound,
                answer.way_text(one),
                ";".join(one.records),
            )
            for one in answer.verdicts
        ),
    )


def matrix_csv(found: Matrix) -> None:
    """One row per country and process that depends on it; hours empty where it does not fall."""
    question, network = found.question, found.question.network
    print_csv(
        (
            "country",
            "country_label",
            "process",
            "process_label",
            "hours",
            "bound_hours",
            "verdict",
        ),
        (
            (
                one.country,
                question.name(one.country),
                network.units[process],
                network.label(process),
                finite(one.hours[process]),
                finite(one.bounds[process]),
                found.verdict(one, process),
            )
            for one in found.rows
            for process in found.columns
            if process in one.hours
        ),
    )


def comparison_csv(found: Comparison) -> None:
    """One row per difference."""
    question, network = found.before, found.before.network
    print_csv(
        (
            "change", "country", "country_label", "process", "process_label", "before", "after",
            "hours_before", "hours_after", "because",
        ),
        (
            (
                one.change,
                one.country,
                question.name(one.country),
                network.units[one.process],
                network.label(one.process),
                one.before,
                one.after,
                one.hours_before,
                one.hours_after,
                ";".join("+".join(terms) for terms in one.because),
            )
            for one in found.differences
        ),
    )  # fmt: skip
