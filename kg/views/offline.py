"""What every page needs to open without a network: our assets, escaping, and a strict policy."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template


def content_policy(styles: str, *scripts: str) -> str:
    """A Content Security Policy that allows this stylesheet and these scripts, and no more."""
    return "; ".join(
        (
            "default-src 'none'",
            *((f"script-src {' '.join(map(_hash, scripts))}",) if scripts else ()),
            f"style-src {_hash(styles)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


@cache
def asset(name: str) -> str:
    """The text of one of our own files."""
    text = files("kg.views").joinpath("assets", name).read_text("utf-8")
    return text.replace("\r\n", "\n")


@cache
def template(name: str) -> Template:
    """One of our templates; everything that goes in is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(asset(name))


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
