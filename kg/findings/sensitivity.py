"""What would change the verdict of a foreign dependency, as nodes beside the finding.

How boundaries are found is told in :mod:`kg.foreign.sensitivity`. Each costs withdrawals that are
computed anew, so that large networks get only what costs none: the horizon and trust. What was not
looked at is counted, and said by :mod:`kg.findings.find`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from kg.findings.triples import Subject, Writer, decimal, finding_iri, number
from kg.foreign.policy_flips import higher_thresholds, trust
from kg.foreign.question import Question
from kg.foreign.sensitivity import Flip, Sensitivity, Term
from kg.foreign.withdrawal import Withdrawal
from kg.names import VIT

#: Units and requirements that all withdrawals may pass in all.
SENSITIVITY_BUDGET: Final = 3_000_000
#: A country with more units in hand gets no control threshold: each has a chain of its own.
_MOST_CHAINS: Final = 200
#: Withdrawals that the control thresholds of one country may take, at most.
_CONTROL_RUNS: Final = 12
#: With room for fewer withdrawals, what stands is not looked at.
_FEW: Final = 40

_TERMS: Final[dict[Term, str]] = {
    "horizon": VIT + "horizonTerm",
    "buffer": VIT + "bufferTerm",
    "substitution": VIT + "substitutionTerm",
    "control": VIT + "controlTerm",
    "trust": VIT + "trustTerm",
    "risk": VIT + "riskTerm",
}
_WHAT: Final[dict[Term, tuple[str, str]]] = {
    "horizon": ("horizon", "horizon"),
    "buffer": ("buffer", "buffer"),
    "substitution": ("vervangingstijd", "substitution time"),
    "control": ("drempel zeggenschap", "control threshold"),
}
_SIDES: Final = {
    "below": ("korter dan", "shorter than"),
    "until": ("hoogstens", "at most"),
    "above": ("langer dan", "longer than"),
    "from": ("minstens", "at least"),
}
_BECOMES: Final = {
    "none": ("geen bevinding meer", "no finding any more"),
    "foreign": ("niet strategisch", "not strategic"),
    "strategic": ("strategisch, niet risicovol", "strategic, not risky"),
}


class VerdictChanges:
    """Looks for changes within a budget and writes them.

    Attributes:
        unseen: findings of which not everything was looked at.
    """

    def __init__(
        self, question: Question, writer: Writer, budget: int = SENSITIVITY_BUDGET
    ) -> None:
        self.question, self.writer = question, writer
        network = question.network
        self._left = budget // max(1, len(network.units) + len(network.requirements))
        self.unseen = 0

    def of(
        self, withdrawal: Withdrawal, processes: Sequence[int], *, judged: bool
    ) -> dict[int, tuple[Flip, ...]]:
        """What changes the verdict on these processes, all fallen or all standing.

        ``judged``: it is known whether they fall.
        """
        (country,) = withdrawal.countries
        decided = trust(self.question, country)
        found: dict[int, list[Flip]] = {process: [] for process in processes}
        fallen = [process for process in processes if process in withdrawal.lost]
        tester = Sensitivity(withdrawal, self._left)
        if fallen:
            for process in fallen:
                found[process] += tester.of_fallen(process)
        elif judged and self._left >= _FEW:
            for process, flips in tester.of_standing(processes).items():
                found[process] += flips
        complete = tester.complete and judged and (bool(fallen) or self._left >= _FEW)
        self._left = tester.left
        if fallen:
            complete = self._thresholds(withdrawal, fallen, found) and complete
        self.unseen += 0 if complete else len(processes)
        unnamed = tuple(flip for flip in decided if flip.term != "risk")
        return {
            process: (*flips, *(decided if process in fallen else unnamed))
            for process, flips in found.items()
        }

    def write(self, finding: Subject, of: tuple[str, str], flips: Sequence[Flip]) -> None:
        """Link a finding with what changes it; ``of``: the IRIs of its country and process."""
        for place, flip in enumerate(flips, 1):
            node = self.writer.thing(finding_iri("change", *of, str(place)), "VerdictChange")
            node.link("changedTerm", _TERMS[flip.term])
            node.link("changedSubject", *flip.subjects)
            if flip.now is not None and math.isfinite(flip.now):
                node.value("currentValue", decimal(flip.now))
            if flip.value is not None and math.isfinite(flip.value):
                node.value("boundaryValue", decimal(flip.value))
            node.labels(*_told(flip))
            finding.link("changesWith", node.iri)

    def _thresholds(
        self, withdrawal: Withdrawal, fallen: Sequence[int], found: dict[int, list[Flip]]
    ) -> bool:
        """Add the control thresholds; False when there was no room to look."""
        if len(withdrawal.units) > _MOST_CHAINS or self._left < _CONTROL_RUNS:
            return False
        (country,) = withdrawal.countries
        question = self.question
        units = (question.network.units[unit] for unit in sorted(withdrawal.units))
        chains = [chain for unit in units if (chain := question.control.chain(unit, country))]
        if any(any(one.records) for one in chains):
            self._left -= _CONTROL_RUNS
            higher = higher_thresholds(question, (country,), chains, fallen)
            for process, flip in higher.items():
                found[process].append(flip)
        return True


def _told(flip: Flip) -> tuple[str, str]:
    nl, en = (_clause(flip, place) for place in (0, 1))
    becomes = _BECOMES[flip.becomes]
    if flip.becomes == "strategic" and flip.term in ("horizon", "substitution"):
        becomes = ("strategisch", "strategic")
    return f"{nl}: {becomes[0]}", f"{en}: {becomes[1]}"


def _clause(flip: Flip, place: int) -> str:
    if flip.term in ("trust", "risk"):
        absent = ("uitspraak telt niet mee", "statement does not count")
        return (absent if flip.side == "absent" else ("uitspraak telt mee", "statement counts"))[
            place
        ]
    hours = flip.term != "control"
    what = _WHAT[flip.term][place]
    if flip.value is None or math.isinf(flip.value):
        return f"{what}: {('niets vervangbaar', 'nothing replaceable')[place]}"
    text = f"{what} {_SIDES[flip.side][place]} {_amount(flip.value, hours, place)}"
    if flip.now is None:
        return text
    return f"{text} ({('nu', 'now')[place]} {_amount(flip.now, hours, place)})"


def _amount(value: float, hours: bool, place: int) -> str:
    if math.isinf(value):
        return ("nooit", "never")[place]
    digits = number(round(value, 4))
    if place == 0:
        digits = digits.replace(".", ",")
    return f"{digits} {('uur', 'hours')[place]}" if hours else digits
