"""A GraphView as one HTML file that opens without a network and asks nothing of one.

pyvis makes the node and edge data and brings vis-network in its wheel. Its own page is not used:
that one loads bootstrap from elsewhere and puts headings and ids in the page unescaped. Here
jinja2 escapes, data is embedded as JSON that cannot end its own element, and a Content Security
Policy allows no more than the two scripts and the one stylesheet of this page, by their hash.
"""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from kg.language import current_language, say
from kg.views.bands import HEIGHT, WIDTH, draw
from kg.views.layout import Layout, label_lines, lay_out
from kg.views.model import GraphView, State, ViewNode
from kg.views.offline import asset, content_policy, template
from kg.views.words import KIND_WORDS, STATE_WORDS

#: A longer table starts folded, with the number of its rows.
COLLAPSE_ABOVE: Final = 80

#: The script that draws, within the package pyvis.
LIBRARY: Final = "templates/lib/vis-9.1.2/vis-network.min.js"


class Look(NamedTuple):
    """How a state is drawn: a shape of its own and a colour that the colour-blind can tell."""

    shape: str
    fill: str
    stroke: str
    size: float
    path: str


class Stroke(NamedTuple):
    """How a kind of line is drawn, and what it is called."""

    colour: str
    width: float
    nl: str
    en: str


#: Lines that mean something of their own; every other line goes from cause to consequence.
STROKES: Final[dict[str, Stroke]] = {
    "control": Stroke("#14476b", 3, "zeggenschap", "control"),
    "holding": Stroke("#7d868c", 1, "belang zonder zeggenschap", "interest without control"),
    "supplies": Stroke("#14476b", 1.4, "voert uit, levert of maakt", "runs, sells or makes"),
}

#: Colours of Okabe & Ito (2008). Shape and colour always say the same.
LOOKS: Final[dict[State, Look]] = {
    "struck": Look("square", "#1d2429", "#1d2429", 7, "M-7-7H7V7H-7Z"),
    "down": Look("triangleDown", "#d55e00", "#7f3800", 8, "M-8-6.5H8L0 7.5Z"),
    "degraded": Look("diamond", "#f0c34e", "#7a5600", 9, "M0-9L9 0 0 9-9 0Z"),
    "up": Look("dot", "#009e73", "#005c43", 7, "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0Z"),
    "spared": Look("dot", "#ffffff", "#005c43", 7, "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0Z"),
    "none": Look("dot", "#7fa6c4", "#14476b", 6, "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z"),
}


def render_page(view: GraphView) -> str:
    """The whole page, in the language in force. The same view gives the same text."""
    layout = lay_out(view)
    css, script, library = asset("page.css"), asset("page.js"), _vis_network()
    return template("page.html.j2").render(
        view=view,
        lang=current_language(),
        t=say,
        csp=content_policy(css, library, script),
        css=Markup(css),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        library=Markup(library),  # noqa: S704 - the file of the pyvis wheel
        data=Markup(embedded_json(_data(view, layout))),  # noqa: S704 - escaped by embedded_json
        legend=_legend(view),
        caption=_caption(view, layout),
        collapse_above=COLLAPSE_ABOVE,
        drawn=[draw(band) for band in view.bands.bands] if view.bands else [],
        band_size=(WIDTH, HEIGHT),
    )


def write_page(view: GraphView, path: Path) -> None:
    """Write the page to a file, UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_page(view), encoding="utf-8", newline="\n")


def embedded_json(value: Any) -> str:
    """JSON that can stand inside a script element: no character in it can end or open one."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _data(view: GraphView, layout: Layout) -> dict[str, Any]:
    nodes, edges = _pyvis(view, layout)
    return {
        "nodes": nodes,
        "edges": edges,
        "about": [
            {
                "label": node.label,
                "lines": label_lines(node),
                "detail": node.detail,
                "kind": node.kind,
                "state": node.state,
            }
            for node in view.nodes
        ],
        "bands": [band.__dict__ for band in layout.bands],
        "ticks": [tick.__dict__ for tick in layout.ticks],
        "width": layout.width,
        "height": layout.height,
        "words": {
            "explanation": say("Uitleg", "Explanation"),
            "choose": say(
                "Kies een punt in het beeld of een rij in de tabel.",
                "Choose a mark in the picture or a row of the table.",
            ),
            "because": say("Door", "Because of"),
            "therefore": say("Daardoor", "Therefore"),
        },
    }


def _pyvis(view: GraphView, layout: Layout) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Nodes and edges as pyvis makes them for vis-network; positions are ours."""
    from pyvis.network import Network  # takes half a second: only for who wants a picture

    network = Network(directed=True)
    for node in view.nodes:
        look = LOOKS[node.state]
        point = layout.points[node.id]
        network.add_node(
            node.id,
            label="\n".join(label_lines(node)),
            shape=look.shape,
            color={
                "background": look.fill,
                "border": _border(node, look),
                "highlight": {"background": look.fill, "border": "#14476b"},
                "hover": {"background": look.fill, "border": "#14476b"},
            },
            size=look.size + (1.5 if node.kind == "vital" else 0),
            borderWidth=2.6 if node.kind == "vital" else 1.2,
            x=round(point.x, 2),
            y=round(point.y, 2),
            physics=False,
        )
    for edge in view.edges:
        stroke = STROKES.get(edge.kind)
        more: dict[str, Any] = {"own": True} if stroke else {}
        network.add_edge(
            edge.source,
            edge.target,
            color=stroke.colour if stroke else "#aaa59a",
            width=stroke.width if stroke else 1,
            dashes=edge.kind == "same",
            **more,
        )
    nodes, edges, *_ = network.get_network_data()
    return nodes, edges


def _border(node: ViewNode, look: Look) -> str:
    return "#1d2429" if node.kind == "vital" else look.stroke


def _legend(view: GraphView) -> list[dict[str, Any]]:
    """Only what occurs in the picture."""
    items: list[dict[str, Any]] = []
    for state, look in LOOKS.items():
        if state != "none" and any(node.state == state for node in view.nodes):
            items.append({**look._asdict(), "weight": 1.4, "text": say(*STATE_WORDS[state])})
    if any(node.kind == "vital" for node in view.nodes):
        dot = "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z"
        text = say("vet, met zware rand: ", "bold, heavy outline: ") + say(*KIND_WORDS["vital"])
        items.append(
            {"path": dot, "fill": "#fff", "stroke": "#1d2429", "weight": 3.2, "text": text}
        )
    kinds = {edge.kind for edge in view.edges}
    if kinds & STROKES.keys():
        items += [
            _line(stroke.colour, stroke.width, say(stroke.nl, stroke.en))
            for kind, stroke in STROKES.items()
            if kind in kinds
        ]
        if "cause" in kinds:
            items.append(
                _line(
                    "#aaa59a",
                    1.6,
                    say("eis: van oorzaak naar gevolg", "requirement: from cause to consequence"),
                )
            )
    return items


def _line(colour: str, width: float, text: str) -> dict[str, Any]:
    return {"path": "M-11 0H11", "fill": "none", "stroke": colour, "weight": width, "text": text}


def _caption(view: GraphView, layout: Layout) -> str:
    if view.axis == "hours":
        scale = say(" (logaritmische tijdas)", " (logarithmic time axis)")
        return (
            say(
                "Tijd naar rechts, sectoren onder elkaar; een lijn loopt van oorzaak naar gevolg",
                "Time runs right, sectors are below each other; lines go from cause to consequence",
            )
            + (scale if layout.logarithmic else "")
            + "."
        )
    if view.axis == "map":
        return say("Noorden boven, zonder achtergrondkaart.", "North is up, without a base map.")
    if view.axis == "columns":
        return say("Elke lijn is een rij van de tabel.", "Each line is a row of the table.")
    if any(edge.kind in STROKES for edge in view.edges):
        return say(
            "Lees van links naar rechts; een dikke lijn is zeggenschap.",
            "Read from left to right; a thick line is control.",
        )
    return say("Lees van links naar rechts.", "Read from left to right.")


@cache
def _vis_network() -> str:
    """vis-network from the pyvis wheel, without the line that points at a file beside it."""
    text = files("pyvis").joinpath(LIBRARY).read_text("utf-8").replace("\r\n", "\n")
    return text.split("//# sourceMappingURL")[0]
