"""Files of others: registers, incidents, fault trees, areas on the map, archetypes."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from pathlib import Path

from cases import Case, Outcome, Target, check_problems, outcome_of_error
from command import run_kg
from intake import REFERENCE, TABLES, check_staged
from mutate import as_csv, as_json, broken, encoded, json_value, nasty, table, xml, zipped

from kg.errors import KgError
from kg.resources import folder
from kg.schema import Schema
from kg.sources import stage
from kg.sources.registers.importing import import_files
from kg.sources.registers.known import read_known
from kg.sources.registers.model import About
from kg.sources.registers.writing import write

TESTS = Path(__file__).parent.parent
SAMPLES = TESTS.parent / "examples" / "registers"
_GLEIF = "20260930-0800-gleif-goldencopy-"


def keys_of(value: object) -> list[str]:
    """Every key in a JSON value, sorted."""
    found: set[str] = set()

    def walk(one: object) -> None:
        if isinstance(one, dict):
            found.update(one)
            for inner in one.values():
                walk(inner)
        elif isinstance(one, list):
            for inner in one:
                walk(inner)

    walk(value)
    return sorted(found) or ["id"]


class Register(Target):
    """``kg import`` of files of one format; what it writes goes through the intake."""

    share = 35
    format_ = ""
    samples: tuple[str, ...] = ()

    def __init__(self, work: Path) -> None:
        super().__init__(work)
        self.schema = Schema.load(folder("ontology"))
        own = {"Source.csv", "Organisation.csv"}
        self.own = Case(
            {f"{name}.csv": text.encode() for name, text in TABLES.items() if f"{name}.csv" in own}
        ).written(work / "own")
        self.reference = Case(REFERENCE).written(work / "reference")
        self.shipped = folder("data") / "reference"
        self.known = read_known([self.shipped, self.own], self.schema)

    def make(self, rng: random.Random) -> Case:
        files = {}
        chosen = rng.sample(self.samples, rng.randint(1, min(3, len(self.samples))))
        bad = rng.randrange(len(chosen))
        for at, name in enumerate(chosen):
            data = (SAMPLES / name).read_bytes()
            if at == bad:
                data = self.hostile(name, data, rng)
            if rng.random() < 0.15:
                data, name = zipped({name: data}, rng), f"{name}.zip"
            files[name] = data
        return Case(files, (rng.choice(("", "skip")),))

    def hostile(self, name: str, data: bytes, rng: random.Random) -> bytes:
        if rng.random() < 0.2:
            return broken(data, rng)
        if name.endswith(".json"):
            value = json.loads(data)
            return as_json(json_value(value, keys_of(value), rng), rng)
        text = data.decode("utf-8-sig")
        if name.endswith(".xml"):
            return xml(text, rng)
        heading = next(csv.reader(io.StringIO(text)))
        return as_csv(table(text, heading, rng), rng)

    def run(self, case: Case) -> Outcome:
        files = case.written(self.work / "data")
        out = self.work / "out"
        paths = [files / name for name in case.files]
        skip = case.texts == ("skip",)
        about = About("openbaar", date="2026-09-30", title="T", publisher="P")
        try:
            found = import_files(self.format_, paths, self.known, about, skip_invalid=skip)
        except KgError as error:
            return outcome_of_error(error)
        check_problems(found.left_out)
        Case().written(out).rmdir()
        write(found, out)
        staged = stage([self.shipped, self.own, out], self.schema)
        # What the import writes, the intake takes: else a person is sent from pillar to post.
        assert not staged.problems, staged.problems[:3]
        check_staged(staged)
        return "accepted"


class Gleif(Register):
    share = 45
    format_ = "gleif"
    samples = tuple(
        f"{_GLEIF}{part}-golden-copy.{end}"
        for part in ("lei2", "rr", "repex")
        for end in ("csv", "json")
    )


class Ocds(Register):
    format_ = "ocds"
    samples = ("ocds-releases.json",)


class CycloneDx(Register):
    format_ = "cyclonedx"
    samples = ("sbom.cdx.json", "sbom.cdx.xml")


class Stix(Register):
    format_ = "stix"
    samples = ("stix-bundle.json",)


class Incidents(Target):
    """``kg backtest`` of an incident file."""

    share = 70

    def make(self, rng: random.Random) -> Case:
        name = rng.choice(sorted((folder("data") / "incidents").glob("*.json")))
        value = json.loads(name.read_bytes())
        data = as_json(json_value(value, keys_of(value), rng), rng)
        return Case({"voorval.json": data}, (rng.choice(("table", "json", "csv")),))

    def run(self, case: Case) -> Outcome:
        path = case.written(self.work / "data") / "voorval.json"
        return run_kg("backtest", str(path), "--format", case.texts[0])


class OpenPsa(Target):
    """``kg cutsets --open-psa`` of a fault tree."""

    share = 70

    def make(self, rng: random.Random) -> Case:
        trees = sorted((TESTS / "faulttree" / "trees").glob("*.xml"))
        text = rng.choice(trees).read_text("utf-8")
        if rng.random() < 0.3:  # other connectives, other bounds, other values
            word = rng.choice(("or", "and", "not", "xor", "atleast", "cardinality", "include"))
            tag = rng.choice(("or", "and", "atleast"))
            text = re.sub(rf"<(/?){tag}\b", rf"<\1{word}", text, count=2)
        if rng.random() < 0.2:
            value = nasty(rng).replace("&", "").replace("<", "").replace('"', "")
            text = text.replace(
                rng.choice(('value="0.1"', 'min="2"')), f'value="{value}" min="{value}"', 1
            )
        data = xml(text, rng) if rng.random() < 0.9 else broken(text.encode(), rng)
        extra = rng.choice(("", "", "--importance", "--count-only"))
        return Case({"boom.xml": data}, (rng.choice(("table", "json", "csv")), extra))

    def run(self, case: Case) -> Outcome:
        path = case.written(self.work / "data") / "boom.xml"
        form, *extra = [one for one in case.texts if one]
        return run_kg("cutsets", "--open-psa", str(path), "--format", form, *extra)


GEOJSON = {
    "type": "FeatureCollection",
    "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    "features": [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[4, 51], [6, 51], [6, 53], [4, 53], [4, 51]]],
            },
        },
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [5, 52]}},
    ],
}
_WKT = (
    "POLYGON((4 51, 6 51, 6 53, 4 53, 4 51))",
    "MULTIPOLYGON(((4 51, 6 51, 6 53, 4 51)), ((1 1, 2 1, 2 2, 1 1)))",
    "POINT(5 52)",
    "LINESTRING(4 51, 6 53)",
    "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POLYGON((4 51, 6 51, 6 53, 4 51))",
)


class Area(Target):
    """``kg cascade --area`` with GeoJSON or WKT, in a file or as it is typed."""

    share = 60

    def make(self, rng: random.Random) -> Case:
        if rng.random() < 0.5:
            words = (*keys_of(GEOJSON), "geometries", "bbox", "Point", "MultiPolygon")
            return Case({"gebied.json": as_json(json_value(GEOJSON, words, rng), rng)})
        text = rng.choice(_WKT)
        for _ in range(rng.choice((1, 1, 2))):
            places = list(re.finditer(r"-?\d+|[(),]|[A-Z]{3,}", text))
            if not places:
                break
            one = rng.choice(places)
            odd = rng.choice(("1e400", "NaN", "inf", "Z", "(", ")", "1 2 3 4", "EMPTY", nasty(rng)))
            text = text[: one.start()] + odd + text[one.end() :]
        if rng.random() < 0.5:
            return Case({"gebied.wkt": encoded(text, rng)})
        return Case({}, (text.replace("\x00", "")[:100_000],))

    def run(self, case: Case) -> Outcome:
        place = case.written(self.work / "data")
        area = str(place / next(iter(case.files))) if case.files else case.texts[0]
        return run_kg("cascade", f"--area={area}", "--release", str(self.releases))
