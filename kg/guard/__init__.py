"""Questions of people: asked in processes of their own, within limits of time, memory and rows.

::

    with Guard(release.path / "store", Limits(seconds=10)) as guard:
        guard.run("sectormatrix")
        guard.run_text("SELECT ?s { ?s a vit:VitalProcess }")

A query that runs too long, takes too much memory or breaks the engine ends in a
:class:`kg.errors.QueryError`; the process that it ran in is gone, and other queries go on.

- :mod:`kg.guard.limits`: the limits, and how people write them;
- :mod:`kg.guard.worker`: what the other process does, and how it is held;
- :mod:`kg.guard.wire`: how questions and answers go between the two;
- :mod:`kg.guard.process`: such a process seen from here: started, asked, ended;
- :mod:`kg.guard.pool`: several of them, and what the rest of the house calls.
"""

from kg.guard.limits import Limits, read_size
from kg.guard.pool import Guard

__all__ = ["Guard", "Limits", "read_size"]
