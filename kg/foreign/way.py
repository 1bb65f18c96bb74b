"""From what is withdrawn to a process: the units between, what that rests on, the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from kg.cascade import CascadeResult, Event, explain_path, path_units
from kg.foreign.control import Chain
from kg.foreign.policy import Terms
from kg.foreign.withdrawal import Withdrawal
from kg.names import local_id
from kg.network import Network

#: The requirements behind one conclusion that are looked at for evidence and assumptions.
_DEEPEST: Final = 200


class Way(NamedTuple):
    """How a process hangs on what is withdrawn; places in the network.

    Attributes:
        units: from a withdrawn unit to the process. Where the process falls, the chain of losses
            that decided when; else the shortest way along requirements.
        requirements: where it falls, all that ran out behind that; else those between the units.
        unknown_buffers, unknown_substitutions: those of ``requirements`` that a fall rests on.
    """

    units: tuple[int, ...]
    requirements: tuple[int, ...]
    unknown_buffers: tuple[int, ...] = ()
    unknown_substitutions: tuple[int, ...] = ()


def way(withdrawal: Withdrawal, process: int) -> Way:
    """The way to a process that depends on what is withdrawn."""
    result = withdrawal.result
    end = result.first(process, ("down",)) if result else None
    if result is None or end is None:
        units, through = withdrawal.reach.path(process)
        return Way(units, tuple(sorted(set(through))))
    behind = _behind(result, end)
    return Way(
        path_units(explain_path(result, process, end)),
        tuple(behind),
        tuple(one for one in behind if not withdrawal.network.buffer_known[one]),
        tuple(one for one in behind if withdrawal.withdrawer.unknown[one]),
    )


def evidence(
    network: Network,
    terms: Terms,
    country: str,
    requirements: Iterable[int],
    chain: Chain | None,
) -> list[str]:
    """What is in the sources: requirements, control, and the statements about the country."""
    found = set(chain.evidence if chain else ())
    found.update(terms.named.get(country, ()))
    found.update(map(network.stated, requirements))
    return sorted(found)


def way_text(
    network: Network,
    units: Iterable[int],
    chain: Chain | None,
    country: tuple[str, str],
    names: dict[str, tuple[str, str]],
) -> tuple[str, str]:
    """Country → organisations → units → process, in Dutch and English.

    Args:
        country: its name in both languages.
        names: labels of what is in the chain, by IRI.
    """
    above = chain.links[:-1] if chain else ()
    listed = list(units)
    found = []
    for place, own in ((0, network.labels), (1, network.labels_en)):
        steps = [country[place]]
        steps += [names[iri][place] if iri in names else local_id(iri) for iri in above]
        steps += [own[unit] for unit in listed]
        found.append(" → ".join(steps))
    return found[0], found[1]


def _behind(result: CascadeResult, end: Event) -> list[int]:
    """The requirements that ran out on the way to an event, every lost fulfiller followed."""
    seen, queue = {end}, [end]
    found: list[int] = []
    while queue and len(found) < _DEEPEST:
        event = queue.pop(0)
        if event.because.requirement is not None:
            found.append(event.because.requirement)
        for cause in result.causes(event):
            if cause not in seen:
                seen.add(cause)
                queue.append(cause)
    return sorted(set(found))
