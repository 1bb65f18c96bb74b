"""A proof as a GraphView: from the rows it rests on, to the right, to the conclusion."""

from typing import Final

from kg.language import current_language, say
from kg.reason import Proof
from kg.views.model import Frame, GraphView, ViewEdge, ViewNode
from kg.views.words import counted

#: The kinds of a proof as lanes, the conclusion on top and what was written down at the bottom.
_LANES: Final = {
    "finding": ("Bevinding", "Finding"),
    "inferred": ("Afgeleid", "Inferred"),
    "axiom": ("Ontologie", "Ontology"),
    "asserted": ("Vastgelegd", "Asserted"),
}


def proof_view(proof: Proof, frame: Frame) -> GraphView:
    """The picture of a proof.

    A statement that is used more than once is one mark. The table lists the statements in the
    order in which they follow: what a step needs stands above it.
    """
    order: list[Proof] = []
    edges: dict[ViewEdge, None] = {}
    _walk(proof, order, edges, set())
    number = {_id(step): str(at) for at, step in enumerate(order, 1)}
    lanes = {kind: say(*words) for kind, words in _LANES.items()}
    others = counted(len(order) - 1, ("uitspraak", "uitspraken"), ("statement", "statements"))
    notes = []
    if proof.alternatives:
        more = len(proof.alternatives)
        notes.append(say(f"Er zijn nog {more} andere bewijzen.", f"There are {more} other proofs."))
    if not proof.complete:
        notes.append(say("Het zoeken is afgebroken.", "The search was cut off."))
    return GraphView(
        title=say(f"Waarom: {_words(proof)}", f"Why: {_words(proof)}"),
        subtitle=say(f"Volgt uit {others}.", f"Follows from {others}.")
        if len(order) > 1
        else say("Staat zo in een bron.", "Stands in a source as it is."),
        level=frame.level,
        release=frame.release,
        policy=frame.policy,
        date=frame.date,
        lanes=tuple(
            lane for kind, lane in lanes.items() if any(step.kind == kind for step in order)
        ),
        nodes=tuple(
            ViewNode(
                _id(step),
                _words(step),
                "fact",
                lanes[step.kind],
                detail=f"{_words(step)}\n{_ground(step)}",
                lines=_lines(step),
            )
            for step in order
        ),
        edges=tuple(edges),
        table_columns=(
            say("Stap", "Step"),
            say("Uitspraak", "Statement"),
            say("Grond", "Ground"),
            say("Uit stap", "From step"),
        ),
        table_rows=tuple(
            (
                number[_id(step)],
                _words(step),
                _ground(step),
                ", ".join(number[_id(one)] for one in step.premises),
            )
            for step in order
        ),
        axis="step",
        row_nodes=tuple(_id(step) for step in order),
        notes=tuple(notes),
    )


def _walk(step: Proof, order: list[Proof], edges: dict[ViewEdge, None], seen: set[str]) -> None:
    """Premises first; no statement leans on itself, so this ends."""
    for premise in step.premises:
        edges.setdefault(ViewEdge(_id(premise), _id(step), "", "premise"))
        if _id(premise) not in seen:
            _walk(premise, order, edges, seen)
    if _id(step) not in seen:
        seen.add(_id(step))
        order.append(step)


def _id(step: Proof) -> str:
    return " ".join(str(term) for term in step.triple)


def _words(step: Proof) -> str:
    return say(step.text_nl, step.text_en) or _id(step)


def _lines(step: Proof) -> tuple[str, ...]:
    """Subject, verb and object below each other, so that nothing of them need be cut off."""
    parts = step.parts_nl if current_language() == "nl" else step.parts_en
    if len(parts) != 3:
        return ()
    added = (f"({step.added.line(current_language())})",) if step.added else ()
    return (parts[0], f"– {parts[1]} –", parts[2], *added)


def _ground(step: Proof) -> str:
    """The rule, or where it was written down."""
    if step.rule:
        label = say(step.rule_label_nl, step.rule_label_en)
        rule = f"{label} ({step.rule})" if label else step.rule
        return "\n".join((rule, *(step.added.lines(current_language()) if step.added else ())))
    return "\n".join(origin.text(current_language()) for origin in step.origin)
