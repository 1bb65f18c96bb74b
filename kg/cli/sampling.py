"""``kg cascade --samples``: its options, and how what was sampled is printed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.cascade import Outage, SampleResult, cascade, sample
from kg.cli.base import EXIT_INTERRUPTED, clean
from kg.cli.output import note, print_csv, print_json, print_table, progress
from kg.cli.pages import keep_page
from kg.errors import UsageError
from kg.language import say
from kg.network import Network
from kg.release import Release

Function = TypeVar("Function", bound=Callable[..., Any])


def sampling_options(function: Function) -> Function:
    """``--samples``, ``--seed`` and ``--cores``."""
    cores = click.option(
        "--cores",
        type=int,
        metavar="N",
        help=say(
            "Kernen voor --samples; het antwoord hangt er niet van af. [1]",
            "Cores for --samples; the answer does not depend on it. [1]",
        ),
    )
    seed = click.option(
        "--seed",
        type=int,
        metavar="N",
        help=say(
            "Beginwaarde van --samples; gelijk geeft gelijk. [0]",
            "Seed of --samples; the same gives the same. [0]",
        ),
    )
    samples = click.option(
        "--samples",
        type=int,
        metavar="N",
        help=say(
            "Trek N keer buffers tussen hun grenzen, en uitvallen met hun kans (EENHEID~0.2); "
            "toon kansen.",
            "Draw buffers between their bounds N times, and outages with their probability "
            "(UNIT~0.2); show chances.",
        ),
    )
    return samples(seed(cores(function)))


def without_samples(seed: int | None, cores: int | None) -> None:
    """Refuse options that mean nothing without ``--samples``."""
    for name, value in (("--seed", seed), ("--cores", cores)):
        if value is not None:
            raise UsageError(
                "usage.samples",
                f"{name} heeft alleen zin met --samples.",
                f"{name} only makes sense with --samples.",
            )


def run_samples(
    opened: Release,
    network: Network,
    outages: Sequence[Outage],
    hours: float,
    *,
    samples: int,
    seed: int | None,
    cores: int | None,
    format_: str,
    html: Path | None,
    sector_labels: dict[str, str],
) -> None:
    """Draw, and print what came out; ends the command with 130 when it was interrupted."""
    with progress() as step:

        def tell(done: int) -> None:
            if step:
                step(say(f"{done} van {samples} trekkingen", f"{done} of {samples} samples"))

        result = sample(
            network,
            outages,
            hours,
            samples,
            seed or 0,
            cores=1 if cores is None else cores,
            progress=tell,
        )
    if html is not None:
        _write(result, opened, html, sector_labels)
    _print(result, opened, format_)
    if not result.complete:
        click.get_current_context().exit(EXIT_INTERRUPTED)


def _print(result: SampleResult, opened: Release, format_: str) -> None:
    from kg.views.sampled import columns, notes, rows, summary

    if format_ == "json":
        print_json(result.to_json(opened.id, opened.level))
    elif format_ == "csv":
        _csv(result)
    else:
        struck = ", ".join(dict.fromkeys(result.network.label(one.unit) for one in result.outages))
        title = say(f"Als {struck} uitvalt", f"If {struck} goes down")
        click.echo(clean(f"{title}\n{summary(result)}\n"))
        print_table(columns(result), rows(result))
        for text in notes(result):
            click.echo(clean(f"! {text}"))
    if format_ != "table" and not result.complete:
        note(notes(result)[0])


def _csv(result: SampleResult) -> None:
    """One row per unit and moment."""
    network = result.network
    print_csv(
        ("unit", "label", "hours", "p_down_by", "low", "high"),
        (
            (network.units[one.unit], network.label(one.unit), hours, *chance)
            for one in result.chances
            for hours, chance in zip(result.grid_hours, result.down_by(one.unit), strict=True)
        ),
    )


def _write(
    result: SampleResult, opened: Release, html: Path, sector_labels: dict[str, str]
) -> None:
    from dataclasses import replace

    from kg.views import Frame
    from kg.views.cascade import cascade_view
    from kg.views.sampled import notes, sampled_bands

    frame = Frame(opened.level, opened.id, opened.policy, opened.date)
    best = cascade(result.network, result.outages, result.horizon_hours)
    view = cascade_view(best, frame, sector_labels=sector_labels)
    about = say(
        "Beeld en tabel tonen de beste schattingen, met elke uitval.",
        "Picture and table show the best estimates, with every outage.",
    )
    said = dict.fromkeys((about, *notes(result), *view.notes))
    keep_page(opened, replace(view, bands=sampled_bands(result), notes=tuple(said)), html)
