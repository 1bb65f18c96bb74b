"""All targets by name, in the order of the report."""

from typing import Final

import asking
import building
import intake
import reading
import showing
from cases import Target

TARGETS: Final[dict[str, type[Target]]] = {
    "csv": intake.Csv,
    "xlsx": intake.Xlsx,
    "turtle": intake.Turtle,
    "trig": intake.TriG,
    "nquads": intake.NQuads,
    "rdfxml": intake.RdfXml,
    "jsonld": intake.JsonLd,
    "names": intake.Names,
    "gleif": reading.Gleif,
    "ocds": reading.Ocds,
    "cyclonedx": reading.CycloneDx,
    "stix": reading.Stix,
    "incidents": reading.Incidents,
    "open-psa": reading.OpenPsa,
    "area": reading.Area,
    "parameters": asking.Parameters,
    "sparql": asking.Sparql,
    "arguments": asking.Arguments,
    "labels": showing.Labels,
    "build": building.Build,
}
