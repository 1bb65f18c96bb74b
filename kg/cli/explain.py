"""``kg explain``: the proof of a statement, down to the row that it came from."""

import shutil
from pathlib import Path

import click

from kg.cli.base import (
    Command,
    clean,
    example,
    format_option,
    html_option,
    release_options,
)
from kg.cli.origin import open_release
from kg.cli.output import on_terminal, print_json
from kg.cli.pages import keep_page
from kg.errors import KgError, UsageError
from kg.language import current_language, say
from kg.queries import resolve_triple
from kg.reason import Proof, explain
from kg.release import Release


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "explain",
        cls=Command,
        help=say(
            "Bewijs een uitspraak ONDERWERP EIGENSCHAP WAARDE: welke regel, uit welke uitspraken, "
            "tot op het bestand en de rij. Eindigt met 1 als zij niet in de release staat.",
            "Prove a statement SUBJECT PREDICATE OBJECT: which rule, from which statements, down "
            "to the file and the row. Exits with 1 if it is not in the release.",
        ),
        epilog=example(
            "kg explain rail dependsOn grid",
            "kg explain rail a vit:FunctionalUnit --all",
            "kg explain rail dependsOn grid --html bewijs.html",
        ),
    )
    @click.argument("subject", metavar=say("ONDERWERP", "SUBJECT"))
    @click.argument("predicate", metavar=say("EIGENSCHAP", "PREDICATE"))
    @click.argument("object_", metavar=say("WAARDE", "OBJECT"))
    @click.option(
        "--all",
        "all_proofs",
        is_flag=True,
        help=say("Alle bewijzen, niet alleen het kortste.", "All proofs, not just the shortest."),
    )
    @html_option()
    @release_options
    @format_option("text", "json")
    def explain_(
        subject: str,
        predicate: str,
        object_: str,
        all_proofs: bool,
        html: Path | None,
        release: Path,
        level: str | None,
        format_: str,
    ) -> None:
        opened = open_release(release, level)
        triple = resolve_triple(opened.store, subject, predicate, object_)
        try:
            proof = explain(opened.store, *triple, all_proofs=all_proofs)
        except UsageError as error:
            if error.code != "explain.not-true":
                raise
            # Rightly asked, and the answer is no.
            raise KgError(error.code, error.nl, error.en) from error
        if html is not None:
            _picture(opened, proof, html)
        if format_ == "json":
            print_json({"release": opened.id, "level": opened.level, "proof": proof.to_json()})
        else:
            width = shutil.get_terminal_size().columns if on_terminal() else 0
            click.echo(clean(proof.to_text(current_language(), width)))

    return explain_


def _picture(release: Release, proof: Proof, path: Path) -> None:
    from kg.views import Frame
    from kg.views.proof import proof_view

    frame = Frame(release.level, release.id, release.policy, release.date)
    keep_page(release, proof_view(proof, frame), path)
