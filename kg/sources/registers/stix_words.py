"""Words of STIX 2.1 and of our vocabulary that mean the same, for the way in and the way out.

Where STIX has a word that could mean several of ours, or none, it is not translated.
"""

import uuid
from typing import Final

#: Of ids that we give: UUID version 5 of our IRI, so that a thing always has the same one.
NAMESPACE: Final = uuid.NAMESPACE_URL
#: By this name our own ids stand among the external references of an object.
REFERENCE: Final = "vitaal-kg"

#: Our class of actor → the word of ``threat-actor-type-ov``. That list is open: the last ones are
#: words of our own.
ACTOR_TYPES: Final = {
    "activistActor": "activist",
    "criminalActor": "criminal",
    "marketActor": "competitor",
    "stateActor": "nation-state",
    "terroristActor": "terrorist",
    "insiderActor": "insider",
    "nonStateActor": "non-state",
    "naturalCause": "natural-cause",
    "systemicCause": "systemic-cause",
    "technicalCause": "technical-cause",
}
#: And back, with the words that say more than our classes do.
ACTOR_CLASSES: Final = {word: local for local, word in ACTOR_TYPES.items()} | {
    "crime-syndicate": "criminalActor",
    "insider-accidental": "insiderActor",
    "insider-disgruntled": "insiderActor",
}

#: The word of ``industry-sector-ov`` → the id of our sector, where they are the same thing.
SECTORS: Final = {
    "chemical": "chemie",
    "communications": "telecom",
    "dams": "water",
    "defense": "defensie",
    "emergency-services": "oov",
    "energy": "energie",
    "financial-services": "financieel",
    "government": "overheid",
    "government-local": "overheid",
    "government-national": "overheid",
    "government-public-services": "overheid",
    "government-regional": "overheid",
    "healthcare": "gezondheid",
    "manufacturing": "vervaardiging",
    "nuclear": "nucleair",
    "telecommunications": "telecom",
    "transportation": "vervoer",
}
#: And back: one word for each of our sectors that has one.
SECTOR_WORDS: Final = {
    "chemie": "chemical",
    "defensie": "defense",
    "energie": "energy",
    "financieel": "financial-services",
    "gezondheid": "healthcare",
    "nucleair": "nuclear",
    "oov": "emergency-services",
    "overheid": "government",
    "telecom": "telecommunications",
    "vervaardiging": "manufacturing",
    "vervoer": "transportation",
    "water": "dams",
}


def stix_id(kind: str, iri: str) -> str:
    """The id of an object of this kind about this thing: ``threat-actor--…``."""
    return f"{kind}--{uuid.uuid5(NAMESPACE, iri)}"
