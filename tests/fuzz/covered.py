"""Inputs that follow the code that they reach (atheris), for the readers that are plain Python.

    python tests/fuzz/covered.py READER OUT [option of libFuzzer]…

Needs atheris (group ``fuzz``); :mod:`run` starts it once per reader. What is no error of ours ends
the process with a code above 0 and leaves the input in ``OUT``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

TESTS = Path(__file__).parent.parent
Reader = Callable[[bytes], object]


def _incidents(work: Path) -> Reader:
    from kg.sources.incidents import read_incident

    return lambda data: read_incident(_written(work / "voorval.json", data))


def _open_psa(work: Path) -> Reader:
    from kg.faulttree.open_psa import read_open_psa

    return lambda data: read_open_psa(_written(work / "boom.xml", data))


def _area(work: Path) -> Reader:
    from kg.cascade.area import read_area

    return lambda data: read_area(str(_written(work / "gebied.json", data)))


def _csv(work: Path) -> Reader:
    from intake import Csv

    target = Csv(work)
    return lambda data: target.run(target.case("Requirement.csv", data))


def _seeds() -> dict[str, tuple[Callable[[Path], Reader], list[bytes]]]:
    import json

    from intake import TABLES
    from reading import GEOJSON

    incidents = sorted((TESTS.parent / "data" / "incidents").glob("*.json"))
    trees = sorted((TESTS / "faulttree" / "trees").glob("*.xml"))
    return {
        "incidents": (_incidents, [path.read_bytes() for path in incidents[:3]]),
        "open-psa": (_open_psa, [path.read_bytes() for path in trees]),
        "area": (_area, [json.dumps(GEOJSON).encode(), b"POLYGON((4 51, 6 51, 6 53, 4 51))"]),
        "csv": (_csv, [TABLES["Requirement"].encode()]),
    }


READERS = ("incidents", "open-psa", "area", "csv")


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def main() -> None:
    """See above."""
    import atheris

    name, out, *options = sys.argv[1:]
    with atheris.instrument_imports(include=["kg.sources", "kg.faulttree", "kg.cascade.area"]):
        import kg.cascade.area
        import kg.faulttree.open_psa
        import kg.sources
        import kg.sources.incidents.reader  # noqa: F401
    from cases import outcome_of_error

    from kg.errors import KgError

    make, seeds = _seeds()[name]
    with tempfile.TemporaryDirectory(prefix="kg-fuzz-") as folder:
        work = Path(folder)
        corpus = work / "corpus"
        corpus.mkdir()
        for at, seed in enumerate(seeds):
            _written(corpus / f"{at}", seed)
        read = make(work / "work") if name == "csv" else make(work)

        def one(data: bytes) -> None:
            try:
                read(data)
            except KgError as error:
                outcome_of_error(error)

        artifacts = f"-artifact_prefix={out}/{name}-covered-"
        atheris.Setup([sys.argv[0], str(corpus), artifacts, *options], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
