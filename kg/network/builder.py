"""Small networks from plain Python: for tests and notebooks, where a graph would hide the point."""

from __future__ import annotations

from kg.names import ID
from kg.network.assemble import RequirementRow, UnitRow, assemble
from kg.network.model import Network


class NetworkBuilder:
    """Collects units and requirements by short name; units appear when they are first named."""

    def __init__(self) -> None:
        self._units: dict[str, UnitRow] = {}
        self._requirements: list[RequirementRow] = []

    def unit(
        self,
        name: str,
        *,
        label: str = "",
        label_en: str = "",
        sector: str | None = None,
        vital: bool = False,
        restart: float | None = 0.0,
    ) -> NetworkBuilder:
        """Add or redefine a unit; ``restart`` in hours, ``None`` for unknown."""
        place = ID + sector if sector else None
        self._units[name] = UnitRow(ID + name, label or name, label_en, place, vital, restart)
        return self

    def need(
        self,
        dependent: str,
        fulfillers: str,
        *,
        k: int | None = None,
        buffer: float | None = 0.0,
        degrades: bool = False,
        restart: bool = False,
        full: bool = False,
        refill: float | None = None,
        substitution: float | None = None,
        name: str = "",
    ) -> NetworkBuilder:
        """Add a requirement; ``fulfillers`` are names separated by spaces, times in hours.

        ``buffer=None`` is an unknown buffer. Without ``name`` it is called r001, r002, …
        """
        for unit in (dependent, *fulfillers.split()):
            if unit not in self._units:
                self.unit(unit)
        self._requirements.append(
            RequirementRow(
                iri=ID + (name or f"r{len(self._requirements) + 1:03d}"),
                dependent=ID + dependent,
                fulfillers=tuple(ID + unit for unit in fulfillers.split()),
                minimum=k,
                buffer=buffer,
                degrades=degrades,
                restart=restart,
                needs_full=full,
                refill=refill,
                substitution=substitution,
            )
        )
        return self

    def build(self) -> Network:
        """The network so far."""
        return assemble(self._units.values(), self._requirements)


def network_of(drawing: str) -> Network:
    """A network from a drawing, one line per thing; times in hours.

    ::

        grid                restart=2 sector=energie
        rail                vital restart=4
        gsmr <- grid        buffer=3
        rail <- grid gsmr   k=2 degrades
        x    <- a b c       k=2 full restart refill=1 substitution=24 name=r9
        y    <- a           buffer=?

    A line with an arrow is a requirement, any other line describes a unit. ``?`` is unknown.

    Raises:
        ValueError: a word that is not understood.
    """
    builder = NetworkBuilder()
    requirements = []
    for line in drawing.splitlines():
        dependent, arrow, rest = line.partition("<-")
        if arrow:
            requirements.append((dependent.strip(), rest.split()))
        elif words := line.split():
            _unit(builder, words)
    for dependent, words in requirements:
        _need(builder, dependent, words)
    return builder.build()


def _unit(builder: NetworkBuilder, words: list[str]) -> None:
    label, sector, vital = "", None, False
    restart: float | None = 0.0
    for word in words[1:]:
        key, _, value = word.partition("=")
        if word == "vital":
            vital = True
        elif key == "restart":
            restart = _number(value)
        elif key == "sector":
            sector = value
        elif key == "label":
            label = value.replace("_", " ")
        else:
            raise ValueError(word)
    builder.unit(words[0], label=label, sector=sector, vital=vital, restart=restart)


def _need(builder: NetworkBuilder, dependent: str, words: list[str]) -> None:
    flags = {"degrades": False, "restart": False, "full": False}
    numbers: dict[str, float | None] = {"buffer": 0.0, "refill": None, "substitution": None}
    fulfillers, k, name = [], None, ""
    for word in words:
        key, equals, value = word.partition("=")
        if key == "k" and equals:
            k = int(value)
        elif key == "name" and equals:
            name = value
        elif key in numbers and equals:
            numbers[key] = _number(value)
        elif word in flags:
            flags[word] = True
        elif equals:
            raise ValueError(word)
        else:
            fulfillers.append(word)
    builder.need(
        dependent,
        " ".join(fulfillers),
        k=k,
        name=name,
        degrades=flags["degrades"],
        restart=flags["restart"],
        full=flags["full"],
        buffer=numbers["buffer"],
        refill=numbers["refill"],
        substitution=numbers["substitution"],
    )


def _number(text: str) -> float | None:
    return None if text == "?" else float(text)
