"""The terms under which a what-if is judged, as options."""

from __future__ import annotations

import click

from kg.cli.base import Function
from kg.language import say


def terms_options(function: Function) -> Function:
    """``--policy``, ``--at`` and ``--horizon``: the terms under which a what-if is judged."""
    options = (
        click.option(
            "--policy",
            metavar=say("BELEID", "POLICY"),
            help=say(
                "Een ander beleid uit de gegevens: id, IRI of label. [dat van de release]",
                "Another policy of the data: id, IRI or label. [that of the release]",
            ),
        ),
        click.option(
            "--at",
            metavar=say("DATUM", "DATE"),
            help=say(
                "Zeggenschap, uitspraken en vertrouwen op deze dag. [de peildatum]",
                "Control, statements and trust on this day. [the analysis date]",
            ),
        ),
        click.option(
            "--horizon",
            metavar=say("DUUR", "DURATION"),
            help=say(
                "Hoe ver vooruit: P90D, P1Y. [die van het beleid]",
                "How far ahead: P90D, P1Y. [that of the policy]",
            ),
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function
