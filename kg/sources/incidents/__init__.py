"""Documented incidents as JSON: read strictly, handed on as frozen values.

A file is one incident::

    {"slug": "town-2020", "title": "…", "title_nl": "…", "date": "2020-01-31", "grade": "B",
     "sources":      [{"id": "S1", "title": "…", "url": "…", "date": "2020-02-01"}],
     "entities":     [{"id": "grid", "name": "Grid", "name_nl": "Net", "sector": "energy",
                       "kind": "distribution_grid"}],
     "dependencies": [{"dependent": "rail", "suppliers": ["grid"], "redundancy": "all",
                       "buffer_hours": null, "effect": "fails", "source": "S1"}],
     "initiating":   [{"entity": "grid", "t_hours": 0, "t_end_hours": 2.5, "why": "…"}],
     "observed":     [{"entity": "rail", "outcome": "failed", "t_fail_hours": 0.5,
                       "t_recover_hours": null, "source": "S1"},
                      {"entity": "hospital", "outcome": "survived", "negative_type": "buffered"}],
     "limits":       [{"nl": "…", "en": "…"}]}

``redundancy`` is ``all``, ``any`` or ``k-of-n`` with ``k`` beside it (``2-of-3`` says both); a
``k-of-n`` without k is read as ``any``. ``buffer_hours`` null or absent is unknown. ``effect``
(``fails`` unless given) and ``t_end_hours`` are additions of this project: most texts give neither.
``t_fail_min_hours`` and ``t_fail_max_hours`` bound a time that is only roughly known. ``limits``
says what a model of requirements cannot express about this incident. Any text ``x`` may have its
Dutch ``x_nl`` beside it. What else stands in a file is reported and ignored.
"""

from kg.sources.incidents.model import (
    NEGATIVE_TYPES,
    OUTCOMES,
    Dependency,
    Entity,
    Incident,
    Initiating,
    NegativeType,
    Observation,
    Outcome,
    Text,
    sector_id,
)
from kg.sources.incidents.reader import read_incident, read_incidents

__all__ = [
    "NEGATIVE_TYPES",
    "OUTCOMES",
    "Dependency",
    "Entity",
    "Incident",
    "Initiating",
    "NegativeType",
    "Observation",
    "Outcome",
    "Text",
    "read_incident",
    "read_incidents",
    "sector_id",
]
