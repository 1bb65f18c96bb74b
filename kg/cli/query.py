"""``kg query``: the catalogue, one saved question, or SPARQL that a person wrote."""

import hashlib
import sys
from pathlib import Path

import click

from kg.cli.base import (
    Command,
    Function,
    clean,
    example,
    format_option,
    html_option,
    release_options,
)
from kg.cli.origin import carry, open_release, origin_line
from kg.cli.output import note, print_csv, print_json, print_table
from kg.cli.pages import keep_page
from kg.errors import UsageError
from kg.language import say
from kg.queries import SavedQuery, Table, catalogue


def command() -> click.Command:
    """The command in the language in force."""

    @click.command(
        "query",
        cls=Command,
        help=say(
            "Stel een opgeslagen vraag. Zonder NAAM: de lijst van vragen per onderwerp.",
            "Ask a saved question. Without NAME: the list of questions by subject.",
        ),
        epilog=example(
            "kg query",
            "kg query eisen-met-een-vervuller -p sector=energie",
            "kg query --sparql vraag.rq --format csv",
            "echo 'SELECT ?s { ?s a vit:VitalProcess }' | kg query --sparql -",
            "kg query --sparql zwaar.rq --timeout 300 --max-memory 4G --max-rows 1000000",
        ),
    )
    @click.argument("name", required=False, metavar=say("[NAAM]", "[NAME]"))
    @click.option(
        "-p",
        "--param",
        "params",
        multiple=True,
        metavar=say("NAAM=WAARDE", "NAME=VALUE"),
        help=say(
            "Waarde van een parameter: een id, CURIE, IRI, label of getal (herhaalbaar).",
            "Value of a parameter: an id, CURIE, IRI, label or number (repeatable).",
        ),
    )
    @click.option(
        "--sparql",
        type=click.Path(path_type=Path, allow_dash=True),
        metavar=say("BESTAND", "FILE"),
        help=say("SPARQL uit een bestand, of - voor stdin.", "SPARQL from a file, or - for stdin."),
    )
    @click.option(
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        help=say("Hoogstens zoveel rijen.", "At most so many rows."),
    )
    @click.option(
        "--page",
        type=click.IntRange(min=1),
        metavar="N",
        help=say("Welke bladzijde van de uitkomst.", "Which page of the answer."),
    )
    @_limit_options
    @click.option(
        "--about",
        is_flag=True,
        help=say(
            "Leg de vraag uit: parameters, kolommen; stel hem niet.",
            "Explain the question: parameters, columns; do not ask it.",
        ),
    )
    @html_option()
    @release_options
    @format_option("table", "json", "csv", "rdf")
    def query(
        name: str | None,
        params: tuple[str, ...],
        sparql: Path | None,
        limit: int | None,
        page: int | None,
        timeout: float | None,
        max_memory: str | None,
        max_rows: int | None,
        about: bool,
        html: Path | None,
        release: Path,
        level: str | None,
        format_: str,
    ) -> None:
        if name and sparql:
            raise UsageError(
                "query.both",
                "Geef een naam of --sparql, niet allebei.",
                "Give a name or --sparql, not both.",
            )
        if name is None and sparql is None:
            if params:
                raise UsageError(
                    "query.name", "Geef de naam van een vraag.", "Give the name of a question."
                )
            _list(format_)
            return
        if name and about:
            _about(catalogue().get(name), format_)
            return
        from kg.audit import record_query
        from kg.guard import Guard, Limits, read_size

        usual = Limits()
        limits = Limits(
            usual.seconds if timeout is None else timeout,
            usual.memory if max_memory is None else read_size(max_memory),
            usual.rows if max_rows is None else max_rows,
        )
        opened = open_release(release, level)
        guard = Guard(opened.path / "store", limits)
        guard.begin()  # it opens the store while we read the question
        saved = catalogue().get(name) if name else None
        if saved and format_ == "table" and limit is None and page is None and saved.pagination:
            page = 1  # what a person reads; programs get everything
        if saved:
            record_query(opened, query=saved.name, parameters=list(params))
            answer: Table | bool | bytes = guard.run(saved, _pairs(params), page=page, limit=limit)
        else:
            assert sparql is not None
            if params:
                raise UsageError(
                    "query.params",
                    "-p hoort bij een opgeslagen vraag.",
                    "-p needs a saved question.",
                )
            text = sys.stdin.read() if str(sparql) == "-" else sparql.read_text("utf-8")
            record_query(opened, sparql=hashlib.sha256(text.encode()).hexdigest())
            answer = guard.run_text(text, limit=limit)
        if html is not None:
            if not isinstance(answer, Table):
                raise UsageError(
                    "query.picture",
                    "Alleen een SELECT heeft een beeld.",
                    "Only a SELECT has a picture.",
                )
            from kg.views import Frame
            from kg.views.table import query_view

            frame = Frame(opened.level, opened.id, opened.policy, opened.date)
            keep_page(opened, query_view(answer, frame, saved), html)
        _print(answer, format_, limits.rows)

    return query


def _limit_options(function: Function) -> Function:
    """``--timeout``, ``--max-memory`` and ``--max-rows``."""
    seconds = click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="S",
        help=say(
            "Stop de vraag na zoveel seconden. [60]", "Stop the query after so many seconds. [60]"
        ),
    )
    memory = click.option(
        "--max-memory",
        metavar=say("GROOTTE", "SIZE"),
        help=say("Hoogstens zoveel geheugen. [1G]", "At most so much memory. [1G]"),
    )
    rows = click.option(
        "--max-rows",
        type=click.IntRange(min=1),
        metavar="N",
        help=say(
            "Hoogstens zoveel rijen, ook van alles; wat erboven komt, wordt gemeld. [100000]",
            "At most so many rows, of everything too; that there were more is said. [100000]",
        ),
    )
    return seconds(memory(rows(function)))


def _pairs(params: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals or not name:
            raise UsageError(
                "query.parameter-form",
                f"'{param}' is geen parameter; schrijf -p naam=waarde.",
                f"'{param}' is not a parameter; write -p name=value.",
            )
        found[name.strip()] = value.strip()
    return found


def _print(answer: Table | bool | bytes, format_: str, most: int) -> None:
    if isinstance(answer, bool):
        if format_ == "json":
            print_json({"boolean": answer})
        else:
            click.echo(say("ja", "yes") if answer else say("nee", "no"))
        return
    if isinstance(answer, bytes):
        click.echo(f"{origin_line(carry())}\n{answer.decode()}", nl=False)
        return
    if format_ == "rdf":
        raise UsageError(
            "query.rdf",
            "Alleen CONSTRUCT en DESCRIBE geven RDF; kies table, json of csv.",
            "Only CONSTRUCT and DESCRIBE give RDF; choose table, json or csv.",
        )
    if format_ == "json":
        print_json(answer.to_json())
    elif format_ == "csv":
        cut = f", truncated after {len(answer)} rows" * answer.truncated
        click.echo(f"{origin_line(carry())}{cut}\n{answer.to_csv()}", nl=False)
    else:
        print_table(answer.headings(), answer.shown_rows())
        if not answer.rows:
            note(say("Geen rijen.", "No rows."))
    if answer.truncated and len(answer) == most:
        note(
            say(
                f"Afgekapt na {most} rijen, de grens van een antwoord; hoger met --max-rows.",
                f"Cut off after {most} rows, the limit of an answer; higher with --max-rows.",
            )
        )
    elif answer.truncated and format_ != "json":
        note(
            say(
                f"Afgekapt na {len(answer)} rijen; meer met --page, alles met --format csv.",
                f"Cut off after {len(answer)} rows; more with --page, all with --format csv.",
            )
        )


def _list(format_: str) -> None:
    """The catalogue by subject."""
    saved = list(catalogue())
    if format_ == "json":
        print_json(
            [
                {"name": q.name, "subject": q.subject, "label": str(q.label)}
                | {"question": str(q.question), "params": [param.name for param in q.params]}
                for q in saved
            ]
        )
    elif format_ == "csv":
        rows = [(q.name, q.subject, str(q.label), str(q.question)) for q in saved]
        print_csv(("name", "subject", "label", "question"), rows)
    else:
        headings = (say("Onderwerp", "Subject"), say("Naam", "Name"), say("Wat", "What"))
        shown, before = [], ""
        for q in saved:
            shown.append(("" if q.subject == before else q.subject, q.name, str(q.label)))
            before = q.subject
        print_table(headings, shown)


def _about(saved: SavedQuery, format_: str) -> None:
    params = [
        {
            "name": param.name,
            "label": str(param.label),
            "type": param.term_type,
            "required": param.required,
            "default": param.default,
            "allowed": list(param.allowed_values),
        }
        for param in saved.params
    ]
    if format_ == "json":
        print_json(
            {
                "name": saved.name,
                "subject": saved.subject,
                "label": str(saved.label),
                "question": str(saved.question),
                "description": saved.description or saved.summary,
                "params": params,
                "columns": [{"name": c.name, "label": str(c.label)} for c in saved.columns],
                "sparql": saved.text,
            }
        )
        return
    click.echo(clean(f"{saved.label}\n{saved.question}\n"))
    if params:
        print_table(
            (
                "-p",
                say("Betekenis", "Meaning"),
                say("Nodig", "Required"),
                say("Standaard", "Default"),
            ),
            [
                (
                    str(p["name"]),
                    str(p["label"]),
                    say("ja", "yes") if p["required"] else "",
                    str(p["default"] or ""),
                )
                for p in params
            ],
        )
        click.echo()
    print_table(
        (say("Kolom", "Column"), say("Betekenis", "Meaning")),
        [(column.name, str(column.label)) for column in saved.columns],
    )
