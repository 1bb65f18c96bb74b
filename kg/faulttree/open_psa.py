"""Reads fault trees in the Open-PSA model exchange format 2.0d.

    in the file                                   becomes
    ────────────────────────────────────────────  ────────────────────────────────────────────────
    define-gate with or, and, atleast (nested)    gates; a formula in a formula is a gate name/1, …
    define-basic-event                            an event; its float, int or (constant) parameter
                                                  is its probability, any other expression is
                                                  unknown and a note says so
    a basic event that is only referred to        unknown probability, where the file defines no
                                                  basic event at all; an error where it does
    define-house-event, constant                  true or false, taken out of the formulas
    define-component, define-fault-tree           what they hold is known everywhere by its name; as
                                                  role="private" only inside, and as tree.part.name
    not, xor, nand, nor, iff, imply, cardinality  an error: minimal cut sets need coherence
    a loop among gates                            an error that names the loop
    define-CCF-group, include, substitutions      an error: leaving them out would change the answer
    event trees, alignments, phases and the like  left out, and a note says so

Epstein, Reinhart & Rauzy (2017), The Open-PSA Model Exchange Format, version 2.0d.
"""

from __future__ import annotations

import math
from collections import Counter
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

from kg.faulttree.tree import Event, FaultTree, Gate
from kg.faulttree.xml import Element, read, refuse

_REFERENCES: Final = frozenset({"gate", "basic-event", "house-event", "event"})
_INCOHERENT: Final = frozenset({"not", "xor", "nand", "nor", "iff", "imply", "cardinality"})
_REFUSED: Final = frozenset({"define-CCF-group", "include", "define-substitution", "xi:include"})
_CONTAINERS: Final = frozenset({"define-fault-tree", "define-component", "model-data"})
_IGNORED: Final = frozenset({"label", "attributes"})
#: A parameter may refer to another one; longer chains than this are loops.
_CHAIN: Final = 100
_NEAR_AMONG: Final = 20_000


def read_open_psa(path: Path) -> FaultTree:
    """The fault tree of a file.

    Raises:
        UsageError: what is wrong, with file and line.
        OSError: the file cannot be read.
    """
    return _Reader(path, read(path)).tree()


class _Place(NamedTuple):
    """Where a definition stands: the containers around it, and whether they are private."""

    path: tuple[str, ...]
    private: bool


class _Defined(NamedTuple):
    kind: str
    element: Element
    place: _Place


class _Reader:
    def __init__(self, path: Path, root: Element) -> None:
        self.path = path
        if root.tag != "opsa-mef":
            self.refuse(
                root,
                "root",
                f"De buitenste laag is <{root.tag}>, geen <opsa-mef>: dit is geen Open-PSA.",
                f"The outermost element is <{root.tag}>, not <opsa-mef>: this is not Open-PSA.",
            )
        self.root = root
        self.defined: dict[str, _Defined] = {}
        self.parameters: dict[str, Element] = {}
        self.left_out: Counter[str] = Counter()
        self.notes: list[tuple[str, str]] = []
        self.gates: dict[str, list[Gate]] = {}
        self.lines: dict[str, int] = {}
        self.undefined: dict[str, Element] = {}
        self.constants: dict[str, bool] = {}
        self.any_event = False

    def refuse(self, element: Element, code: str, nl: str, en: str) -> NoReturn:
        refuse(self.path, element.line, code, nl, en)

    def tree(self) -> FaultTree:
        self.collect(self.root, _Place((), False))
        self.any_event = any(one.kind == "basic-event" for one in self.defined.values())
        for name, one in self.defined.items():
            if one.kind == "house-event":
                self.constants[name] = self.truth(one.element, name)
        for name, one in self.defined.items():
            if one.kind == "gate":
                self.gates[name] = self.gate(name, one)
        order = self.ordered()
        events = [
            Event(name, self.probability(one.element, name), one.element.label())
            for name, one in self.defined.items()
            if one.kind == "basic-event"
        ]
        events += [Event(name) for name in self.undefined]
        used = {
            name for name, gates in self.gates.items() for gate in gates for name in gate.inputs
        }
        if self.left_out:
            names = ", ".join(f"{tag} ({count}×)" for tag, count in sorted(self.left_out.items()))
            self.notes.append(
                (f"Niet gelezen, telt niet mee: {names}.", f"Not read, does not count: {names}.")
            )
        return FaultTree(
            name=next(
                (e.attributes.get("name", "") for e in self.root.all("define-fault-tree")), ""
            ),
            gates=tuple(gate for name in order for gate in self.gates[name]),
            events=tuple(sorted(events, key=lambda event: event.name)),
            constants=self.constants,
            tops=tuple(name for name in self.gates if name not in used),
            notes=tuple(self.notes),
        )

    # --- what is defined --------------------------------------------------------------------------

    def collect(self, holder: Element, place: _Place) -> None:
        for element in holder.children:
            tag = element.tag
            if tag in _CONTAINERS:
                inner = place
                if tag != "model-data":
                    private = element.attributes.get("role", "") == "private"
                    name = self.name(element)
                    inner = _Place((*place.path, name), place.private or private)
                self.collect(element, inner)
            elif tag in ("define-gate", "define-basic-event", "define-house-event"):
                self.define(element, place)
            elif tag == "define-parameter":
                self.parameters.setdefault(self.name(element), element)
            elif tag in _REFUSED:
                self.refuse(
                    element,
                    "unsupported",
                    f"<{tag}> wordt niet gelezen, en zonder zou het antwoord anders zijn. Schrijf "
                    "uit wat het doet, in poorten en gebeurtenissen.",
                    f"<{tag}> is not read, and without it the answer would differ. Write out what "
                    "it does, as gates and events.",
                )
            elif tag not in _IGNORED:
                self.left_out[tag] += 1

    def name(self, element: Element) -> str:
        name = element.attributes.get("name", "").strip()
        if not name:
            self.refuse(
                element,
                "name",
                f"<{element.tag}> heeft geen naam (name).",
                f"<{element.tag}> has no name.",
            )
        return name

    def define(self, element: Element, place: _Place) -> None:
        name = self.name(element)
        private = place.private or element.attributes.get("role", "") == "private"
        key = ".".join((*place.path, name)) if private else name
        before = self.defined.get(key)
        if before is not None:
            self.refuse(
                element,
                "duplicate",
                f"'{key}' is al gedefinieerd op regel {before.element.line}; geef een van beide "
                "een andere naam.",
                f"'{key}' is already defined on line {before.element.line}; give one of them "
                "another name.",
            )
        self.defined[key] = _Defined(element.tag.removeprefix("define-"), element, place)

    def find(self, element: Element, place: _Place, gate: str) -> str:
        """The name by which what is referred to is defined: innermost container first."""
        name = self.name(element)
        wanted = element.tag if element.tag != "event" else element.attributes.get("type", "")
        for depth in range(len(place.path), -1, -1):
            key = ".".join((*place.path[:depth], name))
            found = self.defined.get(key)
            if found is not None:
                if wanted and found.kind != wanted:
                    self.refuse(
                        element,
                        "kind",
                        f"Poort '{gate}' noemt '{name}' een {wanted}, maar het is een "
                        f"{found.kind} (regel {found.element.line}).",
                        f"Gate '{gate}' calls '{name}' a {wanted}, but it is a {found.kind} (line "
                        f"{found.element.line}).",
                    )
                return key
        if wanted == "basic-event" and not self.any_event:
            self.undefined.setdefault(name, element)
            return name
        return self.refuse_missing(element, name, gate)

    def refuse_missing(self, element: Element, name: str, gate: str) -> NoReturn:
        near = ""
        if len(self.defined) <= _NEAR_AMONG:
            near = ", ".join(get_close_matches(name[:100], self.defined, n=3))
        self.refuse(
            element,
            "missing",
            f"Poort '{gate}' verwijst naar '{name}', dat nergens gedefinieerd is."
            + (f" Bedoelt u: {near}?" if near else ""),
            f"Gate '{gate}' refers to '{name}', which is defined nowhere."
            + (f" Did you mean: {near}?" if near else ""),
        )

    # --- formulas ---------------------------------------------------------------------------------

    def gate(self, name: str, one: _Defined) -> list[Gate]:
        """The gate and those of the formulas inside it, inner ones first."""
        self.lines[name] = one.element.line
        formulas = [child for child in one.element.children if child.tag not in _IGNORED]
        if len(formulas) != 1:
            self.refuse(
                one.element,
                "formula",
                f"Poort '{name}' heeft {len(formulas)} formules; het moet er één zijn.",
                f"Gate '{name}' has {len(formulas)} formulas; it must have one.",
            )
        found: list[Gate] = []
        inputs, needed = self.formula(formulas[0], one.place, name, found)
        return [*found, Gate(name, inputs, needed, one.element.label())]

    def formula(
        self, element: Element, place: _Place, gate: str, found: list[Gate]
    ) -> tuple[tuple[str, ...], int]:
        tag = element.tag
        if tag in _REFERENCES:
            return (self.find(element, place, gate),), 1
        if tag == "constant":
            name = f"{gate}/constant-{element.attributes.get('value', '')}"
            self.constants[name] = self.truth_of(element, gate)
            return (name,), 1
        if tag in _INCOHERENT:
            self.refuse(
                element,
                "not-coherent",
                f"Poort '{gate}' gebruikt <{tag}>. Minimale doorsneden bestaan alleen voor "
                "samenhangende bomen: schrijf de poort met and, or en atleast.",
                f"Gate '{gate}' uses <{tag}>. Minimal cut sets exist for coherent trees only: "
                "write the gate with and, or and atleast.",
            )
        if tag not in ("or", "and", "atleast"):
            self.refuse(
                element,
                "formula",
                f"Poort '{gate}': <{tag}> is geen formule die hier gelezen wordt.",
                f"Gate '{gate}': <{tag}> is not a formula that is read here.",
            )
        inputs: list[str] = []
        for child in element.children:
            if child.tag in _REFERENCES:
                inputs.append(self.find(child, place, gate))
                continue
            inner, needed = self.formula(child, place, gate, found)
            if len(inner) > 1:
                found.append(Gate(self.unused(gate, len(found) + 1), inner, needed))
                inner = (found[-1].name,)
            inputs += inner
        return tuple(inputs), self.needed(element, gate, len(inputs))

    def unused(self, gate: str, number: int) -> str:
        """A name for a nested formula that nothing else has."""
        name = f"{gate}/{number}"
        while name in self.defined:
            name += "/"
        return name

    def needed(self, element: Element, gate: str, size: int) -> int:
        if size == 0:
            self.refuse(
                element,
                "empty",
                f"Poort '{gate}': <{element.tag}> heeft geen ingangen.",
                f"Gate '{gate}': <{element.tag}> has no inputs.",
            )
        if element.tag != "atleast":
            return 1 if element.tag == "or" else size
        text = element.attributes.get("min", "")
        if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= size):
            self.refuse(
                element,
                "atleast",
                f"Poort '{gate}': atleast heeft min='{text}' en {size} ingangen; min is een getal "
                f"van 1 tot en met {size}.",
                f"Gate '{gate}': atleast has min='{text}' and {size} inputs; min is a number from "
                f"1 to {size}.",
            )
        return int(text)

    def ordered(self) -> list[str]:
        """The gates, inputs before users; a loop is refused."""
        uses = {
            name: [one for gate in gates for one in gate.inputs if one in self.gates]
            for name, gates in self.gates.items()
        }
        order: list[str] = []
        done: set[str] = set()
        for root in uses:
            if root in done:
                continue
            path = {root: iter(uses[root])}
            while path:
                name = next(reversed(path))
                for one in path[name]:
                    if one in path:
                        self.refuse_loop([*path][[*path].index(one) :])
                    if one not in done:
                        path[one] = iter(uses[one])
                        break
                else:
                    done.add(name)
                    order.append(name)
                    del path[name]
        return order

    def refuse_loop(self, loop: list[str]) -> NoReturn:
        shown = " → ".join([*loop[:20], *(["…"] if len(loop) > 20 else []), loop[0]])
        refuse(
            self.path,
            self.lines[loop[0]],
            "loop",
            f"Poorten verwijzen in een kring naar elkaar: {shown}. Een foutenboom heeft geen "
            "kringen; haal er een verwijzing uit.",
            f"Gates refer to each other in a loop: {shown}. A fault tree has no loops; remove one "
            "of the references.",
        )

    # --- values -----------------------------------------------------------------------------------

    def truth(self, element: Element, name: str) -> bool:
        constants = list(element.all("constant"))
        if len(constants) != 1:
            self.refuse(
                element,
                "house-event",
                f"House event '{name}' zegt niet of het waar is; zet er <constant value='true'/> "
                "of 'false' in.",
                f"House event '{name}' does not say whether it is true; put <constant "
                "value='true'/> or 'false' in it.",
            )
        return self.truth_of(constants[0], name)

    def truth_of(self, element: Element, name: str) -> bool:
        value = element.attributes.get("value", "").strip().lower()
        if value not in ("true", "false", "1", "0"):
            self.refuse(
                element,
                "constant",
                f"'{name}': een constante is true of false, niet '{value}'.",
                f"'{name}': a constant is true or false, not '{value}'.",
            )
        return value in ("true", "1")

    def probability(self, element: Element, name: str) -> float:
        """The constant that is given for a basic event; NaN when there is none or it is no such."""
        values = [child for child in element.children if child.tag not in _IGNORED]
        for _ in range(_CHAIN):
            if len(values) != 1:
                break
            value = values[0]
            if value.tag in ("float", "int"):
                return self.number(value, name)
            parameter = self.parameters.get(value.attributes.get("name", ""))
            if value.tag != "parameter" or parameter is None:
                break
            values = [child for child in parameter.children if child.tag not in _IGNORED]
        if values:
            self.notes.append(
                (
                    f"De kans van '{name}' is een uitdrukking die hier niet wordt uitgerekend; "
                    "zij is onbekend.",
                    f"The probability of '{name}' is an expression that is not evaluated here; it "
                    "is unknown.",
                )
            )
        return math.nan

    def number(self, element: Element, name: str) -> float:
        text = element.attributes.get("value", "")
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not 0.0 <= found <= 1.0:
            self.refuse(
                element,
                "probability",
                f"'{name}' heeft kans '{text}'; een kans is een getal van 0 tot en met 1.",
                f"'{name}' has probability '{text}'; one is a number from 0 to 1.",
            )
        return found
