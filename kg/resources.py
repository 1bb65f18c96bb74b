"""Finds the folders that come with the package: in a checkout and in an installed wheel."""

from functools import cache
from pathlib import Path
from typing import Literal

from kg.errors import ReleaseError

Folder = Literal["ontology", "shapes", "queries", "data", "schemas"]


@cache
def folder(name: Folder) -> Path:
    """The folder ``ontology``, ``shapes``, ``queries``, ``data`` or ``schemas``.

    In a wheel they stand inside the package; in a checkout beside it.

    Raises:
        ReleaseError: the installation is incomplete.
    """
    here = Path(__file__).resolve().parent
    for candidate in (here / "_resources" / name, here.parent / name):
        if candidate.is_dir():
            return candidate
    raise ReleaseError(
        "resources.missing",
        f"De map '{name}' ontbreekt in deze installatie; installeer vitaal-kg opnieuw.",
        f"The folder '{name}' is missing from this installation; install vitaal-kg again.",
    )
