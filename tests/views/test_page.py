"""The page as text: it loads nothing from elsewhere and no data in it becomes markup."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

from kg.language import set_language
from kg.views.page import COLLAPSE_ABOVE, embedded_json, render_page, write_page


class Reader(HTMLParser):
    """Collects tags, attributes and the texts of scripts, styles and cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.styles: list[str] = []
        self.rows: list[list[str]] = []
        self.columns: list[str] = []
        self._open = ""
        self._cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag == "script":
            self.scripts.append((attributes, ""))
        if tag == "style":
            self.styles.append("")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._cell = True
        self._open = tag if tag in ("script", "style") else self._open

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        elif self._open == "style":
            self.styles[-1] += data
        elif self._cell:
            self.rows[-1][-1] += data


def policy(reader: Reader) -> dict[str, list[str]]:
    content = next(
        attributes["content"]
        for tag, attributes in reader.tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    return {part.split()[0]: part.split()[1:] for part in content.split(";")}


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_these_scripts_and_nothing_else(drawings: ModuleType) -> None:
    reader = Reader(render_page(drawings.rail_view()))
    rules = policy(reader)
    assert rules["default-src"] == ["'none'"]
    code = [text for attributes, text in reader.scripts if "type" not in attributes]
    assert sorted(rules["script-src"]) == sorted(digest(text) for text in code)
    assert rules["style-src"] == [digest(reader.styles[0])]
    assert "connect-src" not in rules


def test_nothing_refers_to_another_place(drawings: ModuleType) -> None:
    reader = Reader(render_page(drawings.evil_view()))
    for tag, attributes in reader.tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form", "a")
        assert not {"src", "href", "style", "action", "srcset"} & set(attributes), (tag, attributes)
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
    assert len(reader.scripts) == 3


def test_data_cannot_end_its_element(drawings: ModuleType) -> None:
    text = embedded_json({"x": drawings.EVIL})
    assert not set("<>&") & set(text)
    assert "\u2028" not in text
    assert json.loads(text)["x"] == list(drawings.EVIL)


def test_texts_stand_literally_in_the_table(drawings: ModuleType) -> None:
    reader = Reader(render_page(drawings.evil_view()))
    assert [row[1] for row in reader.rows[1:]] == list(drawings.EVIL)


def test_the_table_says_what_the_picture_says(drawings: ModuleType) -> None:
    view = drawings.rail_view()
    reader = Reader(render_page(view))
    assert tuple(reader.rows[0]) == view.table_columns
    assert [tuple(row) for row in reader.rows[1:]] == list(view.table_rows)
    data = json.loads(next(t for a, t in reader.scripts if a.get("id") == "gegevens"))
    assert [node["id"] for node in data["nodes"]] == [node.id for node in view.nodes]
    assert len(data["edges"]) == len(view.edges)
    assert all(node["physics"] is False for node in data["nodes"])


def test_the_table_is_accessible(drawings: ModuleType) -> None:
    reader = Reader(render_page(drawings.rail_view()))
    tags = [tag for tag, _ in reader.tags]
    assert "caption" in tags
    scopes = [attributes.get("scope") for tag, attributes in reader.tags if tag == "th"]
    assert scopes.count("col") == 5
    assert scopes.count("row") == 3
    assert None not in scopes


def test_the_page_carries_level_release_policy_and_date(drawings: ModuleType) -> None:
    text = render_page(drawings.rail_view())
    for fact in ("openbaar", "0123456789abcdef", "beleid-2026", "2026-08-15"):
        assert text.count(fact) >= 2, fact  # at the top and in the footer


def test_the_legend_shows_what_occurs_and_nothing_else(drawings: ModuleType) -> None:
    legend = render_page(drawings.rail_view()).split('class="legend"')[1].split("</ul>")[0]
    assert "getroffen" in legend
    assert "uitgevallen" in legend
    assert "vitaal proces" in legend
    assert "hersteld" not in legend


def test_languages(drawings: ModuleType) -> None:
    assert '<html lang="nl">' in render_page(drawings.rail_view())
    set_language("en")
    text = render_page(drawings.rail_view())
    assert '<html lang="en">' in text
    assert "Analysis date" in text
    assert "Peildatum" not in text


def test_a_long_table_starts_folded_with_its_count(drawings: ModuleType) -> None:
    assert re.search(r"<details open>", render_page(drawings.rail_view()))
    text = render_page(drawings.wide_view(COLLAPSE_ABOVE + 20))
    assert "<details>" in text
    assert f"({COLLAPSE_ABOVE + 20} rijen)" in text


def test_without_nodes_there_is_a_table_and_no_script(drawings: ModuleType) -> None:
    from dataclasses import replace

    view = replace(drawings.rail_view(), nodes=(), edges=(), row_nodes=())
    reader = Reader(render_page(view))
    assert reader.scripts == []
    assert len(reader.rows) == 4


def test_the_same_view_gives_the_same_bytes(tmp_path: Path, drawings: ModuleType) -> None:
    write_page(drawings.rail_view(), tmp_path / "deep" / "a.html")
    write_page(drawings.rail_view(), tmp_path / "b.html")
    assert (tmp_path / "deep" / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
