"""Labels and texts with markup in them: the page has the elements that it would have without."""

from __future__ import annotations

import random
import re
from collections import Counter
from html.parser import HTMLParser

from cases import Case, Outcome, Target, WrongError
from mutate import nasty

from kg.views import GraphView, ViewEdge, ViewNode
from kg.views.page import render_page

_MARKUP = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "</style><style>*{x:y}</style>", "<!--", "-->", "<![CDATA[", "]]>", "</td></tr></table>",
    "</title>",
    "<svg/onload=alert(1)>", "' onmouseover='alert(1)", '" autofocus onfocus="alert(1)', "`${1}`",
    "javascript:alert(1)", "<a href='javascript:alert(1)'>x</a>", "&lt;b&gt;", "&#60;script&#62;",
    "&",
    "{{ 7*7 }}", "{% raw %}", "<iframe srcdoc='<script>'>", "<base href=//x>",
    "<meta http-equiv=refresh>",
    "<math><mtext></form><form>", "\u2028", "</textarea>",
    "<noscript><p title='</noscript><img src=x>'>",
    "<\x00script>", "＜script＞", "\\u003cscript\\u003e", "<plaintext>", "<template>", "</svg>",
    "<?php ?>",
)  # fmt: skip


class _Shape(HTMLParser):
    """The elements of a page in their order with their attributes; values that run or fetch."""

    _TELLING = frozenset({"class", "role", "type", "http-equiv", "scope"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.scripts: list[str] = []
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = tuple(
            f"{name}={value}" if name in self._TELLING else name for name, value in sorted(attrs)
        )
        self.shape.append((tag, names))
        for name, value in attrs:
            if name.startswith("on") or (name in ("href", "src") and _runs(value or "")):
                raise WrongError(f"<{tag} {name}={value!r}>")
        self._open = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.shape.append((f"/{tag}", ()))
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            self.scripts[-1] += data

    def handle_comment(self, data: str) -> None:
        self.shape.append(("!--", ()))

    def handle_decl(self, decl: str) -> None:
        self.shape.append((f"!{decl}", ()))

    def unknown_decl(self, data: str) -> None:
        self.shape.append(("![", ()))

    def handle_pi(self, data: str) -> None:
        self.shape.append(("?", ()))


def _runs(value: str) -> bool:
    return (
        re.match(r"[\s\x00-\x1f]*(javascript|vbscript|data:text/html|https?:|//)", value, re.I)
        is not None
    )


def view_of(texts: tuple[str, ...]) -> GraphView:
    """A picture with these texts wherever a label, name, reason or heading can stand."""
    name, lane, detail, title, note, cell, edge = texts
    nodes = tuple(
        ViewNode(f"n{at}", name, "vital" if at == 1 else "unit", lane, float(at), "down", detail)
        for at in range(3)
    )
    return GraphView(
        title=title,
        subtitle=note,
        level=cell,
        release=name,
        policy=title,
        date=note,
        lanes=(lane,),
        nodes=nodes,
        edges=(ViewEdge("n0", "n1", edge), ViewEdge("n1", "n2", edge)),
        table_columns=("Na", title),
        table_rows=tuple((cell, name) for _ in nodes),
        row_nodes=("n0", "n1", "n2"),
        notes=(note,),
        end_hours=8.0,
    )


class Labels(Target):
    """The page of a picture and its table."""

    share = 60

    def make(self, rng: random.Random) -> Case:
        texts = []
        for _ in range(7):
            one = rng.choice(_MARKUP) if rng.random() < 0.7 else nasty(rng)
            if rng.random() < 0.3:
                one += rng.choice(_MARKUP)
            # What gets into a release has no half characters and no control characters.
            texts.append(one.encode("utf-8", "replace").decode()[:2_000])
        return Case({}, tuple(texts))

    def run(self, case: Case) -> Outcome:
        page = render_page(view_of(case.texts))
        page.encode()
        plain = tuple(
            # As long and with its spaces: only letters, so that lines break in the same places.
            re.sub(r"\S", "x", text) if text.strip() else text
            for text in case.texts
        )
        wanted, found = _Shape(render_page(view_of(plain))), _Shape(page)
        if found.shape != wanted.shape:
            extra = Counter(found.shape) - Counter(wanted.shape)
            lacking = Counter(wanted.shape) - Counter(found.shape)
            raise WrongError(
                f"elements that came of texts: {list(extra)[:5]}, gone: {list(lacking)[:5]}"
            )
        if len(found.scripts) != len(wanted.scripts):
            raise WrongError("another number of scripts")
        return "accepted"
