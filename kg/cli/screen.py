"""``kg screen``: every unit, or every pair, as what fails first; what weighs most."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from kg.cascade import Pairs, Singles, parse_horizon, screen_pairs, screen_singles
from kg.cli.base import (
    EXIT_INTERRUPTED,
    Command,
    clean,
    example,
    format_option,
    release_options,
)
from kg.cli.origin import open_release
from kg.cli.output import note, print_csv, print_json, print_table, progress
from kg.cli.screen_measures import measure_options, screen_measures
from kg.errors import UsageError
from kg.language import say
from kg.names import ID, VIT, expand, local_id
from kg.network import Network, resolve
from kg.network.records import finite
from kg.processes import usual_cores
from kg.release import Release
from kg.views.words import duration, number

_HORIZON: Final = "PT72H"
#: Rows that a person sees without asking for more.
_SHOWN: Final = 20
#: Without a choice, pairs among this many units that weigh most alone.
_AMONG: Final = 200

Step = Callable[[str], None] | None


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "screen",
        cls=Command,
        help=say(
            "Laat elke eenheid (orde 1) of elk paar (orde 2) uitvallen en rangschik wat dat kost. "
            "Paren: wat zij samen meer doen dan elk apart. Of rangschik maatregelen (--measures).",
            "Let every unit (order 1) or every pair (order 2) fail and rank what that costs. "
            "Pairs: what they do together beyond each alone. Or rank measures (--measures).",
        ),
        epilog=example(
            "kg screen --top 10",
            "kg screen --order 2 --within energie --horizon P3D",
            "kg screen --order 2 --among 500 --state doorlichting.kg",
            "kg screen --format csv > doorlichting.csv",
            "kg screen --measures --scenario oef-sc-station --budget 5000000",
        ),
    )
    @click.option(
        "--order",
        type=click.IntRange(1, 2),
        default=1,
        metavar="1|2",
        help=say("1: elke eenheid; 2: elk paar. [1]", "1: every unit; 2: every pair. [1]"),
    )
    @click.option(
        "--horizon",
        metavar=say("DUUR", "DURATION"),
        help=say(
            "Hoe ver vooruit: PT72H, P3D. [PT72H, of die van het scenario]",
            "How far ahead: PT72H, P3D. [PT72H, or that of the scenario]",
        ),
    )
    @click.option(
        "--within",
        metavar="SECTOR",
        help=say("Alleen eenheden van deze sector.", "Only units of this sector."),
    )
    @click.option(
        "--units",
        multiple=True,
        metavar=say("EENHEID", "UNIT"),
        help=say("Alleen deze eenheden (herhaalbaar).", "Only these units (repeatable)."),
    )
    @click.option(
        "--among",
        type=click.IntRange(min=2),
        metavar="N",
        help=say(
            f"Orde 2: de N die alleen het meest wegen. [{_AMONG}]",
            f"Order 2: the N that weigh most alone. [{_AMONG}]",
        ),
    )
    @click.option(
        "--top",
        type=click.IntRange(min=1),
        metavar="N",
        help=say(
            f"Toon de eerste N. [{_SHOWN} in een tabel, anders alle]",
            f"Show the first N. [{_SHOWN} in a table, else all]",
        ),
    )
    @click.option(
        "--cores",
        type=click.IntRange(1, 256),
        metavar="N",
        help=say("Rekenkernen; de uitkomst is gelijk.", "Cores; the outcome is the same."),
    )
    @click.option(
        "--state",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar=say("BESTAND", "FILE"),
        help=say(
            "Bewaar wat gedaan is en ga daar verder.", "Keep what is done and go on from there."
        ),
    )
    @measure_options
    @release_options
    @format_option("table", "json", "csv")
    def screen(
        order: int,
        horizon: str | None,
        within: str | None,
        units: tuple[str, ...],
        among: int | None,
        top: int | None,
        cores: int | None,
        state: Path | None,
        release: Path,
        level: str | None,
        format_: str,
        **asked: Any,
    ) -> None:
        opened = open_release(release, level)
        if screen_measures(
            opened, asked, units, horizon, format_,
            others=(order != 1, within, among, top, cores, state),
        ):  # fmt: skip
            return
        hours = parse_horizon(horizon or _HORIZON)
        network, wholes = opened.network(), _wholes(opened)
        chosen = _chosen(network, wholes, within, units)
        shown = top or (_SHOWN if format_ == "table" else None)
        options: dict[str, Any] = {"cores": cores or usual_cores()}
        with progress() as step:
            if order == 1:
                found: Singles | Pairs = screen_singles(
                    network, hours, chosen, within=wholes, state=state,
                    progress=_told(step, say("eenheden", "units")), **options,
                )  # fmt: skip
            else:
                if chosen is None or among is not None:
                    heaviest = screen_singles(
                        network, hours, chosen, within=wholes,
                        progress=_told(step, say("eenheden", "units")), **options,
                    )  # fmt: skip
                    if not heaviest.complete:
                        raise KeyboardInterrupt
                    best = heaviest.order[: among or _AMONG]
                    chosen = heaviest.unit[best].tolist()
                found = screen_pairs(
                    network, hours, chosen, state=state,
                    progress=_told(step, say("paren, eerste van", "pairs, first of")), **options,
                )  # fmt: skip
        show(opened, network, found, shown, format_)
        if not found.complete:
            note(_partial(found, state))
            raise click.exceptions.Exit(EXIT_INTERRUPTED)

    return screen


def show(
    release: Release, network: Network, found: Singles | Pairs, shown: int | None, format_: str
) -> None:
    """Print a ranking in the chosen format."""
    rows = singles_rows(network, found, shown) if isinstance(found, Singles) else pairs_rows(
        network, found, shown
    )  # fmt: skip
    if format_ == "json":
        print_json(_json(release, network, found, rows))
    elif format_ == "csv":
        headings = list(_SINGLE_COLUMNS if isinstance(found, Singles) else _PAIR_COLUMNS)
        print_csv(headings, ([row[name] for name in headings] for row in rows))
    else:
        _table(network, found, rows)


_SINGLE_COLUMNS: Final = (
    "rank", "unit", "label", "sector", "vital_processes_lost", "sectors_reached", "other_sectors",
    "units_lost", "units_degraded", "unit_hours_lost", "earliest_vital_loss_hours",
)  # fmt: skip
_PAIR_COLUMNS: Final = (
    "rank", "unit", "label", "second_unit", "second_label", "extra_vital_processes_lost",
    "extra_units_lost", "extra_unit_hours_lost", "earliest_extra_vital_loss_hours",
    "vital_processes_lost", "units_lost", "unit_hours_lost",
)  # fmt: skip


def singles_rows(network: Network, found: Singles, shown: int | None) -> list[dict[str, Any]]:
    """The ranking of single failures, one dictionary per unit."""
    rows = []
    for rank, place in enumerate(found.order[:shown].tolist(), 1):
        unit = int(found.unit[place])
        values = (
            rank, network.units[unit], network.label(unit), network.sector_of(unit),
            int(found.vital[place]), int(found.sectors[place]), int(found.others[place]),
            int(found.units[place]), int(found.degraded[place]), float(found.hours[place]),
            finite(float(found.earliest[place])),
        )  # fmt: skip
        rows.append(dict(zip(_SINGLE_COLUMNS, values, strict=True)))
    return rows


def pairs_rows(network: Network, found: Pairs, shown: int | None) -> list[dict[str, Any]]:
    """The ranking of pairs, one dictionary per pair."""
    rows = []
    for rank, place in enumerate(found.order[:shown].tolist(), 1):
        one, other = int(found.one[place]), int(found.other[place])
        values = (
            rank, network.units[one], network.label(one), network.units[other],
            network.label(other), int(found.more_vital[place]), int(found.more_units[place]),
            float(found.more_hours[place]), finite(float(found.earliest[place])),
            int(found.vital[place]), int(found.units[place]), float(found.hours[place]),
        )  # fmt: skip
        rows.append(dict(zip(_PAIR_COLUMNS, values, strict=True)))
    return rows


def _json(
    release: Release, network: Network, found: Singles | Pairs, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    single = isinstance(found, Singles)
    told: dict[str, Any] = {
        "release": release.id,
        "level": release.level,
        "order": 1 if single else 2,
        "horizon_hours": found.horizon_hours,
        "complete": found.complete,
        "done": found.done,
        "total": found.total,
        "unknown_buffers": int((~network.buffer_known).sum()),
    }
    if isinstance(found, Pairs):
        told |= {"pairs": found.asked, "pairs_computed": found.computed}
    told["found"] = len(found.order)
    return {**told, "units" if single else "interacting_pairs": rows}


def _table(network: Network, found: Singles | Pairs, rows: list[dict[str, Any]]) -> None:
    if isinstance(found, Singles):
        click.echo(
            say(
                f"Elke eenheid apart, {duration(found.horizon_hours)} vooruit: "
                f"{found.done} van {found.total} doorgelicht\n",
                f"Every unit alone, {duration(found.horizon_hours)} ahead: "
                f"{found.done} of {found.total} screened\n",
            )
        )
        print_table(
            (
                "#",
                say("eenheid", "unit"),
                say("vitaal", "vital"),
                say("sectoren", "sectors"),
                say("eenheden", "units"),
                say("beperkt", "degraded"),
                say("eenheid-uren", "unit-hours"),
                say("eerste vitale na", "first vital after"),
            ),
            (
                (
                    str(row["rank"]),
                    row["label"],
                    str(row["vital_processes_lost"]),
                    str(row["sectors_reached"]),
                    str(row["units_lost"]),
                    str(row["units_degraded"]),
                    number(row["unit_hours_lost"]),
                    _when(row["earliest_vital_loss_hours"]),
                )
                for row in rows
            ),
        )
    else:
        click.echo(
            say(
                f"Paren die samen meer doen dan apart, {duration(found.horizon_hours)} vooruit: "
                f"{len(found.order)} van {found.asked} paren\n"
                f"({found.computed} doorgerekend; de andere kunnen elkaar niet raken)\n",
                f"Pairs that do more together than apart, {duration(found.horizon_hours)} ahead: "
                f"{len(found.order)} of {found.asked} pairs\n"
                f"({found.computed} computed; the others cannot affect each other)\n",
            )
        )
        print_table(
            (
                "#",
                say("eenheid", "unit"),
                say("en", "and"),
                say("vitaal erbij", "more vital"),
                say("eenheden erbij", "more units"),
                say("eenheid-uren erbij", "more unit-hours"),
                say("eerste vitale na", "first vital after"),
            ),
            (
                (
                    str(row["rank"]),
                    row["label"],
                    row["second_label"],
                    str(row["extra_vital_processes_lost"]),
                    str(row["extra_units_lost"]),
                    number(row["extra_unit_hours_lost"]),
                    _when(row["earliest_extra_vital_loss_hours"]),
                )
                for row in rows
            ),
        )
    _remarks(network, found, rows)


def _remarks(network: Network, found: Singles | Pairs, rows: list[dict[str, Any]]) -> None:
    """What a reader must know of the table: what is not in it, and what it rests on."""
    lines = []
    if len(rows) < len(found.order):
        lines.append(
            say(
                f"Hier staan er {len(rows)} van {len(found.order)}; meer met --top.",
                f"These are {len(rows)} of {len(found.order)}; more with --top.",
            )
        )
    unknown = int((~network.buffer_known).sum())
    if unknown:
        lines.append(
            say(
                f"Van {unknown} van {len(network.buffer_known)} eisen is de buffer onbekend; die "
                "telt als 0 uur.",
                f"Of {unknown} of {len(network.buffer_known)} requirements the buffer is unknown; "
                "it counts as 0 hours.",
            )
        )
    if rows:
        names = [rows[0][key] for key in ("unit", "second_unit") if key in rows[0]]
        why = "kg cascade " + " ".join(map(local_id, names))
        lines.append(say(f"Waarom: {why}", f"Why: {why}"))
    for line in lines:
        click.echo(clean(f"! {line}"))


def _partial(found: Singles | Pairs, state: Path | None) -> str:
    done = say(
        f"afgebroken: {found.done} van {found.total} gedaan; de rangorde is van dat deel.",
        f"interrupted: {found.done} of {found.total} done; the ranking is of that part.",
    )
    if state is None:
        return done
    return done + say(
        f" Dezelfde opdracht gaat verder waar {state} ophoudt.",
        f" The same command goes on where {state} ends.",
    )


def _told(step: Step, what: str) -> Callable[[int, int], None] | None:
    """Progress as the line on the terminal shows it."""
    if step is None:
        return None
    return lambda done, total: step(
        say(f"doorlichten: {done} van {total} {what}", f"screening: {done} of {total} {what}")
        if what in ("eenheden", "units")
        else say(f"doorlichten: {what} {done}/{total}", f"screening: {what} {done}/{total}")
    )


def _wholes(release: Release) -> dict[str, frozenset[str]]:
    """The sectors that each sector is part of, all the way up."""
    from pyoxigraph import NamedNode

    query = f"SELECT DISTINCT ?part ?whole WHERE {{ ?part <{VIT}subSectorOf>+ ?whole }}"
    found: dict[str, set[str]] = {}
    for part, whole in release.store.select(query).rows:
        if isinstance(part, NamedNode) and isinstance(whole, NamedNode):
            found.setdefault(part.value, set()).add(whole.value)
    return {part: frozenset(above) for part, above in found.items()}


def _chosen(
    network: Network,
    wholes: dict[str, frozenset[str]],
    within: str | None,
    units: Sequence[str],
) -> list[int] | None:
    """The units that ``--within`` and ``--units`` name; None when neither is given."""
    named = {resolve(network, unit) for unit in units}
    if within is None:
        return sorted(named) or None
    folded = within.strip().casefold()
    sectors = {*network.sectors, *(one for above in wholes.values() for one in above)}
    labels = dict(zip(network.sectors, network.sector_labels, strict=True))
    hits = [
        one
        for one in sorted(sectors)
        if one in (within, expand(within), ID + within)
        or folded in (local_id(one).casefold(), labels.get(one, "").casefold())
    ]
    if not hits:
        known = ", ".join(local_id(one) for one in network.sectors)
        raise UsageError(
            "usage.unknown-sector",
            f"'{within}' is geen sector in dit netwerk; wel: {known}.",
            f"'{within}' is not a sector of this network; there are: {known}.",
        )
    parts = [
        place
        for place, one in enumerate(network.sectors)
        if one in hits or not wholes.get(one, frozenset()).isdisjoint(hits)
    ]
    inside = {unit for unit, place in enumerate(network.sector.tolist()) if place in set(parts)}
    return sorted(inside & named if named else inside)


def _when(hours: float | None) -> str:
    return "" if hours is None else duration(hours)
