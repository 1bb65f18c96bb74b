"""Tables for people: rich on a terminal of any width, plain columns in a pipe."""

import pytest

from kg.cli import output

HEADINGS = ("Land", "Weg")
LONG = [("China", " → ".join(["Onderhoud en sleutelbeheer (fictief)"] * 6))]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")


def test_in_a_pipe_columns_are_aligned_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(HEADINGS, [("a\x1b[2J", "b\nc"), ("langer", "")])
    assert capsys.readouterr().out == "Land    Weg\na\ufffd[2J   b c\nlanger\n"


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_nothing_runs_over_the_edge(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(HEADINGS, LONG)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "sleutelbeheer" in out


@pytest.mark.usefixtures("terminal")
def test_what_does_not_fit_becomes_records(capsys: pytest.CaptureFixture[str]) -> None:
    headings = tuple(f"Kolom{at}" for at in range(9))
    output.print_table(headings, [tuple(f"woord{at}-{'x' * 12}" for at in range(9))] * 2)
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert len(lines) == 9 + 1 + 9
    assert lines[0].startswith("Kolom0")
    assert max(map(len, lines)) <= 80


@pytest.mark.usefixtures("terminal")
def test_a_wide_column_does_not_push_another_over_the_edge(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every word of every cell is to be seen, beside ids that may not be broken."""
    what = "Vitale processen die het snelst uitvallen in een andere sector dan waar het begon"
    rows = [("cascade", "risicovolle-strategische-afhankelijkheden", what)] * 3
    output.print_table(("Onderwerp", "Naam", "Wat"), rows)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert out.count("risicovolle-strategische-afhankelijkheden") == 3
    assert [word for word in what.split() if out.count(word) < 3] == []


@pytest.mark.usefixtures("terminal")
def test_room_goes_to_short_texts_and_long_words_first(capsys: pytest.CaptureFixture[str]) -> None:
    why = "Weggevallen: Treinverkeer op het hoofdspoor; zonder buffer. " * 3
    rows = [("0 uur", "Treindienst (fictief)", "vitaalbeoordeling nodig", why)] * 2
    output.print_table(("Na", "Eenheid", "Ontbreekt", "Waardoor"), rows)
    out = capsys.readouterr().out
    assert out.count("0 uur") == 2
    assert out.count("vitaalbeoordeling") == 2
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.usefixtures("terminal")
def test_markup_in_data_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(HEADINGS, [("[red]rood[/red]", "[link=x]")])
    assert "[red]rood[/red]" in capsys.readouterr().out


def test_nobody_watches_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress() as step:
        assert step is None
    assert capsys.readouterr().err == ""


def test_progress_waits_a_second_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with output.progress() as step:
        assert step is not None
        step("redeneren [niet als opmaak]")
