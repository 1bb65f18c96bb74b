"""The page in a real browser, without a network: no request, no execution, no error."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kg.api import Picture
from kg.views import GraphView
from kg.views.model import ViewEdge, ViewNode
from kg.views.page import write_page

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield opened
        opened.close()


class Seen:
    """Everything that should not happen on a page."""

    def __init__(self, page: Any) -> None:
        self.requests: list[str] = []
        self.messages: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("dialog", lambda dialog: self.messages.append(dialog.message))


def opened(browser: Any, view: GraphView, path: Path, width: int = 1280) -> tuple[Any, Seen]:
    write_page(view, path)
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
    page = context.new_page()
    seen = Seen(page)
    page.goto(path.as_uri())
    page.wait_for_function("window.kgView !== undefined")
    page.wait_for_timeout(300)
    return page, seen


def test_a_picture_draws_itself_in_the_frame_of_a_notebook(
    browser: Any, drawings: ModuleType
) -> None:
    """What Jupyter puts in its page: without a network, and apart from that page."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True).new_page()
    seen = Seen(page)
    page.set_content(Picture(drawings.evil_view())._repr_html_())
    frame = page.wait_for_selector("iframe").content_frame()
    frame.wait_for_function("window.kgView !== undefined")
    assert frame.inner_text("h1") == drawings.EVIL[0]
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert frame.evaluate("window.origin") == "null"  # it cannot reach the notebook around it
    assert [url for url in seen.requests if not url.startswith("about:")] == []
    assert seen.messages == []


@pytest.mark.parametrize("width", [1280, 390])
def test_a_hostile_page_is_only_text(
    browser: Any, tmp_path: Path, width: int, drawings: ModuleType
) -> None:
    page, seen = opened(browser, drawings.evil_view(), tmp_path / "evil.html", width)
    assert [url for url in seen.requests if not url.startswith("file://")] == []
    assert len(seen.requests) == 1
    assert seen.messages == []
    assert page.title() == drawings.EVIL[0]  # a script that ran would have changed it
    assert page.inner_text("h1") == drawings.EVIL[0]
    assert page.evaluate("document.images.length") == 0
    assert page.evaluate("document.links.length") == 0
    # Choosing each node puts its texts in the explanation and in the title of vis-network.
    for at, node in enumerate(drawings.evil_view().nodes):
        page.evaluate("id => kgView.choose(id, true)", node.id)
        assert page.text_content("#naam") == drawings.EVIL[at]
        assert page.text_content("#waarom") == node.detail
        title = page.evaluate("id => kgView.nodes.get(id).title.innerHTML", node.id)
        assert "<script" not in title
        assert "<img" not in title
    assert seen.messages == []
    assert len(seen.requests) == 1


def test_a_title_that_is_shown_is_text(browser: Any, tmp_path: Path, drawings: ModuleType) -> None:
    page, seen = opened(browser, drawings.evil_view(), tmp_path / "evil.html")
    node = drawings.evil_view().nodes[0]
    at = page.evaluate("id => kgView.network.canvasToDOM(kgView.network.getPosition(id))", node.id)
    box = page.locator("#net").bounding_box()
    page.mouse.move(box["x"] + at["x"], box["y"] + at["y"])
    page.wait_for_selector("div.vis-tooltip", state="visible")
    assert page.text_content("div.vis-tooltip") == node.detail
    assert seen.messages == []


def test_the_picture_holds_every_node_and_edge(
    browser: Any, tmp_path: Path, drawings: ModuleType
) -> None:
    view = drawings.rail_view()
    page, _ = opened(browser, view, tmp_path / "rail.html")
    assert page.evaluate("kgView.nodes.length") == len(view.nodes)
    assert page.evaluate("kgView.edges.length") == len(view.edges)
    assert page.locator("tbody tr").count() == len(view.nodes)
    shown = page.locator("tbody tr").evaluate_all("rows => rows.map(r => r.dataset.node)")
    assert shown == page.evaluate("kgView.nodes.getIds()")


def test_a_click_on_a_mark_explains_it(browser: Any, tmp_path: Path, drawings: ModuleType) -> None:
    view = drawings.rail_view()
    page, _ = opened(browser, view, tmp_path / "rail.html")
    node = view.nodes[2]
    at = page.evaluate("id => kgView.network.canvasToDOM(kgView.network.getPosition(id))", node.id)
    page.locator("#net").click(position=at)
    assert page.text_content("#waarom") == node.detail
    assert "Regionaal net" in page.text_content("#verband")
    assert page.locator("tr.chosen").count() == 1


def test_the_keyboard_does_it_all(browser: Any, tmp_path: Path, drawings: ModuleType) -> None:
    page, seen = opened(browser, drawings.rail_view(), tmp_path / "rail.html")
    page.focus("#net")
    scale = "kgView.network.getScale()"
    before = page.evaluate(scale)
    page.keyboard.press("+")
    assert page.evaluate(scale) > before
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert page.evaluate(scale) < before
    left = page.evaluate("kgView.network.getViewPosition().x")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("kgView.network.getViewPosition().x") > left
    page.keyboard.press("0")
    page.focus("tbody tr:nth-child(2) button")
    page.keyboard.press("Enter")
    assert page.text_content("#naam") == "Treindienst"
    page.focus("#volgende")
    page.keyboard.press("Enter")
    assert page.text_content("#naam") == "GSM-R"
    assert seen.messages == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_marker_is_in_sight_at_every_edge(
    browser: Any, tmp_path: Path, width: int, drawings: ModuleType
) -> None:
    """Every name that is drawn ends in its marker and ends before the edge of the picture."""
    view = drawings.marked_view()
    write_page(view, tmp_path / "marked.html")
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
    context.add_init_script(
        """window.drawn = [];
        const fill = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
          const right = x + this.measureText(text).width;
          const end = this.getTransform().transformPoint({ x: right, y });
          window.drawn.push([text, end.x / this.canvas.width]);
          return fill.call(this, text, x, y);
        };"""
    )
    page = context.new_page()
    page.goto((tmp_path / "marked.html").as_uri())
    page.wait_for_function("window.kgView !== undefined")
    page.evaluate("drawn.length = 0; kgView.network.redraw()")
    page.wait_for_function("drawn.length > 0")
    names = [(text, end) for text, end in page.evaluate("drawn") if "Noodstroom" in text]
    assert len(names) >= 3
    assert [text for text, _ in names if not text.endswith("(fictief)")] == []
    assert [text for text, end in names if end > 1] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_the_screen_and_stays_legible(
    browser: Any, tmp_path: Path, width: int, drawings: ModuleType
) -> None:
    page, seen = opened(browser, drawings.wide_view(340), tmp_path / "wide.html", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("kgView.nodes.length") == 340
    assert page.evaluate("kgView.network.getScale()") >= 0.8  # names of 13 px stay over 10 px
    assert page.evaluate("document.querySelector('details').open") is False
    assert "340" in page.inner_text("summary")
    page.click("#passend")
    assert page.evaluate("kgView.network.getScale()") < 0.8
    assert seen.messages == []


@pytest.mark.parametrize(("width", "beyond"), [(1280, False), (390, True)])
def test_a_picture_wider_than_the_window_says_so(
    browser: Any, tmp_path: Path, width: int, beyond: bool, drawings: ModuleType
) -> None:
    steps = tuple(ViewNode(f"n{at}", f"Stap {at} (fictief)", "fact", "Stappen") for at in range(5))
    edges = tuple(ViewEdge(f"n{at}", f"n{at + 1}") for at in range(4))
    view = GraphView(
        "Weg", "", "openbaar", "r", "p", "2026-08-15", ("Stappen",), steps, edges, (), (),
        axis="step",
    )  # fmt: skip
    page, seen = opened(browser, view, tmp_path / "weg.html", width)
    assert page.locator("#verder").is_visible() is beyond
    assert seen.messages == []
