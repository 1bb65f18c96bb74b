"""The Python API: small, and exactly this."""

import html
import inspect
import sys
from pathlib import Path

import pandas as pd
import pytest

import kg
from kg import api
from kg.build import build
from kg.errors import QueryError, ReleaseError, UsageError
from kg.queries import Table, catalogue

sys.path.insert(0, str(Path(__file__).parent))
from small_offers import CHINEES, TABLES, written

SERVICES = """id,label,inSector,restartLag,source
grid,Regionaal net (fictief),energie,PT2H,s1
rail,Treindienst (fictief),spoor,PT4H,s1
"""
REQUIREMENTS = """id,requiredBy,fulfilledBy,minimumFulfilled,buffer,effect,dependencyKind,source
r1,rail,grid,1,PT3H,fails,physical,s1
"""
SOURCES = """id,title,publisher,date,url,grade,marking
s1,Interview,Ministerie,2026-01-15,,B,openbaar
"""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> api.OpenRelease:
    folder = tmp_path_factory.mktemp("api")
    data = folder / "mijn"
    data.mkdir()
    files = {"Service": SERVICES, "Requirement": REQUIREMENTS, "Source": SOURCES}
    for name, text in files.items():
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    build([data], folder / "releases")
    return kg.open(folder / "releases")


@pytest.fixture(scope="module")
def abroad(tmp_path_factory: pytest.TempPathFactory) -> api.OpenRelease:
    folder = tmp_path_factory.mktemp("buitenland")
    build([written(folder / "mijn", TABLES)], folder / "releases")
    return kg.open(folder / "releases")


def test_the_public_surface() -> None:
    assert sorted(kg.__all__) == ["Limits", "__version__", "open"]
    assert kg.Limits is api.Limits
    assert sorted(api.__all__) == [
        "Cascade", "Limits", "OpenRelease", "Ownership", "Picture", "WhatIf", "Withdrawal",
        "Withdrawals", "open",
    ]  # fmt: skip
    public = {name for name in vars(api.OpenRelease) if not name.startswith("_")}
    assert public == {
        "cascade", "explain", "level", "owners", "picture", "procure", "queries", "query", "sparql",
        "takeover", "withdraw", "withdrawals",
    }  # fmt: skip
    assert {name for name in vars(api.Cascade) if not name.startswith("_")} == {
        "events",
        "picture",
        "to_pandas",
    }
    assert {name for name in vars(api.WhatIf) if not name.startswith("_")} == {
        "effects", "picture", "to_json", "to_pandas",
    }  # fmt: skip
    assert {name for name in vars(api.Ownership) if not name.startswith("_")} == {
        "holdings", "picture", "to_json", "to_pandas",
    }  # fmt: skip
    assert {name for name in vars(api.Withdrawal) if not name.startswith("_")} == {
        "picture", "to_json", "to_pandas", "verdicts",
    }  # fmt: skip
    assert {name for name in vars(api.Withdrawals) if not name.startswith("_")} == {
        "html", "to_json", "to_pandas",
    }  # fmt: skip
    assert {name for name in vars(api.Picture) if not name.startswith("_")} == {"html", "save"}


def test_everything_public_is_explained() -> None:
    for owner in (
        api.OpenRelease, api.Cascade, api.Ownership, api.Picture, api.WhatIf, api.Withdrawal,
        api.Withdrawals,
    ):  # fmt: skip
        assert inspect.getdoc(owner)
        for name, member in vars(owner).items():
            if not name.startswith("_"):
                assert inspect.getdoc(member), name


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="close"):
        _ = kg.close


def test_no_release(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError):
        kg.open(tmp_path)


def test_questions(release: api.OpenRelease) -> None:
    assert release.level == "openbaar"
    assert "openbaar" in repr(release)
    assert "eisen-met-een-vervuller" in release.queries().to_pandas()["name"].tolist()
    table = release.query("eisen-met-een-vervuller", sector="spoor")
    assert isinstance(table, Table)
    frame = table.to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert frame["unit_label"].tolist() == ["Treindienst (fictief)"]
    assert "<table>" in table._repr_html_()
    page = release.picture(table, "eisen-met-een-vervuller").html()
    assert catalogue().get("eisen-met-een-vervuller").label.nl in page
    with pytest.raises(UsageError):
        release.query("eisen-met-een-vervuller", kleur="rood")


def test_sparql(release: api.OpenRelease) -> None:
    found = release.sparql("SELECT ?s { ?s vit:restartLag ?lag }")
    assert isinstance(found, Table)
    assert len(found) == 2
    assert release.sparql("ASK { id:rail vit:dependsOn id:grid }") is True
    text = release.sparql("CONSTRUCT { ?s a vit:X } WHERE { ?s vit:restartLag ?lag }")
    assert isinstance(text, str)
    assert text.count("\n") == 2


def test_questions_are_held_to_limits(release: api.OpenRelease) -> None:
    held = kg.open(release.release.path, limits=kg.Limits(rows=2))
    with pytest.warns(UserWarning, match="Afgekapt na 2 rijen"):
        found = held.sparql("SELECT * { ?s ?p ?o }")
    assert isinstance(found, Table)
    assert found.truncated
    assert "Afgekapt na 2 rijen" in found._repr_html_()
    with pytest.warns(UserWarning, match="Afgekapt na 2 rijen"):
        assert len(held.query("wat-ontbreekt")) == 2
    held = kg.open(release.release.path, limits=kg.Limits(seconds=1))
    with pytest.raises(QueryError, match=r"query\.timeout"):
        held.sparql("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    assert "Afgekapt" not in release.query("wat-ontbreekt")._repr_html_()


def test_a_cascade_and_its_picture(release: api.OpenRelease, tmp_path: Path) -> None:
    result = release.cascade("grid@PT0H/PT6H", horizon="P2D")
    assert [event["state"] for event in result.events()][:2] == ["down", "down"]
    assert len(result) == len(result.to_pandas())
    assert "Treindienst (fictief)" in result._repr_html_()
    shown = result.picture()._repr_html_()
    assert shown.startswith('<iframe sandbox="allow-scripts"')
    assert 'srcdoc="&lt;!DOCTYPE html&gt;' in shown
    assert "src=" not in shown.split("srcdoc=")[0]
    path = result.picture().save(tmp_path / "c.html")
    assert path.read_text("utf-8") == result.picture().html()
    with pytest.raises(UsageError):
        release.cascade("nergens")


def test_what_a_notebook_shows(release: api.OpenRelease) -> None:
    """IPython's own formatter, as a kernel uses it, takes the HTML of everything that is asked."""
    from IPython.core.formatters import DisplayFormatter  # comes with pyvis

    formatter = DisplayFormatter()
    fall = release.cascade("grid", horizon="P2D")
    shown = {}
    for thing in (
        fall,
        fall.picture(),
        release.queries(),
        release.explain("rail", "dependsOn", "grid"),
    ):
        data, _ = formatter.format(thing)
        shown[type(thing).__name__] = data["text/html"]
    assert shown["Picture"].count("<iframe") == 1
    assert "<script" not in shown["Picture"]  # all of the page stands escaped in its frame
    assert shown["Picture"].endswith("></iframe>")
    assert shown["Cascade"].startswith("<table")
    assert shown["Proof"].startswith("<pre")
    assert "prp-spo2" in shown["Proof"]
    assert max(map(len, html.unescape(shown["Proof"].partition(">")[2]).splitlines())) <= 100


def test_a_notebook_shows_the_first_rows_of_a_long_table(release: api.OpenRelease) -> None:
    numbers = " ".join(map(str, range(450)))
    found = release.sparql(f"SELECT ?n {{ VALUES ?n {{ {numbers} }} }}")
    assert isinstance(found, Table)
    shown = found._repr_html_()
    assert shown.count("<td") == 200
    assert "De eerste 200 van 450 rijen" in shown
    short = release.sparql("SELECT ?n { VALUES ?n { 1 2 } }")
    assert isinstance(short, Table)
    assert short._repr_html_().endswith("</table>")


def test_owners_and_their_tree(abroad: api.OpenRelease) -> None:
    found = abroad.owners("maker")
    (holding,) = found.holdings()
    assert (holding["side"], holding["share"]) == ("above", 0.6)
    assert found.to_pandas()["since"].tolist() == ["2020-01-01"]
    assert "Moeder (fictief)" in found._repr_html_()
    assert found.picture().view.title in found.picture().html()
    assert abroad.owners("maker", at="2019-01-01").holdings() == []
    with pytest.raises(UsageError, match="niemand"):
        abroad.owners("niemand")


def test_what_falls_when_countries_withdraw(abroad: api.OpenRelease) -> None:
    found = abroad.withdraw("China")
    assert [(one["label"], one["hours"]) for one in found.verdicts()] == [
        ("Rijden (fictief)", 240.0),
        ("Laden (fictief)", 244.0),
    ]
    assert found.to_pandas()["verdict"].tolist() == ["risky", "risky"]
    assert "Als China zich terugtrekt" in found.picture().html()
    assert "<table" in found._repr_html_()
    everyone = abroad.withdrawals().to_pandas()
    assert set(everyone["country_label"]) == {"China", "Turkije"}
    assert "Turkije" in abroad.withdrawals().html()
    assert abroad.withdrawals()._repr_html_().startswith('<iframe sandbox="allow-scripts"')
    with pytest.raises(UsageError):
        abroad.withdraw("Atlantis")


def test_what_another_owner_or_a_contract_would_change(
    abroad: api.OpenRelease, tmp_path: Path
) -> None:
    taken = abroad.takeover(owned="haven", owner="moeder", share=0.51)
    (effect,) = taken.effects()
    assert (effect["kind"], effect["after"]) == ("appears", "risky")
    assert taken.to_pandas()["process_label"].tolist() == ["Verwarmen (fictief)"]
    offer = written(tmp_path / "aanbod", CHINEES)
    bought = abroad.procure(offer)
    assert {one["offer"] for one in bought.effects()} == {"aanbod"}
    for found in (taken, bought):
        assert "risicovol strategisch, valt uit na 0 uur" in found._repr_html_()
        assert found.picture().view.nodes
        assert found.picture().view.level == abroad.level


def test_a_proof(release: api.OpenRelease) -> None:
    proof = release.explain("rail", "dependsOn", "grid")
    assert "Requirement.csv" in proof.to_text("nl")
