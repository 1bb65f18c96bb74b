"""Whole builds from hostile data: no release comes of what is wrong, and the old one stays."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pyoxigraph as ox
from cases import Case, Outcome, Target, WrongError, outcome_of_error
from intake import TABLES, Csv, JsonLd, RdfXml, Turtle, Xlsx, _check_term
from mutate import nasty

from kg.build import build
from kg.errors import InputError, KgError
from kg.release import Release


class Build(Target):
    """``kg build``; what it says is in a release is looked at quad by quad."""

    share = 1
    limit = 240.0

    def __init__(self, work: Path) -> None:
        super().__init__(work)
        kinds = (Csv, Xlsx, Turtle, RdfXml, JsonLd)
        self.kinds = [kind(work / kind.__name__) for kind in kinds]

    def make(self, rng: random.Random) -> Case:
        case = rng.choice(self.kinds).make(rng)
        files = dict(case.files)
        if rng.random() < 0.5:  # a label that is wrong nowhere, and everywhere
            text = nasty(rng).replace('"', "'").replace("\n", " ")[:200]
            row = f'kwaad,"{text} (fictief)",,energie,,,s1\n'
            files["Service.csv"] = (TABLES["Service"] + row).encode("utf-8", "replace")
        return Case(files, (rng.choice(("", "skip")),))

    def run(self, case: Case) -> Outcome:
        data = case.written(self.work / "data")
        out = self.work / "out"
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self.releases, out, symlinks=True)
        before = Release.open(out).id
        skip = case.texts == ("skip",)
        try:
            release = build([data], out, skip_invalid=skip)
        except KgError as error:
            if isinstance(error, InputError) and skip:
                raise WrongError("skip_invalid gives up on the input") from error
            if Release.open(out).id != before:
                raise WrongError("a build that failed changed the release") from error
            return outcome_of_error(error)
        store = ox.Store.read_only(str(release.path / "store"))
        for quad in store:
            if not isinstance(quad.object, ox.BlankNode | ox.Triple):
                _check_term(quad.object)
            if "/graph/data/" in str(quad.graph_name):
                _check_term(quad.subject)
        return "accepted"
