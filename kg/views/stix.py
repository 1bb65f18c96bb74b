"""Threat actors of a release as a bundle of STIX 2.1, by OASIS's own library.

Ids are UUIDs version 5 of our IRIs and times the day of the analysis, so that the same release
gives the same bytes. A country that an actor is attributed to becomes an identity (its state) that
is located at it, a sector an identity of the class *class*, a threat an attack pattern.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pyoxigraph import Literal

from kg.names import ID, SPARQL_PREFIXES, local_id
from kg.sources.registers.stix_words import ACTOR_TYPES, REFERENCE, SECTOR_WORDS, stix_id
from kg.store import GraphStore
from kg.views.model import Frame

_ACTORS: Final = (
    SPARQL_PREFIXES
    + """
SELECT DISTINCT ?actor ?predicate ?value ?label ?code WHERE {
  ?actor a vit:ThreatActor .
  {
    VALUES ?predicate { skos:prefLabel skos:altLabel vit:actorClass }
    ?actor ?predicate ?value .
  } UNION {
    VALUES ?predicate { vit:attributedTo vit:targetsSector vit:usesThreat }
    ?actor ?predicate ?value .
    ?value skos:prefLabel ?label .
    FILTER (LANG(?label) = "nl")
    OPTIONAL { ?value vit:isoAlpha2 ?code }
  }
}
ORDER BY ?actor ?predicate ?value ?label ?code
"""
)


class _Linked(NamedTuple):
    iri: str
    label: str
    code: str


def bundle(store: GraphStore, frame: Frame) -> bytes:
    """The bundle as JSON; its marking names the release and its level."""
    from stix2 import v21

    when = f"{frame.date}T00:00:00.000Z"
    times = {"created": when, "modified": when}
    statement = v21.MarkingDefinition(
        id=stix_id("marking-definition", f"{ID}release-{frame.release}"),
        created=when,
        definition_type="statement",
        definition=v21.StatementMarking(
            statement=f"vitaal-kg release {frame.release}, {frame.level}"
        ),
    )
    common: dict[str, Any] = {**times, "object_marking_refs": [statement.id]}
    found: dict[str, Any] = {}

    def put(maker: Any, kind: str, iri: str, **values: Any) -> str:
        key = stix_id(kind, iri)
        if key not in found:
            found[key] = maker(id=key, **common, **values)
        return key

    def link(source: str, kind: str, target: str) -> None:
        iri = f"{source} {kind} {target}"
        key = stix_id("relationship", iri)
        if key not in found:
            found[key] = v21.Relationship(
                id=key, source_ref=source, relationship_type=kind, target_ref=target, **common
            )

    for iri, facts in _actors(store).items():
        words = [ACTOR_TYPES[one] for one in facts["actorClass"] if one in ACTOR_TYPES]
        actor = put(
            v21.ThreatActor,
            "threat-actor",
            iri,
            name=facts["name"],
            external_references=[_reference(iri)],
            **({"aliases": facts["aliases"]} if facts["aliases"] else {}),
            **({"threat_actor_types": words} if words else {}),
        )
        for one in facts["attributedTo"]:
            place = put(v21.Location, "location", one.iri, country=one.code, name=one.label)
            state = put(
                v21.Identity,
                "identity",
                one.iri,
                name=one.label,
                identity_class="organization",
                sectors=["government"],
                external_references=[_reference(one.iri)],
            )
            link(state, "located-at", place)
            link(actor, "attributed-to", state)
        for one in facts["targetsSector"]:
            word = SECTOR_WORDS.get(local_id(one.iri))
            sector = put(
                v21.Identity,
                "identity",
                one.iri,
                name=one.label,
                identity_class="class",
                external_references=[_reference(one.iri)],
                **({"sectors": [word]} if word else {}),
            )
            link(actor, "targets", sector)
        for one in facts["usesThreat"]:
            pattern = put(
                v21.AttackPattern,
                "attack-pattern",
                one.iri,
                name=one.label,
                external_references=[_reference(one.iri)],
            )
            link(actor, "uses", pattern)
    objects = [statement, *(found[key] for key in sorted(found))]
    whole = v21.Bundle(id=stix_id("bundle", f"{ID}release-{frame.release}"), objects=objects)
    text: str = whole.serialize(pretty=True)
    return text.encode() + b"\n"


def _reference(iri: str) -> dict[str, str]:
    return {"source_name": REFERENCE, "external_id": local_id(iri), "url": iri}


def _actors(store: GraphStore) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for actor, predicate, value, label, code in store.select(_ACTORS).rows:
        iri, local = _plain(actor), _plain(predicate).rpartition("#")[2]
        facts = found.setdefault(
            iri,
            {
                "name": local_id(iri),
                "aliases": [],
                "actorClass": [],
                "attributedTo": [],
                "targetsSector": [],
                "usesThreat": [],
            },
        )
        if local == "prefLabel":
            if isinstance(value, Literal) and value.language == "nl":
                facts["name"] = value.value
        elif local == "altLabel":
            facts["aliases"].append(_plain(value))
        elif local == "actorClass":
            facts["actorClass"].append(_plain(value).rpartition("#")[2])
        else:
            facts[local].append(_Linked(_plain(value), _plain(label), _plain(code)))
    return found


def _plain(term: object) -> str:
    return str(getattr(term, "value", ""))
