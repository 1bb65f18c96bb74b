"""Reads incident files; the first thing that is wrong ends it, with file, JSON path and advice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from kg.errors import UsageError
from kg.resources import folder
from kg.sources.incidents.fields import Fields, load, wrong
from kg.sources.incidents.model import (
    NEGATIVE_TYPES,
    OUTCOMES,
    Dependency,
    Entity,
    Incident,
    Initiating,
    Observation,
    Text,
)

#: Files that one call reads.
MAX_FILES: Final = 1_000

_SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_K_OF_N: Final = re.compile(r"([0-9]{1,6})-of-([0-9]{1,6})")


def read_incidents(paths: Sequence[Path] = ()) -> tuple[Incident, ...]:
    """The incidents in these files and folders, sorted by slug; without paths the shipped ones.

    Raises:
        UsageError: a path that is not there, no file at all, a file that is wrong, a slug twice.
    """
    found: dict[str, Incident] = {}
    for path in _files(paths or (folder("data") / "incidents",)):
        incident = read_incident(path)
        if incident.slug in found:
            raise wrong(
                incident.file,
                "$.slug",
                "duplicate",
                f"'{incident.slug}' is ook het voorval in {found[incident.slug].file}; geef elk "
                "voorval een eigen slug.",
                f"'{incident.slug}' is also the incident in {found[incident.slug].file}; give "
                "each incident a slug of its own.",
            )
        found[incident.slug] = incident
    return tuple(found[slug] for slug in sorted(found))


def _files(paths: Sequence[Path]) -> list[Path]:
    files: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise UsageError(
                "usage.no-such-path",
                f"'{path}' bestaat niet; noem een bestand of een map met voorvallen.",
                f"'{path}' does not exist; name a file or folder with incidents.",
            )
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            raise UsageError(
                "incident.none",
                f"In '{path}' staat geen voorval (*.json).",
                f"There is no incident (*.json) in '{path}'.",
            )
        for one in inside:
            files.setdefault(one.resolve(), one)
    if len(files) > MAX_FILES:
        raise UsageError(
            "incident.too-many",
            f"Dit zijn {len(files)} bestanden; ten hoogste {MAX_FILES} tegelijk.",
            f"These are {len(files)} files; at most {MAX_FILES} at once.",
        )
    return list(files.values())


def read_incident(path: Path) -> Incident:
    """The incident in one file.

    Raises:
        UsageError: anything in it that is wrong; the message has file, JSON path and advice.
    """
    warnings: list[Text] = []
    root = Fields(path.name, "$", load(path), warnings)
    slug = root.text("slug")
    if not _SLUG.fullmatch(slug):
        raise root.wrong(
            "slug",
            "value",
            "een slug bestaat uit letters, cijfers, '-' en '_'.",
            "a slug consists of letters, digits, '-' and '_'.",
        )
    entities = tuple(_entity(one) for one in root.objects("entities", least=1))
    known = _ids(root, entities)
    for source in root.objects("sources", required=False):
        _source(source)
    incident = Incident(
        slug=slug,
        title=root.both("title"),
        place=root.both("place"),
        date=root.text("date", default=""),
        grade=root.text("grade", default=""),
        file=path.name,
        entities=entities,
        dependencies=tuple(_dependency(d, known) for d in root.objects("dependencies")),
        initiating=tuple(_initiating(i, known) for i in root.objects("initiating", least=1)),
        observed=_observed(root, known),
        limits=tuple(_limit(one) for one in root.objects("limits", required=False)),
        notes=root.both("notes"),
        warnings=(),
    )
    root.text("t0", default="")
    root.report_unused()
    return replace(incident, warnings=tuple(warnings))


def _source(fields: Fields) -> None:
    """Sources are for people who read the file; only their form is checked here."""
    fields.text("id")
    for key in ("title", "where", "url", "date", "tier"):
        fields.text(key, default="")
    fields.report_unused()


def _entity(fields: Fields) -> Entity:
    entity = Entity(
        fields.text("id"),
        fields.both("name"),
        fields.text("sector", default=""),
        fields.text("kind", default=""),
    )
    fields.report_unused()
    if not entity.name.nl and not entity.name.en:
        entity = entity._replace(name=Text(entity.id, entity.id))
    return entity


def _ids(root: Fields, entities: tuple[Entity, ...]) -> frozenset[str]:
    seen: set[str] = set()
    for position, entity in enumerate(entities):
        if entity.id in seen:
            raise root.wrong(
                f"entities[{position}].id",
                "duplicate",
                f"'{entity.id}' is al een eenheid van dit voorval; geef elk een eigen id.",
                f"'{entity.id}' already is an entity of this incident; give each an id of its own.",
            )
        seen.add(entity.id)
    return frozenset(seen)


def _dependency(fields: Fields, known: frozenset[str]) -> Dependency:
    dependent = fields.reference("dependent", known)
    suppliers = fields.references("suppliers", known)
    if dependent in suppliers:
        raise fields.wrong(
            "suppliers",
            "value",
            f"'{dependent}' kan niet haar eigen leverancier zijn.",
            f"'{dependent}' cannot be its own supplier.",
        )
    minimum, k_unknown = _minimum(fields, len(suppliers))
    dependency = Dependency(
        dependent=dependent,
        suppliers=suppliers,
        minimum=minimum,
        k_unknown=k_unknown,
        buffer=fields.hours("buffer_hours"),
        effect=fields.choice("effect", ("fails", "degrades"), default="fails"),
        source=fields.text("source", default=""),
        inferred=fields.flag("inferred"),
        note=fields.both("note"),
    )
    fields.report_unused()
    return dependency


def _minimum(fields: Fields, count: int) -> tuple[int, bool]:
    """k of k-of-n, and whether the file left it open."""
    redundancy = fields.text("redundancy")
    k = fields.whole("k")
    both = _K_OF_N.fullmatch(redundancy)
    if both:
        if int(both[2]) != count or (k is not None and k != int(both[1])):
            raise fields.wrong(
                "redundancy",
                "value",
                f"'{redundancy}' past niet bij {count} leverancier(s) of bij k.",
                f"'{redundancy}' does not fit {count} supplier(s) or k.",
            )
        k = int(both[1])
    elif redundancy not in ("all", "any", "k-of-n"):
        raise fields.wrong(
            "redundancy",
            "value",
            f"'{redundancy[:40]}' is geen redundantie; kies all, any of k-of-n.",
            f"'{redundancy[:40]}' is no redundancy; choose all, any or k-of-n.",
        )
    elif redundancy != "k-of-n":
        wanted = count if redundancy == "all" else 1
        if k not in (None, wanted):
            raise fields.wrong(
                "k",
                "value",
                f"'{redundancy}' met k = {k} spreekt zichzelf tegen; schrijf k-of-n.",
                f"'{redundancy}' with k = {k} contradicts itself; write k-of-n.",
            )
        return wanted, False
    if k is None:
        return 1, True
    if not 1 <= k <= count:
        raise fields.wrong(
            "k",
            "value",
            f"k = {k} past niet bij {count} leverancier(s); kies 1 tot en met {count}.",
            f"k = {k} does not fit {count} supplier(s); choose from 1 to {count}.",
        )
    return k, False


def _initiating(fields: Fields, known: frozenset[str]) -> Initiating:
    start = fields.hours("t_hours")
    end = fields.hours("t_end_hours")
    if start is None:
        raise fields.wrong(
            "t_hours",
            "missing",
            "geef het tijdstip in uren vanaf het begin, bijvoorbeeld 0.",
            "give the time in hours from the start, for instance 0.",
        )
    if end is not None and end <= start:
        raise fields.wrong(
            "t_end_hours",
            "value",
            "het einde ligt niet na het begin.",
            "the end is not after t_hours.",
        )
    initiating = Initiating(fields.reference("entity", known), start, end, fields.both("why"))
    fields.report_unused()
    return initiating


def _observed(root: Fields, known: frozenset[str]) -> tuple[Observation, ...]:
    found: dict[str, Observation] = {}
    for fields in root.objects("observed"):
        one = _observation(fields, known)
        if one.entity in found:
            raise fields.wrong(
                "entity",
                "duplicate",
                f"over '{one.entity}' staat al een waarneming; voeg ze samen.",
                f"there already is an observation of '{one.entity}'; merge them.",
            )
        found[one.entity] = one
    return tuple(found.values())


def _observation(fields: Fields, known: frozenset[str]) -> Observation:
    outcome = fields.choice("outcome", OUTCOMES)
    observation = Observation(
        entity=fields.reference("entity", known),
        outcome=outcome,
        fail=fields.hours("t_fail_hours"),
        fail_low=fields.hours("t_fail_min_hours"),
        fail_high=fields.hours("t_fail_max_hours"),
        recover=fields.hours("t_recover_hours"),
        negative_type=fields.choice("negative_type", NEGATIVE_TYPES, default="unknown"),
        why=fields.both("why"),
        precision=fields.both("t_precision"),
        source=fields.text("source", default=""),
    )
    if outcome == "survived" and observation.fail is not None:
        raise fields.wrong(
            "t_fail_hours",
            "value",
            "wat overeind bleef heeft geen tijd van uitval; laat null staan.",
            "what survived has no time of failure; leave null.",
        )
    start = observation.fail or observation.fail_low or 0.0
    if observation.recover is not None and observation.recover < start:
        raise fields.wrong(
            "t_recover_hours",
            "value",
            "het herstel ligt voor de uitval.",
            "the recovery lies before the failure.",
        )
    low, high = observation.fail_low, observation.fail_high
    if low is not None and high is not None and low > high:
        raise fields.wrong(
            "t_fail_min_hours",
            "value",
            "de vroegste tijd ligt na de laatste.",
            "the earliest time lies after the latest.",
        )
    fields.report_unused()
    return observation


def _limit(fields: Fields) -> Text:
    limit = Text(fields.text("nl", default=""), fields.text("en", default=""))
    fields.report_unused()
    return limit
