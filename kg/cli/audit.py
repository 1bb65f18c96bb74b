"""``kg audit``: the last lines of a log, and whether its chain holds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from kg.cli.base import EXIT_NO, Command, SubGroup, example, folder_option, format_option
from kg.cli.output import note, print_csv, print_json, print_table
from kg.errors import UsageError
from kg.language import say

#: What every line has; the rest of it is told as name=value.
_EVERY: Final = ("n", "time", "who", "what", "level", "release", "previous", "hash")


def command() -> click.Command:
    """The command in the language in force."""

    @click.group(
        "audit",
        cls=SubGroup,
        help=say(
            "Toon de laatste regels van een logboek: wie wat wanneer bouwde of meenam. Elk niveau "
            "heeft er een, dat van de map (--folder) noemt alle niveaus. Vragen komen erin met "
            "KG_AUDIT_QUERIES=1; KG_AUDIT noemt een andere map voor de logboeken.",
            "Show the last lines of a log: who built or took what, and when. Each level has one; "
            "that of the folder (--folder) names all levels. Queries are in it with "
            "KG_AUDIT_QUERIES=1; KG_AUDIT names another folder for the logs.",
        ),
        epilog=example(
            "kg audit",
            "kg audit --level dep-v --last 100 --format json",
            "kg audit --folder",
            "kg audit verify",
        ),
    )
    @folder_option()
    @click.option(
        "--level",
        metavar="ID",
        help=say(
            "Rubricering, zoals openbaar; de laagste als u niets kiest.",
            "Marking, such as openbaar; the lowest by default.",
        ),
    )
    @click.option(
        "--folder",
        is_flag=True,
        help=say(
            "Dat van de map: bouwen, wisselen en opruimen, van alle niveaus.",
            "That of the folder: builds, switches and prunes, of all levels.",
        ),
    )
    @click.option(
        "--last",
        type=click.IntRange(1, 1_000_000),
        default=20,
        metavar="N",
        help=say("Zoveel regels. [20]", "So many lines. [20]"),
    )
    @format_option("table", "json", "csv")
    @click.pass_context
    def audit_(
        context: click.Context,
        release: Path | None,
        level: str | None,
        folder: bool,
        last: int,
        format_: str,
    ) -> None:
        context.obj = release
        if context.invoked_subcommand is None:
            _show(release or Path("releases"), level, folder, last, format_)

    audit_.add_command(_verify())
    return audit_


def _show(out: Path, level: str | None, folder: bool, last: int, format_: str) -> None:
    from kg.audit import level_log, releases_log, verify
    from kg.release import Release

    if folder and level:
        raise UsageError(
            "audit.which",
            "Kies --level of --folder, niet beide.",
            "Choose --level or --folder, not both.",
        )
    if folder:
        log = releases_log(out)
    else:
        opened = Release.open(out, level)
        log = level_log(opened.folder, opened.level)
    found = verify(log) if log.is_file() else None
    entries = list(found.entries[-last:]) if found else []
    if format_ == "json":
        print_json(entries)
    else:
        rows = [_row(entry) for entry in entries]
        if format_ == "csv":
            print_csv(("n", "time", "who", "what", "release", "details"), rows)
        else:
            heading = (
                "Nr",
                say("Tijd (UTC)", "Time (UTC)"),
                say("Wie", "Who"),
                say("Wat", "What"),
                "Release",
                say("Bijzonderheden", "Details"),
            )
            print_table(
                heading, [(n, t.replace("T", " ").removesuffix("Z"), *rest) for n, t, *rest in rows]
            )
    if not entries:
        note(say(f"{log} is nog leeg.", f"{log} is still empty."))
    if found and found.broken:
        note(
            say(
                f"! {log}, regel {found.broken.line}: {found.broken}. Wat daarna komt is niet "
                "getoond; zie kg audit verify.",
                f"! {log}, line {found.broken.line}: {found.broken}. What comes after it is not "
                "shown; see kg audit verify.",
            )
        )


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    details = " ".join(
        f"{key}={_text(value)}"
        for key, value in entry.items()
        if key not in _EVERY and key not in {"inputs", "sums", "ids"} and value not in ("", None)
    )
    return (
        str(entry["n"]),
        str(entry["time"]),
        str(entry["who"]),
        str(entry["what"]),
        str(entry.get("release", "")),
        details,
    )


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _verify() -> click.Command:
    @click.command(
        "verify",
        cls=Command,
        short_help=say("Of de keten van elk logboek klopt.", "Whether each chain holds."),
        help=say(
            "Loop de keten van elk logboek na en noem de eerste regel die niet klopt; noem ook "
            "releases waarvan de bouw in geen regel staat. Eindigt met 1 als er iets niet klopt. "
            "Bewaar de laatste hash elders: dan is ook te zien of het einde eraf is.",
            "Follow the chain of each log and name the first line that is wrong; name releases "
            "whose build is in no line as well. Ends with 1 if anything is wrong. Keep the last "
            "hash elsewhere: then it shows too whether the end was cut off.",
        ),
        epilog=example("kg audit verify", "kg audit verify --head 1f0c…"),
    )
    @folder_option()
    @click.option(
        "--head",
        metavar="HASH",
        help=say(
            "Een eerder bewaarde hash, die er nog in moet staan.",
            "A hash that was kept earlier and must still be in it.",
        ),
    )
    @format_option("table", "json", "csv")
    @click.pass_context
    def verify_(
        context: click.Context, release: Path | None, head: str | None, format_: str
    ) -> None:
        from kg.audit import logs, verify
        from kg.releases import unlogged

        out = release or context.obj or Path("releases")
        found = [verify(log) for log in logs(out)]
        missing = unlogged(out)
        kept = head is None or any(entry["hash"] == head for one in found for entry in one.entries)
        whole = not any(one.broken for one in found) and not missing and kept
        if format_ == "json":
            print_json(
                {
                    "ok": whole,
                    "head_found": None if head is None else kept,
                    "unlogged": list(missing),
                    "logs": [
                        {
                            "log": str(one.log),
                            "entries": len(one.entries),
                            "head": one.head,
                            "broken_line": one.broken.line if one.broken else None,
                            "why": str(one.broken) if one.broken else None,
                            "half_lines": list(one.torn),
                        }
                        for one in found
                    ],
                }
            )
        else:
            rows = [
                (
                    str(one.log),
                    str(len(one.entries)),
                    say(
                        f"regel {one.broken.line}: {one.broken}",
                        f"line {one.broken.line}: {one.broken}",
                    )
                    if one.broken
                    else say("klopt", "holds"),
                    one.head,
                )
                for one in found
            ]
            if format_ == "csv":
                print_csv(("log", "entries", "chain", "head"), rows)
            else:
                headings = (
                    say("Logboek", "Log"),
                    say("Regels", "Lines"),
                    say("Keten", "Chain"),
                    say("Laatste hash", "Last hash"),
                )
                print_table(headings, rows)
        _remarks(found, missing, kept, out)
        if not whole:
            context.exit(EXIT_NO)

    return verify_


def _remarks(found: Sequence[Any], missing: Sequence[str], kept: bool, out: Path) -> None:
    for one in found:
        for line in one.torn:
            if not one.broken or line < one.broken.line:
                note(
                    say(
                        f"{one.log}, regel {line} is een halve regel: het schrijven brak toen af "
                        "(schijf vol, stroom weg) en wat zij zou melden is niet gedaan.",
                        f"{one.log}, line {line} is half a line: writing it broke off then (disk "
                        "full, no power) and what it would tell of was not done.",
                    )
                )
    for name in missing:
        note(
            say(
                f"! Release {name}: haar bouw staat in geen regel. Is zij elders gebouwd, of is "
                "er van het logboek iets af?",
                f"! Release {name}: its build is in no line. Was it built elsewhere, or was "
                "something taken off the log?",
            )
        )
    if not kept:
        note(
            say(
                "! De bewaarde hash staat er niet meer in: er is iets van het logboek af, of het "
                "is vervangen.",
                "! The hash that was kept is no longer in it: something was taken off the log, or "
                "it was replaced.",
            )
        )
    if any(one.broken for one in found):
        note(
            say(
                "Wat te doen: leg het logboek ter zijde als bewijs (mv) en zet een reservekopie "
                "terug als die er is; een nieuwe bouw begint anders een nieuw.",
                "What to do: put the log aside as evidence (mv) and restore a copy if there is "
                "one; otherwise the next build begins a new one.",
            )
        )
    if not found:
        note(say(f"In {out} is nog geen logboek.", f"There is no log in {out} yet."))
