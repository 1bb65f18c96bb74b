"""Kennisgraaf van vitale processen: build a release, query it, see what falls over and why."""

__version__ = "0.1.0"
