"""Coherent fault trees: minimal cut sets, probabilities, importance. Pure Python, starts at once.

Knows nothing of RDF, networks or releases, and imports neither numpy nor the store: a command that
only reads a fault tree answers in the time of Python itself.
"""
