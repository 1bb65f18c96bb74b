"""``kg backtest``: documented incidents against the model, informed and blind."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from kg.cascade.backtest import (
    IncidentScore,
    blind_needs,
    caveat,
    compare,
    informed_needs,
    predict,
    score_json,
    total_of,
)
from kg.cascade.backtest.compare import TOLERANCE_HOURS, TOLERANCE_SHARE, Time
from kg.cli.base import Command, clean, example, format_option
from kg.cli.output import note, print_csv, print_json, print_table, progress
from kg.language import in_dutch, say
from kg.sources.archetypes import Library, read_library
from kg.sources.incidents import OUTCOMES, Incident, read_incidents

_CSV = (
    "mode",
    "slug",
    "entity",
    "label",
    "given",
    "observed",
    "predicted",
    "hit",
    "negative_type",
    "observed_hours",
    "predicted_hours",
    "observed_recovery_hours",
    "predicted_recovery_hours",
    "recovery_given",
    "explanation",
)


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "backtest",
        cls=Command,
        help=say(
            "Houd het model tegen beschreven voorvallen: wat voorspelt het, wat gebeurde er, en "
            "waarom verschillen die. Zonder PAD de meegeleverde voorvallen.",
            "Hold the model against documented incidents: what does it predict, what happened, and "
            "why do they differ. Without PATH the incidents that come with it.",
        ),
        epilog=example(
            "kg backtest",
            "kg backtest --blind",
            "kg backtest mijn-voorvallen/ --format json",
        ),
    )
    @click.argument(
        "paths", nargs=-1, type=click.Path(path_type=Path), metavar=say("[PAD]…", "[PATH]…")
    )
    @click.option(
        "--blind",
        is_flag=True,
        help=say(
            "Voorspel ook met de bibliotheek van archetypen alleen; apart geteld.",
            "Also predict with the library of archetypes alone; scored apart.",
        ),
    )
    @click.option(
        "--library",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar=say("MAP", "FOLDER"),
        help=say(
            "Map met eigen archetypen, naast de meegeleverde (bij --blind; herhaalbaar).",
            "Folder with archetypes of your own, beside the shipped (with --blind; repeatable).",
        ),
    )
    @format_option("table", "json", "csv")
    def backtest(
        paths: tuple[Path, ...], blind: bool, library: tuple[Path, ...], format_: str
    ) -> None:
        if library and not blind:
            raise click.UsageError(
                say("--library hoort bij --blind.", "--library goes with --blind.")
            )
        incidents = read_incidents(paths)
        for incident in incidents:
            for warning in incident.warnings:
                note(f"! {warning}")
        known = read_library(library) if blind else None
        with progress() as step:
            if step:
                step(say("voorvallen doorrekenen", "computing the incidents"))
            informed = [compare(predict(one, informed_needs(one))) for one in incidents]
            unseen = [_blind(one, known) for one in incidents] if known is not None else []
        if format_ == "json":
            print_json(_json(informed, unseen, known))
        elif format_ == "csv":
            print_csv(_CSV, [*_csv("informed", informed), *_csv("blind", unseen)])
        else:
            _text(informed, unseen)

    return backtest


def _blind(incident: Incident, library: Library) -> IncidentScore:
    needs = blind_needs(incident, library)
    return compare(predict(incident, needs.needs), needs)


def _json(
    informed: Sequence[IncidentScore], blind: Sequence[IncidentScore], library: Library | None
) -> dict[str, Any]:
    found = {
        "incidents": [score_json(score) for score in informed],
        "total": total_of(informed),
        "tolerance": {"hours": TOLERANCE_HOURS, "share": TOLERANCE_SHARE},
        "caveat": caveat(),
    }
    if library is not None:
        found["blind"] = {
            "incidents": [score_json(score) for score in blind],
            "total": total_of(blind),
            "library": {
                "archetypes": len(library.archetypes),
                "requirements": len(library.requirements),
                "figures": len(library.figures),
            },
            "caveat": caveat(blind=True),
        }
    return found


def _csv(mode: str, scores: Sequence[IncidentScore]) -> Iterator[tuple[object, ...]]:
    """One row per observed entity; hours as numbers."""
    for score in scores:
        times = {time.entity: time for time in score.timed}
        returns = {one.time.entity: one for one in score.recovered}
        for one in score.comparisons:
            time, back = times.get(one.entity), returns.get(one.entity)
            yield (
                mode,
                score.incident.slug,
                one.entity,
                score.incident.name(one.entity),
                str(one.given).lower(),
                one.observed,
                one.predicted,
                str(one.hit).lower(),
                one.negative_type if one.observed == "survived" else None,
                time.observed if time else None,
                time.predicted if time else None,
                back.time.observed if back else None,
                back.time.predicted if back else None,
                back.basis if back else None,
                str(one.explanation) if one.explanation else None,
            )


def _text(informed: Sequence[IncidentScore], blind: Sequence[IncidentScore]) -> None:
    count = len(informed)
    click.echo(
        say(
            f"Het model tegen {count} beschreven voorval{'len' if count != 1 else ''}\n",
            f"The model against {count} documented incident{'s' if count != 1 else ''}\n",
        )
    )
    _score(informed)
    _rules(informed, blind)
    _misses(informed)
    _late(informed)
    _limits([score.incident for score in informed])
    _assumptions(informed)
    _say(caveat())
    if blind:
        click.echo(say("\nBlind: uit soorten alleen\n", "\nBlind: from kinds alone\n"))
        _score(blind)
        _misses(blind)
        _assumptions(blind)
        _say(caveat(blind=True))


def _score(scores: Sequence[IncidentScore]) -> None:
    rows = [_row(score.incident.slug, [score]) for score in scores]
    if len(scores) > 1:
        rows.append(_row(say("samen", "together"), scores))
    headings = (
        say("Voorval", "Incident"),
        say("Uitval", "Failed"),
        say("Minder", "Limited"),
        say("Overeind", "Survived"),
        say("Tijd", "Time"),
        say("Terug", "Return"),
    )
    print_table(headings, rows)
    total = total_of(scores)
    given = sum(total["given"].values())
    back = total["recoveries"]
    _say(
        say(
            "Goed voorspeld van wat is waargenomen. Wat van buiten getroffen werd "
            f"({given} waargenomen) is gegeven, geen voorspelling, en telt niet mee. Tijd en "
            f"terug: binnen een half uur of een tiende; van {back['of']} keer terug gaf het model "
            f"er {back['predicted']} een tijd.",
            "Predicted right, of what was observed. What was struck from outside "
            f"({given} observed) is given, no prediction, and left out. Time and return: within "
            f"half an hour or a tenth; of {back['of']} returns the model gave {back['predicted']} "
            "a time.",
        )
    )


def _row(name: str, scores: Sequence[IncidentScore]) -> tuple[str, ...]:
    total = total_of(scores)
    table = total["confusion"]["model"]
    outcomes = [f"{table[one][one]}/{sum(table[one].values())}" for one in OUTCOMES]
    times = [f"{total[key]['within']}/{total[key]['of']}" for key in ("times", "recoveries")]
    return (name, *(text if not text.endswith("/0") else "–" for text in (*outcomes, *times)))


def _rules(informed: Sequence[IncidentScore], blind: Sequence[IncidentScore]) -> None:
    """The model beside rules of thumb; what is hard is where they part."""
    names = {
        "model": say("model", "model"),
        "everything": say("alles erachter valt uit", "everything behind it fails"),
        "nothing": say("alleen het getroffene", "only what was struck"),
    }
    rows = [_rule(names[rule], informed, rule) for rule in names]
    if blind:
        rows.append(_rule(say("blind", "blind"), blind, "model"))
    click.echo()
    print_table(
        (
            say("Regel", "Rule"),
            say("Alles", "All"),
            say("Uitval", "Failed"),
            say("Minder", "Limited"),
            say("Overeind", "Survived"),
            say("Moeilijk", "Hard"),
        ),
        rows,
    )
    _say(
        say(
            "Moeilijk: wat op het getroffene leunde en door een buffer of reserve overeind bleef.",
            "Hard: what leaned on what was struck and survived by a buffer or a reserve.",
        )
    )


def _rule(name: str, scores: Sequence[IncidentScore], rule: str) -> tuple[str, ...]:
    total = total_of(scores)
    table, tally = total["confusion"][rule], total["predicted"][rule]
    hard = [
        (one.predicted if rule == "model" else score.baselines[rule][one.entity]) == one.observed
        for score in scores
        for one in score.predicted_only()
        if one.hard
    ]
    return (
        name,
        f"{tally['hit']}/{tally['hit'] + tally['miss']}",
        *(f"{table[one][one]}/{sum(table[one].values())}" for one in OUTCOMES),
        f"{sum(hard)}/{len(hard)}",
    )


def _misses(scores: Sequence[IncidentScore]) -> None:
    missed = [(score, one) for score in scores for one in score.comparisons if not one.hit]
    if not missed:
        return
    click.echo(say("\nGemist, en waarom", "\nMissed, and why"))
    words = {
        "failed": say("viel uit", "failed"),
        "degraded": say("werkte minder", "was limited"),
        "survived": say("bleef overeind", "survived"),
    }
    for score, one in missed:
        name = score.incident.name(one.entity)
        _say(
            f"- {score.incident.slug}: {name} {words[one.observed]}; "
            + say("voorspeld: ", "predicted: ")
            + f"{words[one.predicted]}. {one.explanation}"
        )


def _late(scores: Sequence[IncidentScore]) -> None:
    lines: list[str] = []
    for score in scores:
        late = [time for time in score.timed if time.predicted is not None and not time.within]
        back = [one.time for one in score.recovered if one.basis and not one.time.within]
        lines += [_line(score, time, say("viel uit", "failed")) for time in late]
        lines += [_line(score, time, say("terug", "back")) for time in back]
    if lines:
        click.echo(say("\nOp een andere tijd", "\nAt another time"))
        for line in lines:
            _say(line)


def _line(score: IncidentScore, time: Time, what: str) -> str:
    name = score.incident.name(time.entity)
    return f"- {score.incident.slug}: {name} {what} " + say(
        f"na {in_dutch(time.observed)} uur, voorspeld {in_dutch(time.predicted)}.",
        f"after {time.observed:g} hours, predicted {time.predicted:g}.",
    )


def _limits(incidents: Sequence[Incident]) -> None:
    if any(incident.limits for incident in incidents):
        click.echo(
            say("\nWat het model hier niet kan uitdrukken", "\nWhat the model cannot express here")
        )
        for incident in incidents:
            for limit in incident.limits:
                _say(f"- {incident.slug}: {limit}")


def _assumptions(scores: Sequence[IncidentScore]) -> None:
    count = sum(len(set(score.prediction.needs.assumptions)) for score in scores)
    open_ends = sum(one.ends == "unknown" for score in scores for one in score.prediction.struck)
    click.echo()
    _say(
        say(
            f"{count} aannamen (onbekende buffers als 0, k-of-n zonder k als één, "
            f"veronderstelde reserves) en {open_ends} uitvallen zonder bekend einde; --format "
            "json noemt ze.",
            f"{count} assumptions (unknown buffers as 0, k-of-n without k as one, reserves taken "
            f"to be there) and {open_ends} outages without a known end; --format json lists them.",
        )
    )


def _say(text: str) -> None:
    """A paragraph of at most 80 characters a line; items hang under their dash."""
    import textwrap

    indent = "  " if text.startswith("- ") else ""
    click.echo(textwrap.fill(clean(text), 80, subsequent_indent=indent, break_on_hyphens=False))
