"""What if Y holds this share of X: who controls X then, and what that changes.

The what-if is an overlay on the records of ownership (:class:`kg.foreign.stakes.Stakes`); the
release is not touched. It assumes that

1. Y holds exactly this share, whatever it held before. Where that is what it holds now, nothing
   changes.
2. The shares of the others shrink in proportion to what is left: with y what Y holds now and s the
   new share, each is multiplied by (1 − s) / max(1 − y, the sum of the others), and never grows.
   What Y sells goes to nobody in particular.
3. Control of others that a source establishes ends when s is above the threshold of the policy,
   save a golden share, which does not hang on shares. Control of Y that a source establishes stays.
4. Everything else (requirements, supplies, the seat of X, contracts) stays as it is.

Steps of significant influence: 10, 20 and 25 percent, at which the Dutch act on the screening of
investments, mergers and acquisitions (Wet Vifo) lets the acquirer of sensitive technology notify.
There they are of votes; here of shares, as votes are not in the data. A step is passed when Y, with
what it controls, holds less before and at least as much after.

What comes out is input for such an assessment, not an assessment; and it says nothing of whether
anyone is designated as a provider of vital processes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from kg.errors import UsageError
from kg.foreign.change import Change, change
from kg.foreign.control import Chain, Control
from kg.foreign.policy import Terms
from kg.foreign.question import Question
from kg.foreign.stakes import Stake, Stakes
from kg.names import ID

#: Shares at which significant influence has a step; see the module.
INFLUENCE_STEPS: Final = (Decimal("0.1"), Decimal("0.2"), Decimal("0.25"))

#: What stands for an owner that the release does not have.
ASSUMED_OWNER: Final = ID + "what-if-owner"

_DECIMALS: Final = Decimal("1E-12")


class Controller(NamedTuple):
    """Someone who controls X.

    Attributes:
        jointly: together with others.
        top: nobody controls it in turn.
        countries: where those at the top of it have their seats, IRIs, sorted.
        chain: from it down to X, with the records of each step.
    """

    organisation: str
    jointly: bool
    top: bool
    countries: tuple[str, ...]
    chain: Chain | None


class Holder(NamedTuple):
    """Who holds a share of X, before and after; shares from 0 to 1, None where it holds none."""

    owner: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, eq=False)
class Takeover:
    """A change of ownership, and what it changes.

    Attributes:
        owned, owner: IRIs; the owner may be one that the release does not have (``assumed``).
        share: from 0 to 1.
        holders: by IRI, the new owner first.
        ended: records of control by others that no longer counts.
        kept: golden shares of others, which stay.
        before, after: who controls X in each world.
        acquirer: who controls the new owner and has nobody above it; the owner itself where
            nobody does; all of them where they own each other in a circle.
        countries: of those, and the seat of the new owner.
        influence: what the owner holds with what it controls, before and after.
        steps: of significant influence that are passed; see the module.
        operates: units (IRIs) in the hands of X.
        leaning: vital processes (IRIs) that transitively require one of those.
    """

    owned: str
    owner: str
    assumed: bool
    share: Decimal
    holders: tuple[Holder, ...]
    ended: tuple[str, ...]
    kept: tuple[str, ...]
    before: tuple[Controller, ...]
    after: tuple[Controller, ...]
    seat: tuple[str, ...]
    acquirer: tuple[str, ...]
    countries: tuple[str, ...]
    influence: tuple[Decimal, Decimal]
    steps: tuple[Decimal, ...]
    operates: tuple[str, ...]
    leaning: tuple[str, ...]
    change: Change

    @property
    def question(self) -> Question:
        """The world after, which knows every name."""
        return self.change.after

    @property
    def unchanged(self) -> bool:
        """Whether this is what the owner holds already."""
        first = self.holders[0]
        return first.before == first.after

    def to_json(self, release: str | None = None, level: str | None = None) -> dict[str, Any]:
        """The JSON of ``kg takeover``; shares from 0 to 1, times in hours."""
        question = self.question
        name, network = question.name, question.network
        controllers = (*self.before, *self.after)
        question.learn(
            {iri for one in controllers for iri in (one.organisation, *one.countries)}
            | {one.owner for one in self.holders}
            | {*self.acquirer, *self.countries, *self.ended, *self.kept}
        )
        return {
            "release": release,
            "level": level,
            **question.terms_json(),
            "owned": {"iri": self.owned, "label": name(self.owned)},
            "owner": {"iri": self.owner, "label": name(self.owner), "assumed": self.assumed},
            "share": float(self.share),
            "holders": [
                {
                    "owner": one.owner,
                    "label": name(one.owner),
                    "share_before": None if one.before is None else float(one.before),
                    "share_after": None if one.after is None else float(one.after),
                }
                for one in self.holders
            ],
            "control_ended": [{"iri": iri, "label": name(iri)} for iri in self.ended],
            "golden_shares": [{"iri": iri, "label": name(iri)} for iri in self.kept],
            "controllers_before": [self._controller_json(one) for one in self.before],
            "controllers_after": [self._controller_json(one) for one in self.after],
            "acquirer": {
                "seat": list(self.seat),
                "ultimate": [{"iri": iri, "label": name(iri)} for iri in self.acquirer],
                "countries": [
                    {
                        "country": one,
                        "label": name(one),
                        "trusted": one in question.terms.trusted,
                        "named": one in question.terms.risky,
                        "statements": question.statements(one),
                    }
                    for one in self.countries
                ],
            },
            "influence_before": float(self.influence[0]),
            "influence_after": float(self.influence[1]),
            "influence_steps_passed": [float(one) for one in self.steps],
            "operates": [
                {"unit": iri, "label": network.label(network.index(iri))} for iri in self.operates
            ],
            "leaning": [
                {"process": iri, "label": network.label(network.index(iri))} for iri in self.leaning
            ],
            **self.change.to_json(),
        }

    def _controller_json(self, one: Controller) -> dict[str, Any]:
        name = self.question.name
        return {
            "organisation": one.organisation,
            "label": name(one.organisation),
            "jointly": one.jointly,
            "top": one.top,
            "countries": list(one.countries),
            "chain": [
                {"iri": iri, "label": name(iri)} for iri in (one.chain.links if one.chain else ())
            ],
            "records": [list(step) for step in (one.chain.records if one.chain else ())],
        }


def read_share(text: str) -> Decimal:
    """A share as people write it: ``0.51``, ``0,51`` or ``51%``.

    Raises:
        UsageError: not a number above 0 and up to 1.
    """
    bare = text.strip().replace(",", ".")
    percent = bare.endswith("%")
    try:
        share = Decimal(bare.removesuffix("%").strip())
        share = share / 100 if percent else share
        if share.is_finite() and 0 < share <= 1:
            return share
    except InvalidOperation:
        pass
    raise UsageError(
        "usage.share",
        f"'{text}' is geen aandeel; geef een getal boven 0 en hoogstens 1, zoals 0.51 of 51%.",
        f"'{text}' is not a share; give a number above 0 and at most 1, such as 0.51 or 51%.",
    )


def take_over(
    question: Question,
    owned: str,
    owner: str,
    share: Decimal = Decimal(1),
    seat: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Takeover:
    """Work out what it changes that ``owner`` holds this share of ``owned``.

    Args:
        owned, owner: an id, IRI, CURIE or label of an organisation of the release.
        share: above 0 and at most 1.
        seat: a country; the owner is then one that the release does not have, and ``owner`` its
            name.
        progress: is told how many countries are done, and of how many.

    Raises:
        AmbiguousError, UsageError: an unknown organisation or country, a name that fits several,
            an owner that is what it takes over, or a share out of range.
    """
    share = read_share(str(share))
    target = question.organisation(owned)
    seats: dict[str, str] = {}
    names: dict[str, tuple[str, str]] = {}
    if seat is None:
        acquirer = question.organisation(owner)
    else:
        acquirer = _new_owner(question, owner)
        (seats[acquirer],) = question.countries([seat])
        names[acquirer] = (owner.strip(), owner.strip())
    if acquirer == target:
        raise UsageError(
            "usage.takeover",
            "De nieuwe eigenaar is de organisatie zelf; noem een andere bij --owner.",
            "The new owner is the organisation itself; name another one with --owner.",
        )
    stakes, ended, kept = _stakes(question.control.stakes, question.terms, target, acquirer, share)
    names[_assumed_holding(acquirer, target)] = ("aangenomen aandeel", "assumed share")
    after = question.assuming(stakes, seats, names)
    whole = change(question, after, progress)
    control = after.control
    above = control.controllers(acquirer)
    top = sorted(one for one in above | {acquirer} if not control.controllers(one) - {one})
    own_seat = tuple(control.seats(acquirer))
    held = _held_with(question.control, acquirer, target), _held_with(control, acquirer, target)
    ours = _in_hands(question, target)
    return Takeover(
        owned=target,
        owner=acquirer,
        assumed=seat is not None,
        share=share,
        holders=_holders(question.control.stakes, stakes, target, acquirer),
        ended=ended,
        kept=kept,
        before=_controllers(question.control, target),
        after=_controllers(control, target),
        seat=own_seat,
        acquirer=tuple(top or sorted(above | {acquirer})),
        countries=tuple(sorted({*control.countries(acquirer), *own_seat})),
        influence=held,
        steps=tuple(one for one in INFLUENCE_STEPS if held[0] < one <= held[1]),
        operates=tuple(question.network.units[one] for one in ours),
        leaning=_leaning(question, ours),
        change=whole,
    )


def _new_owner(question: Question, name: str) -> str:
    folded = name.strip().casefold()
    if not folded:
        raise UsageError(
            "usage.takeover",
            "Geef bij --owner de naam van de nieuwe eigenaar.",
            "Give the name of the new owner with --owner.",
        )
    for one in question.organisations():
        if folded in (one.label.casefold(), one.label_en.casefold()) or name.strip() in (
            one.iri,
            one.iri.removeprefix(ID),
        ):
            raise UsageError(
                "usage.takeover",
                f"'{name}' staat in de gegevens, met een eigen zetel; laat --owner-seat weg.",
                f"'{name}' is in the data, with a seat of its own; leave out --owner-seat.",
            )
    return ASSUMED_OWNER


def _stakes(
    stakes: Stakes, terms: Terms, owned: str, owner: str, share: Decimal
) -> tuple[Stakes, tuple[str, ...], tuple[str, ...]]:
    """The records as they would be; which control ends by that, and which golden shares stay."""
    shares = _shares(stakes, owned)
    if shares.get(owner) == share:
        return stakes, (), ()
    others = sum((value for one, value in shares.items() if one != owner), Decimal(0))
    room = max(1 - shares.get(owner, Decimal(0)), others)
    factor = min((1 - share) / room, Decimal(1)) if room else Decimal(1)
    ends = share > Decimal(repr(terms.threshold))
    records, ended, kept = [], [], []
    own = [one for one in stakes.owned.get(owned, ()) if one.owner == owner]
    for one in stakes.owned.get(owned, ()):
        if one.owner == owner:
            continue
        if one.golden:
            kept.append(one.iri)
        elif ends and (one.asserted or one.joint):
            ended.append(one.iri)
            one = one._replace(asserted=False, joint=False)
        records.append(one._replace(share=(one.share * factor).quantize(_DECIMALS).normalize()))
    left = [one for one in records if one.share or one.asserted or one.joint]
    new = Stake(
        _assumed_holding(owner, owned),
        owner,
        owned,
        share,
        any(one.asserted for one in own),
        any(one.joint for one in own),
        any(one.golden for one in own),
    )
    return stakes.instead(owned, [*left, new]), tuple(sorted(ended)), tuple(sorted(kept))


def _assumed_holding(owner: str, owned: str) -> str:
    """What stands for the record of a holding that is assumed."""
    digest = hashlib.sha256(f"{owner} {owned}".encode()).hexdigest()
    return f"{ID}what-if-{digest[:12]}"


def _shares(stakes: Stakes, owned: str) -> dict[str, Decimal]:
    """What each owner holds, of alternatives the highest."""
    return {one.owner: one.share for one in stakes.counted(owned, stakes.owners(owned))}


def _holders(before: Stakes, after: Stakes, owned: str, owner: str) -> tuple[Holder, ...]:
    old, new = _shares(before, owned), _shares(after, owned)
    order = sorted(old.keys() | new.keys(), key=lambda one: (one != owner, one))
    return tuple(Holder(one, old.get(one), new.get(one)) for one in order)


def _held_with(control: Control, owner: str, owned: str) -> Decimal:
    """What it holds with all that it controls."""
    shares = _shares(control.stakes, owned)
    ours = {one for one in shares if one == owner or owner in control.controllers(one)}
    counted = control.stakes.counted(owned, ours)
    return min(sum((one.share for one in counted), Decimal(0)), Decimal(1))


def _controllers(control: Control, owned: str) -> tuple[Controller, ...]:
    """Everyone above it, those at the top first, then by IRI."""
    alone = control.controllers(owned)
    found = [
        Controller(
            one,
            one not in alone,
            not control.controllers(one) - {one},
            tuple(sorted(control.countries(one))),
            control.chain_from(owned, one),
        )
        for one in sorted(control.above(owned) - {owned})
    ]
    return tuple(sorted(found, key=lambda one: (not one.top, one.jointly, one.organisation)))


def _in_hands(question: Question, organisation: str) -> list[int]:
    """The units that it operates, supplies or makes, itself or through what it controls."""
    network, above = question.network, question.control.above
    return [at for at, iri in enumerate(network.units) if organisation in above(iri)] + (
        [network.index(organisation)] if organisation in network else []
    )


def _leaning(question: Question, units: list[int]) -> tuple[str, ...]:
    if not units:
        return ()
    network = question.network
    reached = question.withdrawer.reached(sorted(set(units))) & network.vital
    return tuple(network.units[int(one)] for one in reached.nonzero()[0])
