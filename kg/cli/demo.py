"""``kg demo``: builds the shipped data and shows, in one go, what comes out and why."""

from pathlib import Path
from typing import Final

import click
import pyoxigraph as ox

from kg.build import build
from kg.cascade import Outage, cascade
from kg.cli.base import Command, clean, example
from kg.cli.output import note, print_table, progress
from kg.cli.pages import keep
from kg.language import say
from kg.names import SPARQL_PREFIXES, local_id
from kg.queries import Table, run_text
from kg.release import Release
from kg.views import Frame
from kg.views.cascade import cascade_view
from kg.views.page import render_page
from kg.views.words import counted, duration, errors_and_warnings

#: How many lines of each finding are shown; the saved queries give them all.
_SHOWN: Final = 6
_HORIZON: Final = 72.0

_STRATEGIC: Final = """
SELECT ?process ?country ?hours ?path WHERE {
  ?found a vit:StrategicDependency ; vit:ofProcess ?process ; vit:onCountry ?country .
  OPTIONAL { ?found vit:hoursToFailure ?hours }
  OPTIONAL { ?found vit:pathText ?path }
} ORDER BY ?hours ?process ?country ?path
"""

#: The three sectors of the exercise set, with their subsectors.
_BETWEEN: Final = """
SELECT ?from ?to ?hours ?path WHERE {
  VALUES ?from { id:spoor id:energie id:telecom }
  VALUES ?to { id:spoor id:energie id:telecom }
  FILTER (?from != ?to)
  ?fromSector vit:subSectorOf* ?from .
  ?toSector vit:subSectorOf* ?to .
  ?found a vit:CrossSectorPath ; vit:fromSector ?fromSector ; vit:toSector ?toSector ;
    vit:afterHours ?hours ; vit:pathText ?path .
} ORDER BY ?from ?to ?hours ?path
"""

#: The cascade that makes the best picture: most sectors reached, then most processes lost.
_WIDEST: Final = """
SELECT ?unit WHERE {
  ?found a vit:Cascade ; vit:initiator ?unit ; vit:sectorsReached ?sectors ;
    vit:vitalProcessesLost ?processes .
} ORDER BY DESC(?sectors) DESC(?processes) ?unit LIMIT 1
"""


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "demo",
        cls=Command,
        help=say(
            "Bouw een release uit de meegeleverde gegevens en laat zien wat eruit komt: wat is "
            "nagekeken en afgeleid, strategische afhankelijkheden van het buitenland, cascades "
            "tussen spoor, energie en telecom, en een beeld.",
            "Build a release from the shipped data and show what comes out: what was validated and "
            "inferred, strategic foreign dependencies, cascades between rail, energy and telecom, "
            "and a picture.",
        ),
        epilog=example("kg demo", "kg demo --out /tmp/releases --picture /tmp/cascade.html"),
    )
    @click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("releases"),
        metavar=say("MAP", "FOLDER"),
        help=say("Waar de release komt. [releases]", "Where the release goes. [releases]"),
    )
    @click.option(
        "--picture",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("demo-uit/cascade.html"),
        metavar=say("BESTAND", "FILE"),
        help="[demo-uit/cascade.html]",
    )
    def demo(out: Path, picture: Path) -> None:
        _heading(1, say("Bouwen en valideren", "Building and validating"))
        with progress() as step:
            release = build(None, out, progress=step)
        _built(release)
        _heading(
            2,
            say(
                "Strategische afhankelijkheden van het buitenland", "Strategic foreign dependencies"
            ),
        )
        _strategic(release)
        _heading(
            3,
            say(
                "Cascades tussen spoor, energie en telecom",
                "Cascades between rail, energy and telecom",
            ),
        )
        _between(release)
        _heading(4, say("Een beeld van één cascade", "A picture of one cascade"))
        unit = _picture(release, picture)
        _next(out, picture, unit)

    return demo


def _heading(number: int, text: str) -> None:
    click.echo(click.style(f"\n{number}. {text}", bold=True))


def _built(release: Release) -> None:
    counts = release.manifest["counts"]
    found = release.manifest["validation"] or {}
    things = sum(one["things"] for one in release.manifest["inputs"])
    files = len(release.manifest["inputs"])
    told = errors_and_warnings(found.get("Violation", 0), found.get("Warning", 0))
    click.echo(
        say(
            f"{things} dingen uit {files} bestanden nagekeken: {told}.",
            f"{things} things from {files} files checked: {told}.",
        )
    )
    click.echo(
        say(
            f"{counts['asserted']} feiten ingevoerd, {counts['inferred']} afgeleid; "
            f"{counts['units']} eenheden met {counts['requirements']} eisen.",
            f"{counts['asserted']} facts asserted, {counts['inferred']} inferred; "
            f"{counts['units']} units with {counts['requirements']} requirements.",
        )
    )
    rules = sorted(counts["inferred_by_rule"].items(), key=lambda rule: (-rule[1], rule[0]))
    if rules:
        names = ", ".join(f"{name} {count}" for name, count in rules[:5])
        click.echo(say(f"De regels die het meest afleidden: {names}.", f"Busiest rules: {names}."))
    click.echo(
        say(
            f"Release {release.id}, niveau {release.level}, peildatum {release.date}, "
            f"beleid {release.policy}.",
            f"Release {release.id}, level {release.level}, date {release.date}, "
            f"policy {release.policy}.",
        )
    )


def _answer(release: Release, query: str) -> Table:
    answer = run_text(release.store, SPARQL_PREFIXES + query)
    assert isinstance(answer, Table)
    return answer


def _hours(cell: object) -> str:
    return duration(float(cell.value)) if isinstance(cell, ox.Literal) else "?"


def _strategic(release: Release) -> None:
    table = _answer(release, _STRATEGIC)
    pairs: dict[tuple[str, str], tuple[str, str]] = {}
    for process, country, hours, path in table.rows:
        pair = (table.shown(country), table.shown(process))
        pairs.setdefault(pair, (_hours(hours), table.shown(path)))
    click.echo(
        say(
            "Trekt dit land alles terug wat het beheerst, dan valt dit proces uit:",
            "If this country withdraws all that it controls, this process goes down:",
        )
    )
    for (land, name), (after, why) in list(pairs.items())[:_SHOWN]:
        click.echo(clean(f"  {land}: {name}, {say('na', 'after')} {after}"))
        if why:
            click.echo(clean(f"    {say('want', 'because')}: {why}"))
    _more(len(pairs), "strategische-afhankelijkheden")


def _between(release: Release) -> None:
    table = _answer(release, _BETWEEN)
    fastest: dict[tuple[str, str], tuple[str, str]] = {}
    for start, end, hours, path in table.rows:
        fastest.setdefault(
            (table.shown(start), table.shown(end)), (_hours(hours), table.shown(path))
        )
    print_table(
        (say("Van", "From"), say("Naar", "To"), say("Na", "After"), say("Langs", "Along")),
        ((start, end, hours, path) for (start, end), (hours, path) in fastest.items()),
    )
    _more(len(table.rows), "cascadepaden-tussen-sectoren")


def _more(count: int, query: str) -> None:
    words = counted(count, ("bevinding", "bevindingen"), ("finding", "findings"))
    click.echo(say(f"Samen {words}; alle: kg query {query}", f"{words} in all: kg query {query}"))


def _picture(release: Release, path: Path) -> str:
    """Draw the widest cascade; gives the IRI of the unit that starts it, or nothing."""
    table = _answer(release, _WIDEST)
    if not table.rows:
        note(say("Geen cascade gevonden.", "No cascade found."))
        return ""
    (start,) = table.rows[0]
    assert isinstance(start, ox.NamedNode)
    network = release.network()
    result = cascade(network, [Outage(network.index(start.value))], _HORIZON)
    frame = Frame(release.level, release.id, release.policy, release.date)
    view = cascade_view(result, frame)
    click.echo(clean(f"{view.title}. {view.subtitle}"))
    keep(release, render_page(view), path)
    click.echo(say(f"Beeld: {path} (opent zonder netwerk)", f"Picture: {path} (opens offline)"))
    return start.value


def _next(out: Path, picture: Path, unit: str) -> None:
    place = "" if out == Path("releases") else f" --release {out}"
    _heading(5, say("En nu", "And now"))
    rows = [
        (say("bekijk het beeld", "look at the picture"), str(picture)),
        (say("kies een vraag", "choose a question"), "kg query"),
        (
            say("zie wat er gebeurt als het na 4 uur weer werkt", "see what happens with an end"),
            f"kg cascade {local_id(unit) or 'EENHEID'}@PT0H/PT4H{place}",
        ),
        (say("kijk uw eigen gegevens na", "check your own data"), "kg validate --data MAP"),
        (say("bouw met uw eigen gegevens", "build with your own data"), "kg build --data MAP"),
    ]
    width = max(len(text) for text, _ in rows)
    for text, line in rows:
        click.echo(f"  {text.ljust(width)}  {line}")
