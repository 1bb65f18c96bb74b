"""What is above a level, or outside its compartments, cannot be seen from it: not in one byte."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kg.build import build
from kg.cli.main import build_group
from kg.release import Release

SOURCES = """id,title,publisher,date,url,grade,marking,compartment
s1,Interview,Ministerie,2026-01-15,,B,openbaar,
s2,Nota,Ministerie,2027-02-15,,A,dep-v,
se,Melding,Netbeheerder,2027-03-15,,A,openbaar,kring-energie
"""
COMPARTMENTS = "id,label,compartmentOf,source\nkring-energie,Kring (fictief),energie,s1\n"
OPEN, HIGHER, OUTSIDE = "s1", "s2", "se"
OPEN_UNITS = [f"u{at}" for at in range(5)]
HEADERS = {
    "Service": "id,label,inSector,restartLag,operatedBy,source",
    "Requirement": "id,label,requiredBy,fulfilledBy,minimumFulfilled,buffer,effect,source",
    "Organisation": "id,label,seat,source",
    "Ownership": "id,owner,owned,share,source",
}


@dataclass(frozen=True)
class Part:
    """What one source says: its units, what needs what, and who owns who operates the first."""

    source: str
    units: Sequence[tuple[str, str]]
    needs: Sequence[tuple[str, tuple[str, ...], str, str]]
    owned: tuple[str, str] | None
    wrong: bool = False


def parts_of(source: str) -> st.SearchStrategy[Part]:
    own = [f"u{at}" if source == OPEN else f"u{at}{source}" for at in range(5)]
    anyone = st.sampled_from(sorted({*own, *OPEN_UNITS}))
    need = st.tuples(
        anyone,
        st.lists(anyone, min_size=1, max_size=2, unique=True).map(tuple),
        st.sampled_from(["", "PT0H", "PT4H"]),
        st.sampled_from(["fails", "degrades"]),
    )
    lag = st.sampled_from(["", "PT1H", "PT30H"])
    sector = st.sampled_from(["energie", "telecom", "spoor"])
    return st.builds(
        Part,
        st.just(source),
        st.lists(st.tuples(sector, lag), min_size=len(own), max_size=len(own)),
        st.lists(need, max_size=6),
        st.none() | st.tuples(st.sampled_from(["RU", "CN", "DE"]), st.sampled_from(["0.3", "0.7"])),
        st.booleans(),
    )


def write(folder: Path, parts: Sequence[Part]) -> Path:
    """Tables with the rows of the parts in turn, so that they stand between each other."""
    rows: dict[str, list[tuple[int, str]]] = {name: [] for name in HEADERS}
    for part in parts:
        source = part.source
        suffix = "" if source == OPEN else source
        for at, (sector, lag) in enumerate(part.units):
            operator = f"org-{source}" if part.owned and at == 0 else ""
            name = f"u{at}{suffix}"
            row = f"{name},{name} (fictief),{sector},{lag},{operator},{source}"
            rows["Service"].append((at, row))
        for at, (one, by, buffer, effect) in enumerate(part.needs):
            name = f"r{at}{source}"
            row = f"{name},{name} (fictief),{one},{';'.join(by)},1,{buffer},{effect},{source}"
            rows["Requirement"].append((at, row))
        if part.owned:
            country, share = part.owned
            for at, (name, seat) in enumerate(
                ((f"org-{source}", "NL"), (f"eig-{source}", country))
            ):
                rows["Organisation"].append((at, f"{name},{name} (fictief),{seat},{source}"))
            bond = f"bezit-{source},eig-{source},org-{source},{share},{source}"
            rows["Ownership"].append((0, bond))
        if part.wrong:
            rows["Service"].append((0, f"fout{source},Fout (fictief),nergens,x,,{source}"))
    folder.mkdir(parents=True)
    (folder / "Source.csv").write_text(SOURCES)
    (folder / "Compartment.csv").write_text(COMPARTMENTS)
    for name, header in HEADERS.items():
        lines = [header, *(row for _, row in sorted(rows[name]))]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder


#: What a reader of a level may ask; with a page, that is looked at too.
ASKED = (
    ["query", "initiatoren-vitale-processen", "--format", "json"],
    ["query", "wat-ontbreekt", "--format", "csv"],
    ["cascade", "u0", "--format", "json", "--html", "{page}"],
    ["cascade", "u1s2"],
    ["cascade", "u1se"],
    ["withdraw", "--format", "json", "--html", "{page}"],
    ["screen", "--order", "1", "--format", "json"],
    ["export", "--format", "graphml"],
)


def seen(out: Path, pages: Path, level: str) -> dict[str, object]:
    """All that can be had of a level: its files, its quads, and what every command says."""
    release = Release.open(out, level)
    found: dict[str, object] = {"id": release.id}
    for file in sorted(release.path.rglob("*")):
        name = file.relative_to(release.path)
        # The store is compared by its quads; one file is of the clock, and the sums are of both.
        if file.is_file() and name.parts[0] not in {"store", "build.prov.ttl", "SHA256SUMS"}:
            found[str(name)] = file.read_bytes()
    found["quads"] = b"".join(release.store.dump(None))
    for asked in ASKED:
        page = pages / "page.html"
        page.unlink(missing_ok=True)
        given = [one.replace("{page}", str(page)) for one in asked]
        said = CliRunner().invoke(build_group(), [*given, "--release", str(out), "--level", level])
        found[" ".join(asked)] = (said.exit_code, said.stdout, said.stderr)
        if page.exists():
            found[f"page of {' '.join(asked)}"] = page.read_bytes()
    return found


def differences(one: dict[str, object], other: dict[str, object]) -> list[str]:
    return [key for key in sorted({*one, *other}) if one.get(key) != other.get(key)]


#: An example takes three builds: few of them, and what fails is told as it was found.
#: ``make noninterference`` asks for more.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
EXAMPLES = int(os.environ.get("NON_INTERFERENCE", "2"))
FEW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=PHASES,
)


@FEW
@given(parts_of(OPEN), parts_of(HIGHER), parts_of(OUTSIDE), parts_of(HIGHER), parts_of(OUTSIDE))
def test_a_level_tells_nothing_of_what_is_above_or_outside(
    low: Part, high: Part, beside: Part, other_high: Part, other_beside: Part
) -> None:
    """What is above is added to, changed and taken away; the level stays the same to the byte."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        worlds = ([low], [low, high, beside], [other_beside, low, other_high])
        found = []
        for number, parts in enumerate(worlds):
            # The same place each time: the name of a folder is no secret of a level.
            data = write(folder / str(number) / "data", parts)
            out = folder / str(number) / "out"
            build([data], out, skip_invalid=True, validation=low.wrong)
            found.append(seen(out, folder, "openbaar"))
        assert found[0]["quads"]
        for other in found[1:]:
            assert differences(found[0], other) == []
