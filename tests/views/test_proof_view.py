"""A proof as a picture: sources to the left, the conclusion to the right, each statement once."""

from decimal import Decimal
from types import ModuleType

from pyoxigraph import NamedNode

from kg import reason
from kg.reason.origin import Source
from kg.reason.sums import Sum, Summand
from kg.views.layout import lay_out
from kg.views.proof import proof_view


def fact(name: str) -> tuple[NamedNode, NamedNode, NamedNode]:
    return NamedNode(f"x:{name}"), NamedNode("x:p"), NamedNode("x:o")


def asserted(name: str, row: int) -> object:
    sources = (Source("x:s1", "Interview", "B"), Source("x:s2"))
    origin = reason.Origin("g", "Requirement.csv", row, None, sources)
    return reason.Proof(fact(name), origin=(origin,), text_nl=f"{name} staat er", text_en=name)


def rule(name: str, *premises: object, **more: object) -> object:
    return reason.Proof(
        fact(name), "prp-spo2", "keten", "chain", premises, text_nl=f"{name} volgt",
        text_en=name, kind="inferred", **more,
    )  # fmt: skip


def test_a_shared_premise_is_one_mark(drawings: ModuleType) -> None:
    shared = asserted("a", 2)
    proof = rule("top", rule("left", shared), rule("right", shared, asserted("b", 3)))
    view = proof_view(proof, drawings.FRAME)
    assert [node.label for node in view.nodes] == [
        "a staat er",
        "left volgt",
        "b staat er",
        "right volgt",
        "top volgt",
    ]
    assert len(view.edges) == 5
    points = lay_out(view).points
    xs = [points[node.id].x for node in view.nodes]
    assert xs[4] == max(xs)
    assert xs[0] == min(xs)


def test_the_table_gives_rule_row_and_source(drawings: ModuleType) -> None:
    view = proof_view(rule("top", asserted("a", 2)), drawings.FRAME)
    assert view.table_rows == (
        ("1", "a staat er", "Requirement.csv, rij 2, bronnen: Interview (B); x:s2", ""),
        ("2", "top volgt", "keten (prp-spo2)", "1"),
    )
    assert view.lanes == ("Afgeleid", "Vastgelegd")
    assert view.subtitle == "Volgt uit 1 uitspraak."


def test_a_statement_stands_on_three_lines(drawings: ModuleType) -> None:
    parts = ("Treindienst (fictief)", "hangt af van", "Baan A – B (fictief)")
    proof = reason.Proof(fact("a"), text_nl=" – ".join(parts), parts_nl=parts)
    (node,) = proof_view(proof, drawings.FRAME).nodes
    assert node.lines == ("Treindienst (fictief)", "– hangt af van –", "Baan A – B (fictief)")
    assert node.label == "Treindienst (fictief) – hangt af van – Baan A – B (fictief)"


def test_what_was_left_out_is_said(drawings: ModuleType) -> None:
    proof = rule("top", asserted("a", 2), alternatives=(asserted("b", 3),), complete=False)
    notes = proof_view(proof, drawings.FRAME).notes
    assert len(notes) == 2


def test_a_bare_fact(drawings: ModuleType) -> None:
    view = proof_view(asserted("a", 2), drawings.FRAME)
    assert view.subtitle == "Staat zo in een bron."
    assert len(view.nodes) == 1


def test_a_sum_stands_in_the_picture_and_in_its_table(drawings: ModuleType) -> None:
    shares = [
        Summand(NamedNode(f"x:{name}"), Decimal(share), (NamedNode("x:o"),), (), (name,), (name,))
        for name, share in (("Aster", "0.3"), ("Xaver", "0.25"))
    ]
    added = Sum(tuple(shares), ("Y", "Y"), Decimal("0.55"), Decimal("0.5"), True, 0)
    parts = {"parts_nl": ("X", "heeft zeggenschap over", "Y")}
    view = proof_view(rule("top", asserted("a", 2), added=added, **parts), drawings.FRAME)
    top = view.nodes[-1]
    assert top.lines[-1] == "(30% + 25% = 55%, meer dan de drempel van 50%)"
    assert "+ Aster ─30%→ Y" in top.detail.splitlines()
    assert "+ Xaver ─25%→ Y" in view.table_rows[-1][2].splitlines()
