"""What ``kg cascade`` strikes: units, a standing scenario, a threat, a class, a sector, an area."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import click

from kg.cascade import Outage, parse_horizon, parse_moment, parse_outage
from kg.cascade.strikes import Asked, Strike, resolve_sector, scenario_strikes, strikes
from kg.cli.output import print_table
from kg.errors import UsageError
from kg.language import say
from kg.network import Network
from kg.release import Release
from kg.views.words import counted, duration

Function = TypeVar("Function", bound=Callable[..., Any])

#: How far ahead without ``--horizon`` and without a scenario that says so.
_HORIZON: Final = "PT72H"
#: A title names at most this many units.
_NAMED: Final = 3


class Struck(NamedTuple):
    """What is struck.

    Attributes:
        strikes: with their reasons, in the order of ``outages``; units that were typed come last.
        chosen: how many of them were chosen by something else than their own name.
        title: of the picture.
        hours: how far ahead.
        notes: what people must know of the choice.
    """

    strikes: tuple[Strike, ...]
    chosen: int
    title: str
    hours: float
    notes: tuple[str, ...]

    @property
    def outages(self) -> list[Outage]:
        """Just the outages."""
        return [one.outage for one in self.strikes]


def strike_options(function: Function) -> Function:
    """The options that choose what is struck; :func:`struck` reads them."""
    moment = say("DUUR", "DURATION")
    options = (
        click.option(
            "--scenario",
            metavar=say("ID|LABEL", "ID|LABEL"),
            help=say(
                "Een scenario uit de gegevens, met zijn uitval en horizon.",
                "A scenario of the data, with its outages and horizon.",
            ),
        ),
        click.option(
            "--threat",
            metavar=say("DREIGING", "THREAT"),
            help=say(
                "Oorzaak; treft wat eraan blootstaat, of wat de volgende opties kiezen.",
                "Cause; strikes what is exposed to it, or what the next options choose.",
            ),
        ),
        click.option(
            "--in-sector",
            "sectors",
            multiple=True,
            metavar="SECTOR",
            help=say("Tref alles in deze sector.", "Strike all that is in this sector."),
        ),
        click.option(
            "--of-class",
            "classes",
            multiple=True,
            metavar=say("KLASSE", "CLASS"),
            help=say(
                "Tref alles van deze klasse, zoals Asset.",
                "Strike all that is of this class, such as Asset.",
            ),
        ),
        click.option(
            "--area",
            metavar=say("BESTAND|WKT", "FILE|WKT"),
            help=say(
                "Tref alles in dit gebied: GeoJSON of WKT, in graden (WGS84), lengte eerst.",
                "Strike all in this area: GeoJSON or WKT, in degrees (WGS84), longitude first.",
            ),
        ),
        click.option(
            "--exposed",
            is_flag=True,
            help=say(
                "Alleen wat volgens de gegevens aan de dreiging blootstaat.",
                "Only what is exposed to the threat according to the data.",
            ),
        ),
        click.option(
            "--starts",
            metavar=moment,
            help=say("Begin van wat treft. [PT0H]", "When what strikes begins. [PT0H]"),
        ),
        click.option(
            "--ends",
            metavar=moment,
            help=say("Einde van wat treft; leeg: blijvend.", "When it ends; empty: for good."),
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def struck(
    release: Release,
    network: Network,
    units: Sequence[str],
    horizon: str | None,
    asked: dict[str, Any],
) -> Struck:
    """What the options of :func:`strike_options` and the units that were typed strike together.

    Raises:
        UsageError: nothing is struck, or an option is not understood.
    """
    selects = any(asked[name] for name in ("threat", "sectors", "classes", "area"))
    if not units and not selects and not asked["scenario"]:
        raise UsageError(
            "usage.no-strike",
            "Er ontbreekt wat er uitvalt: noem EENHEID[@BEGIN[/EINDE]], --scenario, --threat, "
            "--in-sector, --of-class of --area; zie kg cascade --help.",
            "Missing: what goes down. Name UNIT[@START[/END]], --scenario, --threat, --in-sector, "
            "--of-class or --area; see kg cascade --help.",
        )
    if not selects and (asked["starts"] or asked["ends"]):
        raise UsageError(
            "usage.no-strike",
            "--starts en --ends horen bij --threat, --in-sector, --of-class of --area; schrijf "
            "bij een eenheid EENHEID@BEGIN/EINDE.",
            "--starts and --ends go with --threat, --in-sector, --of-class or --area; for a unit "
            "write UNIT@START/END.",
        )
    if asked["exposed"] and not asked["threat"]:
        raise UsageError(
            "usage.no-strike",
            "--exposed vraagt een dreiging: --threat.",
            "--exposed needs a threat: --threat.",
        )
    found: list[Strike] = []
    notes: list[str] = []
    titles: list[str] = []
    hours = None if horizon is None else parse_horizon(horizon)
    if asked["scenario"]:
        scenario = release.scenarios.resolve(asked["scenario"])
        found += scenario_strikes(scenario, release.threats)
        titles.append(scenario.name)
        hours = scenario.horizon if hours is None else hours
    if selects:
        found += _selected(release, network, asked, titles, notes)
    typed = [parse_outage(network, unit) for unit in units]
    found += [Strike(one, "zo opgegeven", "as given") for one in typed]
    return Struck(
        tuple(found),
        len(found) - len(typed),
        _title(network, titles, typed),
        parse_horizon(_HORIZON) if hours is None else hours,
        tuple(notes),
    )


def _selected(
    release: Release,
    network: Network,
    asked: dict[str, Any],
    titles: list[str],
    notes: list[str],
) -> tuple[Strike, ...]:
    threats = release.threats
    threat = threats.resolve(asked["threat"]) if asked["threat"] else None
    sectors = tuple(dict.fromkeys(resolve_sector(network, one) for one in asked["sectors"]))
    classes = tuple(dict.fromkeys(network.classes.resolve(one) for one in asked["classes"]))
    within = None
    if asked["area"]:
        from kg.cascade.area import read_area, seems_swapped, units_within

        area = read_area(asked["area"])
        there = units_within(network, area)
        within = there.units
        if not within and seems_swapped(area):
            raise UsageError(
                "usage.area",
                "In dit gebied staat niets; lengte en breedte lijken verwisseld. Schrijf eerst de "
                "lengte (3 tot 8), dan de breedte (50 tot 54).",
                "Nothing stands in this area; longitude and latitude seem swapped. Write the "
                "longitude first (3 to 8), then the latitude (50 to 54).",
            )
        notes.append(
            say(
                "Het gebied is gelezen als graden in WGS84, eerst de lengte. Van "
                f"{there.unplaced} van de {len(network.units)} eenheden is niet bekend waar zij "
                "staan; het gebied treft die niet.",
                "The area is read as degrees in WGS84, longitude first. Of "
                f"{there.unplaced} of the {len(network.units)} units it is not known where they "
                "are; the area does not strike those.",
            )
        )
        if there.unreadable:
            notes.append(
                say(
                    f"Van {there.unreadable} eenheden is de ligging niet te lezen.",
                    f"The place of {there.unreadable} units cannot be read.",
                )
            )
    found = strikes(
        network,
        threats,
        Asked(threat, asked["exposed"], sectors, classes, within),
        start=parse_moment(asked["starts"], "--starts") if asked["starts"] else 0.0,
        end=parse_moment(asked["ends"], "--ends") if asked["ends"] else math.inf,
    )
    units = counted(len(found), ("eenheid", "eenheden"), ("unit", "units"))
    if threat is not None:
        name = threats.found[threat].name
        titles.append(say(f"{name} treft {units}", f"{name} strikes {units}"))
    else:
        titles.append(say(f"{units} in één klap", f"{units} at one blow"))
    return found


def _title(network: Network, titles: Sequence[str], typed: Sequence[Outage]) -> str:
    names = list(dict.fromkeys(network.label(one.unit) for one in typed))
    shown = ", ".join(names[:_NAMED])
    if len(names) > _NAMED:
        more = len(names) - _NAMED
        shown += say(f" en nog {more}", f" and {more} more")
    if not titles:
        return say(f"Als {shown} uitvalt", f"If {shown} goes down")
    return "; ".join(
        [*titles, *([say(f"en {shown} valt uit", f"and {shown} goes down")] * bool(names))]
    )


def print_strikes(network: Network, struck_: Struck) -> None:
    """What was chosen to be struck and why; nothing where people named every unit themselves."""
    if not struck_.chosen:
        return
    print_table(
        (
            say("Getroffen", "Struck"),
            say("Van", "From"),
            say("Tot", "Until"),
            say("Reden", "Reason"),
        ),
        [
            (
                network.label(one.outage.unit),
                duration(one.outage.start),
                say("blijvend", "for good")
                if math.isinf(one.outage.end)
                else duration(one.outage.end),
                str(one),
            )
            for one in struck_.strikes
        ],
    )
    click.echo()
