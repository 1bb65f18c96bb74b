"""Bundles of STIX 2.1: threat actors, countries they are attributed to, sectors they target.

A ``threat-actor`` becomes an actor; so does an ``intrusion-set`` that is attributed to one. An
actor is attributed to a country where the bundle says so: by ``attributed-to`` an identity that is
``located-at`` it, or, of a ``nation-state``, by being ``located-at`` it itself. Where a group sits
or comes from is by itself no attribution, and neither is guessed. ``targets`` an identity gives the
sectors of that identity; ``uses`` an attack pattern counts where that is a threat of the data at
hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from kg.errors import Location, UsageError
from kg.sources.cells import ID_PATTERN, shown
from kg.sources.guard import load_json
from kg.sources.model import CellError, FileError
from kg.sources.registers.importer import Importer
from kg.sources.registers.model import (
    Header,
    Imported,
    Troubles,
    own_id,
    text_of,
)
from kg.sources.registers.opening import Opened, named
from kg.sources.registers.stix_words import ACTOR_CLASSES, REFERENCE, SECTORS

#: Bytes of one bundle; it is read whole, and takes many times its size.
MAX_BUNDLE: Final = 100_000_000
#: The objects that are read; others are counted.
_READ: Final = frozenset(
    {
        "attack-pattern",
        "identity",
        "intrusion-set",
        "location",
        "marking-definition",
        "relationship",
        "threat-actor",
    }
)
_ACTORS: Final = ("intrusion-set", "threat-actor")
_OPEN_TLP: Final = frozenset({"white", "clear"})


class Object(NamedTuple):
    """One object of a bundle and where it stands."""

    values: dict[str, Any]
    file: str
    path: str
    source: str


class StixImport(Importer):
    """Reads bundles."""

    def read(self, files: Sequence[Opened]) -> Imported | Troubles:
        """See :class:`Importer`. A bundle marked with TLP cannot become public: a UsageError."""
        self.objects: dict[str, Object] = {}
        for number, file in enumerate(files):
            self.step(file.name)
            with named(file):
                part = "stix" if len(files) == 1 else f"stix-{number + 1}"
                self._read(file, part, alone=len(files) == 1)
        self.links: dict[tuple[str, str], list[str]] = {}
        for key in sorted(self.objects):
            one = self.objects[key].values
            if one["type"] == "relationship":
                link = (one["source_ref"], one["relationship_type"])
                self.links.setdefault(link, []).append(one["target_ref"])
        for key in sorted(self.objects):
            if self.objects[key].values["type"] in _ACTORS:
                self._actor(key)
        return self.outcome(_WORDS)

    # -- reading

    def _read(self, file: Opened, part: str, *, alone: bool) -> None:
        raw = _bundle(file)
        found = [
            (place, one)
            for place, values in enumerate(raw)
            if (one := self._parsed(file.name, f"$.objects[{place}]", values)) is not None
        ]
        self._refuse_tlp(file, found)
        date = max((one["modified"] for _, one in found if "modified" in one), default="")
        actors = [one for _, one in found if one["type"] in _ACTORS]
        people = {one["created_by_ref"] for one in actors if "created_by_ref" in one}
        names = [one["name"] for _, one in found if one.get("id") in people and "name" in one]
        publisher = names[0] if len(names) == len(people) == 1 else ""
        header = Header(part, "Dreigingsactoren (STIX 2.1)", publisher, date)
        source = self.tables.source(file, header, alone=alone)
        for place, one in found:
            before = self.objects.get(one["id"])
            if before and before.values.get("modified", "") >= one.get("modified", ""):
                continue
            self.objects[one["id"]] = Object(one, file.name, f"$.objects[{place}]", source)

    def _parsed(self, file: str, path: str, values: Any) -> dict[str, Any] | None:
        """An object that stix2 accepts, as plain values; None for those that are not read."""
        import stix2
        from stix2.exceptions import STIXError

        kind = values.get("type") if isinstance(values, dict) else None
        if isinstance(kind, str) and kind not in _READ:
            self.counts["others"] += 1
            return None
        try:
            if not isinstance(kind, str):
                raise ValueError("no type")
            parsed = stix2.parse(values, allow_custom=True, version="2.1")
            if parsed.get("revoked", False):
                self.counts["revoked"] += 1
                return None
        except (STIXError, ValueError, TypeError, KeyError, AttributeError) as error:
            why = shown(" ".join(str(error).split()))
            self.troubles.add(
                Location(file, path=path),
                "stix",
                f"Dit is geen object van STIX 2.1 ({why}); verbeter het.",
                f"This is no object of STIX 2.1 ({why}); correct it.",
            )
            return None
        plain: dict[str, Any] = json.loads(parsed.serialize())
        return plain

    def _refuse_tlp(self, file: Opened, found: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """What may not be public by TLP may not become so."""
        colours = sorted({c for _, one in found if (c := _tlp(one)) and c not in _OPEN_TLP})
        if colours and self.known.ranks[self.about.marking] == 0:
            said = ", ".join(f"TLP:{colour.upper()}" for colour in colours)
            raise UsageError(
                "import.tlp",
                f"{file.name} draagt {said}; geef een --marking boven '{self.about.marking}'.",
                f"{file.name} carries {said}; give a --marking above '{self.about.marking}'.",
            )

    # -- taking over

    def _actor(self, key: str) -> None:
        object_ = self.objects[key]
        one = object_.values
        classes = sorted(self._classes(key, set()))
        if not classes:
            self.counts["classless"] += 1
            name = shown(str(one.get("name", "")))
            self.tables.propose_row(
                {
                    "kind": "actorsoort",
                    "label": name,
                    "field": "actorClass",
                    "register": shown(", ".join(one.get("threat_actor_types", ()))),
                    "number": key,
                    "source": object_.source,
                    "file": object_.file,
                    "place": object_.path,
                }
            )
            return
        try:
            name = text_of(one["name"])
            aliases = [text_of(alias) for alias in one.get("aliases", ())]
        except CellError as error:
            self.troubles.cell(Location(object_.file, path=f"{object_.path}.name"), error)
            return
        countries = sorted(
            {
                found
                for code in self._states(key, set())
                if (found := self.tables.country(code, object_.source))
            }
        )
        sectors, rest = self._sectors(key)
        threats = sorted(
            own
            for target in self.links.get((key, "uses"), ())
            if (own := self._own(target)) in self.known.threats
        )
        own = self._own(key)
        row = {
            "id": own or own_id("stix", name, key),
            "label": name,
            "label@en": name,
            "altLabel": ";".join(alias.replace(";", "\\;") for alias in sorted(set(aliases))),
            "actorClass": ";".join(classes),
            "attributedTo": ";".join(countries),
            "targetsSector": ";".join(sectors),
            "usesThreat": ";".join(threats),
            "note": f"Ook genoemd als doelwit (STIX) {', '.join(rest)}" if rest else "",
            "source": object_.source,
        }
        if self.tables.add("ThreatActor", row):
            self.counts["actors"] += 1
            self.counts["attributed"] += bool(countries)
            self.counts["targeting"] += bool(sectors)

    def _classes(self, key: str, seen: set[str]) -> set[str]:
        """Classes of an actor, or of the actors that an intrusion set is attributed to."""
        one = self.objects.get(key)
        if one is None or key in seen:
            return set()
        seen.add(key)
        if one.values["type"] == "threat-actor":
            words = one.values.get("threat_actor_types", ())
            return {ACTOR_CLASSES[word] for word in words if word in ACTOR_CLASSES}
        if one.values["type"] == "intrusion-set":
            above = self.links.get((key, "attributed-to"), ())
            return {found for target in above for found in self._classes(target, seen)}
        return set()

    def _states(self, key: str, seen: set[str]) -> set[str]:
        """Codes of the countries that an actor is attributed to."""
        one = self.objects.get(key)
        if one is None or key in seen:
            return set()
        seen.add(key)
        found = set()
        kind = one.values["type"]
        state = "nation-state" in one.values.get("threat_actor_types", ())
        if kind == "identity" or (kind == "threat-actor" and state):
            for place in self.links.get((key, "located-at"), ()):
                where = self.objects.get(place)
                if where is not None and where.values.get("country"):
                    found.add(str(where.values["country"]))
        if kind in _ACTORS:
            for target in self.links.get((key, "attributed-to"), ()):
                found |= self._states(target, seen)
        return found

    def _sectors(self, key: str) -> tuple[list[str], list[str]]:
        """Our sectors that an actor targets, and words of STIX that are none of them."""
        found, rest = set(), set()
        for target in self.links.get((key, "targets"), ()):
            one = self.objects.get(target)
            if one is None or one.values["type"] != "identity":
                continue
            own = self._own(target)
            if own in self.known.sectors:
                found.add(own)
                continue
            for word in one.values.get("sectors", ()):
                sector = SECTORS.get(word, "")
                if sector in self.known.sectors:
                    found.add(sector)
                else:
                    rest.add(shown(word))
        return sorted(found), sorted(rest)

    def _own(self, key: str) -> str:
        """The id that we gave this object when we wrote it; empty when it is not ours."""
        one = self.objects.get(key)
        references = one.values.get("external_references", ()) if one else ()
        for reference in references:
            if reference.get("source_name") == REFERENCE:
                own = str(reference.get("external_id", ""))
                return own if ID_PATTERN.fullmatch(own) else ""
        return ""


def _bundle(file: Opened) -> Iterable[Any]:
    """The objects of a bundle.

    Raises:
        FileError: something else.
    """
    document = load_json(file.whole(MAX_BUNDLE)) if file.kind == "json" else None
    if not isinstance(document, dict) or document.get("type") != "bundle":
        raise FileError(
            "not-stix",
            'Dit is geen bundel van STIX 2.1: er staat geen "type": "bundle". Neem het '
            "JSON-bestand met de bundel.",
            'This is no bundle of STIX 2.1: there is no "type": "bundle". Take the JSON file '
            "with the bundle.",
        )
    objects = document.get("objects", [])
    objects = objects if isinstance(objects, list) else [{}]
    versions = {str(one.get("spec_version")) for one in objects if isinstance(one, dict)}
    if "spec_version" in document or not versions <= {"2.1"}:
        raise FileError(
            "stix-version",
            "De bundel is niet (geheel) van STIX 2.1; zet haar om met een hulpmiddel van de "
            "leverancier.",
            "The bundle is not (wholly) of STIX 2.1; convert it with a tool of the supplier.",
            path="$.objects",
        )
    found: list[Any] = objects
    return found


def _tlp(one: dict[str, Any]) -> str:
    """The colour of a marking by the Traffic Light Protocol, version 1 or 2; empty if none."""
    if one["type"] != "marking-definition":
        return ""
    definition = one.get("definition", {})
    if one.get("definition_type") == "tlp" and isinstance(definition, dict):
        return str(definition.get("tlp", "")).lower()
    for extension in (one.get("extensions") or {}).values():
        if isinstance(extension, dict) and "tlp_2_0" in extension:
            return str(extension["tlp_2_0"]).lower()
    return ""


_WORDS: Final = (
    ("actors", "dreigingsactoren overgenomen", "threat actors taken over"),
    ("attributed", "daarvan toegeschreven aan een land", "of which attributed to a country"),
    ("targeting", "daarvan met sectoren als doelwit", "of which with sectors as target"),
    ("classless", "actoren zonder soort, voorgesteld", "actors without a class, proposed"),
    ("revoked", "ingetrokken objecten", "revoked objects"),
    ("others", "objecten van een andere soort", "objects of another kind"),
)
