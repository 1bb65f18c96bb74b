"""``kg releases``: which releases there are; verify them, go back to one, prune old ones."""

from pathlib import Path
from typing import Final

import click

from kg.cli.base import EXIT_NO, Command, SubGroup, example, folder_option, format_option
from kg.cli.output import note, print_csv, print_json, print_table
from kg.errors import UsageError
from kg.language import in_dutch, say

_WHAT: Final = {
    "changed": ("veranderd of beschadigd", "changed or damaged"),
    "missing": ("ontbreekt", "missing"),
    "extra": ("hoort er niet", "does not belong"),
    "unreadable": ("niet te lezen", "cannot be read"),
}


def command() -> click.Command:
    """The command in the language in force."""

    @click.group(
        "releases",
        cls=SubGroup,
        help=say(
            "Toon welke releases er zijn, de laatst gebruikte eerst. Kijk ze na (verify), ga naar "
            "een andere (use), ruim op (prune).",
            "Show which releases there are, the last used first. Verify them, go to another one "
            "(use), prune old ones.",
        ),
        epilog=example(
            "kg releases",
            "kg releases --release /srv/kg --format json",
            "kg releases verify",
            "kg releases use 3f2a",
            "kg releases prune --keep 3",
        ),
    )
    @folder_option()
    @format_option("table", "json", "csv")
    @click.pass_context
    def releases_(context: click.Context, release: Path | None, format_: str) -> None:
        context.obj = release
        if context.invoked_subcommand is None:
            _list(release or Path("releases"), format_)

    releases_.add_command(_verify())
    releases_.add_command(_use())
    releases_.add_command(_prune())
    return releases_


def _chosen(context: click.Context, release: Path | None) -> Path:
    """What stands after the command counts before what stands in front of it."""
    chosen = release or context.obj or Path("releases")
    assert isinstance(chosen, Path)
    return chosen


def _list(out: Path, format_: str) -> None:
    from kg.releases import releases

    found = releases(out)
    if format_ == "json":
        print_json(
            [
                {
                    "release": one.name,
                    "levels": list(one.levels),
                    "ids": list(one.ids),
                    "date": one.date,
                    "policy": one.policy,
                    "built": one.built,
                    "bytes": one.size,
                    "current": one.current,
                }
                for one in found
            ]
        )
        return
    if format_ == "csv":
        print_csv(
            ("release", "levels", "ids", "date", "policy", "built", "bytes", "current"),
            [
                (
                    one.name,
                    " ".join(one.levels),
                    " ".join(one.ids),
                    one.date,
                    one.policy,
                    one.built,
                    one.size,
                    say("ja", "yes") if one.current else "",
                )
                for one in found
            ],
        )
        return
    print_table(
        (
            "Release",
            say("Niveaus", "Levels"),
            say("Peildatum", "Date"),
            say("Beleid", "Policy"),
            say("Gebouwd (UTC)", "Built (UTC)"),
            say("Omvang", "Size"),
            say("Huidige", "Current"),
        ),
        [
            (
                one.name,
                " ".join(one.levels) or say("onleesbaar", "unreadable"),
                one.date or "?",
                one.policy or "?",
                (one.built or "?").replace("T", " ").removesuffix("Z"),
                _size(one.size),
                say("ja", "yes") if one.current else "",
            )
            for one in found
        ],
    )
    if not found:
        note(_none(out))


def _none(out: Path) -> str:
    return say(
        f"In {out} staat nog geen release; maak er een met: kg build",
        f"There is no release in {out} yet; make one with: kg build",
    )


def _verify() -> click.Command:
    @click.command(
        "verify",
        cls=Command,
        short_help=say("Houd elk bestand tegen zijn som.", "Hold every file against its sum."),
        help=say(
            "Houd elk bestand tegen de som die bij de bouw is geschreven, en die tegen het "
            "logboek. Zonder ID alle releases; --release mag ook één release of niveau zijn dat op "
            "zichzelf staat. Eindigt met 1 als er iets beschadigd is.",
            "Hold every file against the sum that was written at the build, and that against the "
            "log. All releases without an ID; --release may also be one release or level that "
            "stands by itself. Ends with 1 if anything is damaged.",
        ),
        epilog=example("kg releases verify", "kg releases verify 3f2a --format json"),
    )
    @click.argument("id_", metavar="[ID]", required=False)
    @folder_option()
    @format_option("table", "json", "csv")
    @click.pass_context
    def verify_(
        context: click.Context, id_: str | None, release: Path | None, format_: str
    ) -> None:
        from kg.releases import current_name, find, releases, verify, verify_alone
        from kg.sums import SUMS

        out = _chosen(context, release)
        if id_ is None and ((out / SUMS).exists() or (out / "manifest.json").exists()):
            found = [verify_alone(out)]
        else:
            names = [find(out, id_).name] if id_ else [one.name for one in releases(out)]
            found = [verify(out, name) for name in names]
        rows = [
            (one.name, damage.file, damage.what) for one in found for damage in one.checked.damage
        ]
        rows += [(one.name, "SHA256SUMS", "changed") for one in found if one.logged is False]
        gone = current_name(out) if not id_ and not (out / "current").exists() else ""
        whole = all(one.whole for one in found) and not gone
        if format_ == "json":
            print_json(
                {
                    "ok": whole,
                    "current_missing": gone or None,
                    "releases": [
                        {
                            "release": one.name,
                            "ok": one.whole,
                            "files": one.checked.files,
                            "bytes": one.checked.bytes,
                            "logged": one.logged,
                            "damage": [
                                {"file": file, "what": what}
                                for name, file, what in rows
                                if name == one.name
                            ],
                        }
                        for one in found
                    ],
                }
            )
        elif format_ == "csv":
            print_csv(("release", "file", "what"), rows)
        elif rows:
            print_table(
                ("Release", say("Bestand", "File"), say("Wat", "What")),
                [(name, file, say(*_WHAT[what])) for name, file, what in rows],
            )
        files = sum(one.checked.files for one in found)
        size = _size(sum(one.checked.bytes for one in found))
        if format_ == "table":
            counted = say(
                f"{len(found)} release(s), {files} bestanden, {size} nagekeken: ",
                f"{len(found)} release(s), {files} files, {size} checked: ",
            )
            wrong = len(rows) + bool(gone)
            click.echo(
                counted
                + (
                    say("alles is zoals gebouwd.", "everything is as built.")
                    if whole
                    else say(f"{wrong} keer niet zoals gebouwd.", f"{wrong} not as built.")
                )
            )
        if not found:
            note(_none(out))
        for one in found:
            if one.logged is None and one.whole:
                note(
                    say(
                        f"{one.name}: staat niet in het logboek; elders gebouwd?",
                        f"{one.name}: is not in the log; built elsewhere?",
                    )
                )
        if whole:
            return
        if gone:
            note(
                say(
                    f"De huidige release ({gone}) is er niet meer.",
                    f"The current release ({gone}) is no longer there.",
                )
            )
        good = [one.name for one in found if one.whole]
        note(
            say(
                "Wat te doen: ga naar een release die heel is ("
                + (", ".join(f"kg releases use {name}" for name in good) or "hier geen")
                + "), of bouw opnieuw met dezelfde gegevens: kg build vervangt wat beschadigd is.",
                "What to do: go to a release that is whole ("
                + (", ".join(f"kg releases use {name}" for name in good) or "none here")
                + "), or build again from the same data: kg build replaces what is damaged.",
            )
        )
        context.exit(EXIT_NO)

    return verify_


def _use() -> click.Command:
    @click.command(
        "use",
        cls=Command,
        short_help=say("Maak een andere de huidige.", "Make another one the current one."),
        help=say(
            "Maak een andere release de huidige, in één stap. ID is de naam, het begin daarvan, of "
            "de id van een niveau. Een beschadigde wordt geweigerd.",
            "Make another release the current one, in one step. ID is the name, its beginning, or "
            "the id of a level. One that is damaged is refused.",
        ),
        epilog=example("kg releases use 3f2a"),
    )
    @click.argument("id_", metavar="ID")
    @click.option(
        "--force",
        is_flag=True,
        help=say("Ook als zij beschadigd is.", "Also when it is damaged."),
    )
    @folder_option()
    @click.pass_context
    def use_(context: click.Context, id_: str, force: bool, release: Path | None) -> None:
        from kg.releases import find, use

        out = _chosen(context, release)
        name = find(out, id_).name
        before = use(out, name, force=force)
        if before == name:
            click.echo(say(f"{name} was al de huidige.", f"{name} was the current one already."))
            return
        click.echo(say(f"De huidige release is nu {name}.", f"The current release is now {name}."))
        if before:
            note(say(f"Terug: kg releases use {before}", f"Back: kg releases use {before}"))

    return use_


def _prune() -> click.Command:
    @click.command(
        "prune",
        cls=Command,
        short_help=say(
            "Verwijder oude, en resten van afgebroken bouwen.",
            "Remove old ones, and remains of broken builds.",
        ),
        help=say(
            "Verwijder alle releases behalve de laatst gebruikte, en wat afgebroken bouwen "
            "achterlieten. De huidige blijft altijd. Vraagt het eerst.",
            "Remove all releases but the last used ones, and what broken builds left. The current "
            "one always stays. Asks first.",
        ),
        epilog=example("kg releases prune --keep 3", "kg releases prune --keep 1 --yes"),
    )
    @click.option(
        "--keep",
        type=click.IntRange(1, 10_000),
        required=True,
        metavar="N",
        help=say("Zoveel blijven er.", "So many stay."),
    )
    @click.option("--yes", is_flag=True, help=say("Vraag niets.", "Do not ask."))
    @folder_option()
    @click.pass_context
    def prune_(context: click.Context, keep: int, yes: bool, release: Path | None) -> None:
        import sys

        from kg.releases import leftovers, prune, to_prune

        out = _chosen(context, release)
        going = to_prune(out, keep)
        left = leftovers(out)
        for one in going:
            click.echo(
                say(
                    f"weg: {one.name} ({' '.join(one.levels)}, {_size(one.size)})",
                    f"goes: {one.name} ({' '.join(one.levels)}, {_size(one.size)})",
                )
            )
        if left:
            click.echo(
                say(
                    f"weg: {left} rest(en) van afgebroken bouwen",
                    f"goes: {left} remain(s) of broken builds",
                )
            )
        if not going and not left:
            click.echo(say("Er is niets op te ruimen.", "There is nothing to prune."))
            return
        if not yes:
            if not sys.stdin.isatty():
                raise UsageError(
                    "release.prune",
                    "Er is niets verwijderd: geef --yes om dit te doen.",
                    "Nothing was removed: give --yes to do this.",
                )
            click.confirm(say("Verwijderen?", "Remove?"), abort=True)
        gone = prune(out, [one.name for one in going], note)
        click.echo(say(f"{len(gone)} release(s) verwijderd.", f"{len(gone)} release(s) removed."))

    return prune_


def _size(size: int) -> str:
    if size < 1 << 20:
        return f"{-(-size // 1024)} kB"
    megabytes = size / (1 << 20)
    number = round(megabytes, 1) if megabytes < 10 else round(megabytes)
    return say(f"{in_dutch(number)} MB", f"{number:g} MB")
