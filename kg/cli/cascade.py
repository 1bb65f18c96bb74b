"""``kg cascade``: what falls over, when and why, if these units fail."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import click

from kg.cascade import cascade
from kg.cli.base import Command, clean, example, format_option, html_option, release_options
from kg.cli.origin import open_release
from kg.cli.output import print_csv, print_json, print_table, progress
from kg.cli.pages import keep_page
from kg.cli.sampling import run_samples, sampling_options, without_samples
from kg.cli.strikes import print_strikes, strike_options, struck
from kg.cli.with_measures import run_with, with_option
from kg.errors import UsageError
from kg.language import current_language, say
from kg.network import Network
from kg.queries import labels_of
from kg.release import Release
from kg.views import Frame, GraphView
from kg.views.cascade import cascade_view


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "cascade",
        cls=Command,
        help=say(
            "Toon wat er omvalt als deze eenheden uitvallen. EENHEID is een id, IRI of label; "
            "@BEGIN/EINDE zijn ISO 8601-duren vanaf nu. Zonder EINDE duurt de uitval voort. Met "
            "--samples: kansen, en achter een eenheid mag de kans op haar uitval staan (~0.2).",
            "Show what falls over if these units fail. UNIT is an id, IRI or label; @START/END are "
            "ISO 8601 durations from now. Without END the outage lasts. With --samples: chances, "
            "and the probability of its outage may stand behind a unit (~0.2).",
        ),
        epilog=example(
            "kg cascade grid --horizon P3D",
            "kg cascade grid@PT0H/PT2H gsmr@PT1H --html cascade.html",
            "kg cascade grid@PT0H/PT8H~0.2 --samples 10000 --seed 7",
            "kg cascade grid --format json",
            "kg cascade --scenario oef-sc-station",
            "kg cascade --threat overstroming --area polder.geojson --ends P2D",
            "kg cascade --scenario oef-sc-station --with oef-ma-satelliet",
        ),
    )
    @click.argument(
        "units",
        nargs=-1,
        metavar=say("EENHEID[@BEGIN[/EINDE]]…", "UNIT[@START[/END]]…"),
    )
    @click.option(
        "--horizon",
        metavar=say("DUUR", "DURATION"),
        help=say(
            "Hoe ver vooruit: PT72H, P3D. [die van het scenario, anders PT72H]",
            "How far ahead: PT72H, P3D. [that of the scenario, else PT72H]",
        ),
    )
    @strike_options
    @with_option()
    @sampling_options
    @html_option()
    @release_options
    @format_option("table", "json", "csv")
    def cascade_(
        units: tuple[str, ...],
        horizon: str | None,
        samples: int | None,
        seed: int | None,
        cores: int | None,
        html: Path | None,
        release: Path,
        level: str | None,
        format_: str,
        with_: tuple[str, ...],
        **asked: Any,
    ) -> None:
        opened = open_release(release, level)
        network = opened.network()
        hit = struck(opened, network, units, horizon, asked)
        if samples is not None:
            if with_:
                raise UsageError(
                    "usage.samples",
                    "--with gaat niet samen met --samples; reken de maatregel door zonder trekken.",
                    "--with does not go with --samples; work out the measure without samples.",
                )
            return run_samples(
                opened,
                network,
                hit.outages,
                hit.hours,
                samples=samples,
                seed=seed,
                cores=cores,
                format_=format_,
                html=html,
                sector_labels=sector_labels_of(opened, network),
            )
        without_samples(seed, cores)
        if with_:
            return run_with(opened, hit, with_, format_, html, sector_labels_of(opened, network))
        with progress() as step:
            if step:
                step(say("cascade rekenen", "computing the cascade"))
            result = cascade(network, hit.outages, hit.hours)

        @cache
        def view() -> GraphView:
            frame = Frame(opened.level, opened.id, opened.policy, opened.date)
            names = sector_labels_of(opened, network)
            seen = cascade_view(result, frame, title=hit.title, sector_labels=names)
            return replace(seen, notes=(*hit.notes, *seen.notes))

        if html is not None:
            keep_page(opened, view(), html)
        if format_ == "json":
            print_json(
                {
                    **result.to_json(opened.id, opened.level),
                    "strikes": [one.to_json(network) for one in hit.strikes],
                    "notes": list(hit.notes),
                }
            )
        elif format_ == "csv":
            _csv(result.to_json(opened.id, opened.level))
        else:
            print_strikes(network, hit)
            click.echo(clean(f"{view().title}\n{view().subtitle}\n"))
            print_table(view().table_columns, view().table_rows)
            for text in view().notes:
                click.echo(clean(f"! {text}"))
        return None

    return cascade_


def sector_labels_of(release: Release, network: Network) -> dict[str, str]:
    """Names of sectors in the language in force; the network knows the Dutch ones."""
    if current_language() == "nl":
        return {}
    import pyoxigraph as ox

    found = labels_of(release.store, [ox.NamedNode(iri) for iri in network.sectors])
    return {iri: str(text) for iri, text in found.items()}


def _csv(result: dict[str, object]) -> None:
    """One row per event, times in hours."""
    events = result["events"]
    assert isinstance(events, list)
    print_csv(
        ("hours", "unit", "label", "state", "outage", "requirement", "lost"),
        (
            (
                event["hours"],
                event["unit"],
                event["label"],
                event["state"],
                event["because"].get("outage"),
                event["because"].get("requirement"),
                ";".join(event["because"].get("lost", ())),
            )
            for event in events
        ),
    )
