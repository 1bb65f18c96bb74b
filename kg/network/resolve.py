"""What people type for a unit, scenario, measure or threat → its place: IRI, CURIE, id or label."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final, Protocol

from kg.errors import AmbiguousError, UsageError
from kg.names import ID, expand, local_id
from kg.network.model import Network

#: Looking for near misses compares with every name; beyond this many it is not worth the wait.
_NEAR_AMONG = 20_000
#: An error names at most this many of those that there are.
_NAMED: Final = 12


def resolve(network: Network, text: str) -> int:
    """The unit that ``text`` names: a full IRI, a CURIE, an id, or a label in Dutch or English.

    An exact IRI or id wins. Labels and ids are then compared without regard to case.

    Raises:
        AmbiguousError: several units fit; carries them.
        UsageError: none fits; names the nearest.
    """
    found = candidates(network, text)
    if len(found) == 1:
        return found[0]
    if found:
        raise AmbiguousError(text, [(network.units[u], network.labels[u]) for u in found])
    near = _near(network, _bare(text).casefold())
    raise UsageError(
        "usage.unknown-unit",
        f"'{text}' is geen eenheid in dit netwerk. "
        + (f"Bedoelt u: {near}?" if near else "Alle eenheden: kg screen --order 1 --format csv."),
        f"'{text}' is not a unit of this network. "
        + (f"Did you mean: {near}?" if near else "All units: kg screen --order 1 --format csv."),
    )


def candidates(network: Network, text: str) -> tuple[int, ...]:
    """Every unit that ``text`` can mean, in the way of :func:`resolve`; sorted."""
    bare = _bare(text)
    for iri in (bare, expand(bare), ID + bare):
        if iri in network:
            return (network.index(iri),)
    folded = bare.casefold()
    return tuple(
        unit
        for unit, iri in enumerate(network.units)
        if folded
        in (
            network.labels[unit].casefold(),
            network.labels_en[unit].casefold(),
            local_id(iri).casefold(),
        )
    )


class Named(Protocol):
    """Anything with an IRI and a label in two languages."""

    @property
    def iri(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def label_en(self) -> str: ...


def resolve_named(things: Sequence[Named], text: str, code: str, nl: str, en: str) -> int:
    """The position of the thing that ``text`` names, in the way of :func:`resolve`.

    Args:
        code, nl, en: of the error when there is none; what they are, with their article.

    Raises:
        AmbiguousError, UsageError: several fit, or none; names some of those that there are.
    """
    bare = _bare(text)
    exact = {bare, expand(bare), ID + bare}
    folded = bare.casefold()
    found = [at for at, one in enumerate(things) if one.iri in exact] or [
        at
        for at, one in enumerate(things)
        if folded in (one.label.casefold(), one.label_en.casefold(), local_id(one.iri).casefold())
    ]
    if len(found) > 1:
        raise AmbiguousError(text, [(things[at].iri, things[at].label) for at in found])
    if not found:
        ids = [local_id(one.iri) for one in things]
        names: dict[str, str] = {}  # ids before labels, where one is like another
        for name in ids:
            names.setdefault(name.casefold(), name)
        for name, one in zip(ids, things, strict=True):
            for label in (one.label, one.label_en):
                names.setdefault(label.casefold(), name)
        close = [name for name in names if folded and folded in name]
        close = close or get_close_matches(folded[:100], names, n=3)
        shown = list(dict.fromkeys(names[name] for name in close) or ids)[:_NAMED]
        there = ", ".join(shown) or "-"
        raise UsageError(
            code,
            f"'{text}' is geen {nl} in deze release; wel bijvoorbeeld: {there}.",
            f"'{text}' is not {en} of this release; there are for example: {there}.",
        )
    return found[0]


def _bare(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text.startswith("<") and text.endswith(">") else text


def _near(network: Network, folded: str) -> str:
    """The ids of up to three units whose id or label looks like what was typed."""
    names: dict[str, str] = {}
    for unit, iri in enumerate(network.units):
        for name in (local_id(iri), network.labels[unit], network.labels_en[unit]):
            names.setdefault(name.casefold(), local_id(iri))
    close = [name for name in names if folded and folded in name][:3]
    if not close and len(names) <= _NEAR_AMONG:
        close = get_close_matches(folded[:100], names, n=3)
    return ", ".join(dict.fromkeys(names[name] for name in close))
