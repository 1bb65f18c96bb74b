"""Documented incidents against the cascade: what it predicts, what happened, and why they differ.

Two ways, scored apart and never mixed:

- *informed*: the network is made of the dependencies that the incident file itself records. They
  were mostly read in the same texts as the outcomes, so agreement shows that the model can express
  what happened; it is no proof of foresight.
- *blind*: the network is made of the archetype library, from the entities and their kinds alone.

The engine is :func:`kg.cascade.cascade`; nothing here computes a cascade of its own.
"""

from kg.cascade.backtest.blind import BlindNeeds, blind_needs
from kg.cascade.backtest.compare import Comparison, IncidentScore, compare
from kg.cascade.backtest.predict import Need, Needs, Prediction, informed_needs, predict
from kg.cascade.backtest.report import caveat, score_json, total_of

__all__ = [
    "BlindNeeds",
    "Comparison",
    "IncidentScore",
    "Need",
    "Needs",
    "Prediction",
    "blind_needs",
    "caveat",
    "compare",
    "informed_needs",
    "predict",
    "score_json",
    "total_of",
]
