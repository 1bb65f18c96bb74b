"""Integrated ownership: which share of an organisation anyone has in the end, along all paths.

With A[i, j] the share that i holds in j, the integrated shares are

    V = A + A² + A³ + … = (I − A)⁻¹ A

so that a third of a half counts for a sixth, shares along several paths add up, and what returns
along a circle of holdings is counted as often as it returns.

Source: F. Brioschi, L. Buzzacchi and M. G. Colombo, Risk capital financing and the separation of
ownership and control in business groups, Journal of Banking and Finance 13 (1989) 747-772.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

import numpy as np

from kg.errors import KgError
from kg.names import local_id

#: Organisation → its direct owners and their shares, from 0 to 1.
Direct = Callable[[str], Mapping[str, float]]


def integrated(organisation: str, direct: Direct) -> dict[str, float]:
    """Everyone with a share in ``organisation``, directly or through others; largest first.

    Only what stands above the organisation is looked at: n owners cost O(n³).

    Args:
        direct: the owners of an organisation and their shares.

    Returns:
        IRI → integrated share, from 0 to 1 where the direct shares in each add up to 1 at most;
        of an organisation in a circle its share in itself too.

    Raises:
        KgError: owners above it own each other whole (the series does not converge: nobody
            outside the circle has anything), or shares in a circle add up to more than 1.
    """
    place = {organisation: 0}
    holds: list[tuple[int, int, float]] = []
    queue = deque([organisation])
    while queue:
        owned = queue.popleft()
        for owner, share in sorted(direct(owned).items()):
            if owner not in place:
                place[owner] = len(place)
                queue.append(owner)
            holds.append((place[owner], place[owned], share))
    shares = np.zeros((len(place), len(place)))
    for owner_at, owned_at, share in holds:
        shares[owner_at, owned_at] = share
    right = np.column_stack([shares[:, 0], np.ones(len(place))])
    try:
        found, proof = np.linalg.solve(np.eye(len(place)) - shares, right).T
    except np.linalg.LinAlgError:
        found = proof = np.full(len(place), -1.0)
    # A is not negative, so its powers vanish exactly when (I − A) u = 1 has a positive solution.
    if not (proof > 0).all():
        name = local_id(organisation)
        raise KgError(
            "foreign.closed-circle",
            f"Boven {name} bezitten organisaties elkaar geheel; hun aandelen zijn niet door te "
            "rekenen. Zie na wie er buiten de kring een aandeel heeft.",
            f"Above {name} organisations own each other whole; their shares cannot be worked out. "
            "See who has a share from outside the circle.",
        )
    ranked = sorted((-value, iri) for iri, value in zip(place, found.tolist(), strict=True))
    return {iri: -value for value, iri in ranked if value < 0}
