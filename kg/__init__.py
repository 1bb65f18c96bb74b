"""Kennisgraaf van vitale processen: build a release, query it, see what falls over and why."""

from typing import Any

__version__ = "0.1.0"
__all__ = ["Limits", "__version__", "open"]


def __getattr__(name: str) -> Any:
    """What is imported when it is first used, so that ``import kg`` costs nothing."""
    if name in ("Limits", "open"):
        import kg.api

        return getattr(kg.api, name)
    raise AttributeError(f"module 'kg' has no attribute {name!r}")
