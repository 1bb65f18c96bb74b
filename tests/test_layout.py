"""Imports run one way: each part may import only from parts above it in the list."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "kg"

#: From the bottom of the house to the top.
ORDER = (
    "allocator",
    "processes",
    "names",
    "language",
    "spreadsheet",
    "errors",
    "durable",
    "sums",
    "faulttree",
    "resources",
    "schema",
    "sources",
    "store",
    "validate",
    "reason",
    "network",
    "cascade",
    "foreign",
    "findings",
    "own_graphs",
    "release",
    "audit",
    "provenance",
    "releases",
    "clearance",
    "level",
    "beside",
    "build",
    "offer",
    "queries",
    "guard",
    "views",
    "report",
    "web",
    "api",
    "cli",
    "__main__",
)

#: In kg/cascade/ these may be imported by the others; the others never import each other.
CASCADE_SHARED = {
    "model",
    "batches",
    "compiling",
    "engine",
    "kernels",
    "restoration_engine",
    "restoration_kernels",
    "deadlocks",
    "unfold",
    "draws",
    "sampled",
}


def imports_of(source: str, package: tuple[str, ...]) -> list[str]:
    """Every module of kg that a source imports, wherever in the file the import stands."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = package[: len(package) - node.level + 1]
                base = ".".join((*parent, base)) if base else ".".join(parent)
            found += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return [name for name in found if name.split(".")[0] == "kg"]


def violations(source: str, module: tuple[str, ...]) -> list[str]:
    """The imports of this module that run the wrong way; ``module`` is e.g. (reason, explain)."""
    own = module[0]
    wrong = []
    for name in imports_of(source, ("kg", *module[:-1])):
        parts = name.split(".")[1:]
        if not parts or parts[0] not in ORDER:
            continue  # `from kg import __version__`, `from kg import reason` repeats as kg.reason
        if parts[0] != own and ORDER.index(parts[0]) > ORDER.index(own):
            wrong.append(name)
        if (
            own == parts[0] == "cascade"
            and len(module) > 1
            and module[1] != "__init__"
            and len(parts) > 1
            and parts[1] != module[1]
            and (ROOT / "cascade" / f"{parts[1]}.py").exists()
            and parts[1] not in CASCADE_SHARED
        ):
            wrong.append(name)
    return wrong


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if "_resources" not in path.parts)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    module = path.relative_to(ROOT).with_suffix("").parts
    if module == ("__init__",):
        assert "kg." not in "".join(
            name for name in imports_of(path.read_text("utf-8"), ("kg",)) if name != "kg.api"
        )
        return
    assert module[0] in ORDER, f"{path.name} has no place in the order"
    assert violations(path.read_text("utf-8"), module) == []


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("from kg.cli import main", ("names",)),
        ("def late():\n    import kg.release", ("store", "embedded")),
        ("if TYPE_CHECKING:\n    from kg.findings import find", ("network", "build")),
        ("from kg.cascade.failure import fail", ("cascade", "restoration")),
        ("from .. import views", ("sources", "rdf")),
    ],
)
def test_a_wrong_import_is_seen(source: str, module: tuple[str, ...]) -> None:
    assert violations(source, module)
