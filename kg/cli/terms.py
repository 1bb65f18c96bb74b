"""The terms under which a what-if is judged, as options."""

from __future__ import annotations

import click

from kg.cli.base import Function
from kg.language import say


def control_options(function: Function) -> Function:
    """``--policy`` and ``--at``: under which policy, on which day."""
    policy = click.option(
        "--policy",
        metavar=say("BELEID", "POLICY"),
        help=say(
            "Een ander beleid uit de gegevens: id, IRI of label. [dat van de release]",
            "Another policy of the data: id, IRI or label. [that of the release]",
        ),
    )
    at = click.option(
        "--at",
        metavar=say("DATUM", "DATE"),
        help=say(
            "Zeggenschap, uitspraken en vertrouwen op deze dag. [de peildatum]",
            "Control, statements and trust on this day. [the analysis date]",
        ),
    )
    return policy(at(function))


def terms_options(function: Function) -> Function:
    """As :func:`control_options`, and ``--horizon``: the terms of a verdict."""
    horizon = click.option(
        "--horizon",
        metavar=say("DUUR", "DURATION"),
        help=say(
            "Hoe ver vooruit: P90D, P1Y. [die van het beleid]",
            "How far ahead: P90D, P1Y. [that of the policy]",
        ),
    )
    return control_options(horizon(function))
