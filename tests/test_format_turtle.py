"""The one form of our Turtle files: every file has it, and the formatter keeps what they mean."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(f for name in ("ontology", "shapes") for f in (ROOT / name).glob("*.ttl"))


def _module(path: Path) -> ModuleType:
    """A module by its path: tools/ is not installed."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


formatter = _module(ROOT / "tools" / "format_turtle.py")

MESSY = """# Waar het over gaat.
@prefix z: <https://example.org/z#> .
@prefix a: <https://example.org/a#> .
@prefix unused: <https://example.org/unused#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
# a remark that does not survive
a:z a:p "twee"@en, "een"@nl ; a a:Kind , owl:Class .
a:a a:list ( 1 2.50 true "x" ) ; a:b [ a:q z:r ; a:p "lijn\\n\\"twee\\"" ] .
[] a:p a:z .
<https://example.org/a#met.punt> a:p "P1D"^^<http://www.w3.org/2001/XMLSchema#duration> .
"""

TIDY = '''# Waar het over gaat.
@prefix a: <https://example.org/a#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix z: <https://example.org/z#> .

a:z a owl:Class, a:Kind ;
    a:p
        "een"@nl,
        "twee"@en .

a:a a:b [
        a:p """lijn
\\"twee\\"""" ;
        a:q z:r
    ] ;
    a:list ( 1 2.50 true "x" ) .

<https://example.org/a#met.punt> a:p "P1D"^^<http://www.w3.org/2001/XMLSchema#duration> .

[] a:p a:z .
'''


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_file_is_as_the_formatter_writes_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert formatter.canonical(text) == text, "run: make format"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_formatting_changes_no_triple(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert isomorphic(Graph().parse(data=text), Graph().parse(data=formatter.canonical(text)))


def test_a_messy_file_becomes_tidy_and_means_the_same() -> None:
    assert formatter.canonical(MESSY) == TIDY
    assert formatter.canonical(TIDY) == TIDY
    assert isomorphic(Graph().parse(data=MESSY), Graph().parse(data=TIDY))


def test_the_order_of_statements_does_not_matter() -> None:
    head, statements = MESSY.split("# a remark that does not survive\n")
    lines = [line for line in statements.strip().split("\n") if line]
    assert formatter.canonical(head + "\n".join(reversed(lines)) + "\n") == TIDY


@pytest.mark.parametrize(
    ("body", "word"),
    [("a:x a:p _:b . a:y a:p _:b .", "more than once"), ("_:b a:p _:c . _:c a:p _:b .", "circle")],
)
def test_blank_nodes_without_a_sorted_form_are_refused(body: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        formatter.canonical("@prefix a: <https://example.org/a#> .\n" + body)


def test_check_names_the_file_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.ttl"
    file.write_text(MESSY, encoding="utf-8")
    assert formatter.main(["--check", str(file)]) == 1
    assert "x.ttl" in capsys.readouterr().out
    assert file.read_text(encoding="utf-8") == MESSY
    assert formatter.main([str(file)]) == 0
    assert file.read_text(encoding="utf-8") == TIDY
    assert formatter.main(["--check", str(file)]) == 0
