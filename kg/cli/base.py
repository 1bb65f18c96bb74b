"""What every command shares: help in two languages, one error line, exit codes, common options.

Imports nothing but click and our messages, so that ``kg --help`` answers at once.
"""

import errno
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click

from kg.cli.origin import footer, forget
from kg.errors import InputError, KgError
from kg.language import LANGUAGES, language_from, say, set_language

Function = TypeVar("Function", bound=Callable[..., Any])

EXIT_NO: Final = 1
EXIT_USAGE: Final = 2
EXIT_INTERRUPTED: Final = 130

#: What stands in the data may not steer a terminal or break a line of output. Half a character (of
#: bytes that are no UTF-8) cannot be written at all.
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(text: str) -> str:
    """A text without characters that move a cursor, colour a terminal or turn the reading round."""
    return _CONTROL.sub("\ufffd", text)


class Formatter(click.HelpFormatter):
    """Help with headings in the language in force."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or say("Gebruik: ", "Usage: "))

    def section(self, name: str) -> Any:
        translated = {
            "Options": say("Opties", "Options"),
            "Commands": say("Opdrachten", "Commands"),
        }
        return super().section(translated.get(name, name))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        required = say(" [verplicht]", " [required]")
        told = [(name, text.replace("  [required]", required)) for name, text in rows]
        super().write_dl(told, col_max, col_spacing)


class Context(click.Context):
    formatter_class = Formatter


class Command(click.Command):
    """A command with ``--lang``, a translated ``--help`` and an example at the end."""

    context_class = Context

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", say("[OPTIES]", "[OPTIONS]"))
        super().__init__(*args, **kwargs)
        self.params.append(language_option())

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _translated_help(super().get_help_option(ctx))


class Entry(NamedTuple):
    """Where a command lives and what it does, so that the list needs no import."""

    module: str
    nl: str
    en: str


class SubGroup(click.Group):
    """A command with commands of its own, which does something by itself as well."""

    context_class = Context

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("options_metavar", say("[OPTIES]", "[OPTIONS]"))
        kwargs.setdefault("subcommand_metavar", say("[OPDRACHT …]", "[COMMAND …]"))
        kwargs["invoke_without_command"] = True
        super().__init__(*args, **kwargs)
        self.params.append(language_option())

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _translated_help(super().get_help_option(ctx))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise _no_command(args[0], ctx.command_path, ctx)
        return super().resolve_command(ctx, args)


def _no_command(name: str, of: str, context: click.Context) -> click.UsageError:
    return click.UsageError(
        say(
            f"De opdracht '{name}' bestaat niet; zie {of} --help.",
            f"There is no command '{name}'; see {of} --help.",
        ),
        context,
    )


class LazyGroup(click.Group):
    """A group that imports a command only when it is called."""

    context_class = Context

    def __init__(self, entries: dict[str, Entry], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._entries = entries
        self.params.append(language_option())

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        command = import_module(entry.module).command()
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._entries and not args[0].startswith("-"):
            raise _no_command(args[0], "kg", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, say(entry.nl, entry.en)) for name, entry in self._entries.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _translated_help(super().get_help_option(ctx))

    def main(self, args: Sequence[str] | None = None, *_: Any, **extra: Any) -> Any:
        """Run, and end the process with exit code 0, 1, 2 or 130."""
        given = list(sys.argv[1:] if args is None else args)
        set_language(language_from(given))
        forget()
        code = 0
        try:
            with self.make_context("kg", given) as ctx:
                self.invoke(ctx)
            if of := footer():
                click.echo(f"\n{clean(of)}")
            sys.stdout.flush()
        except click.exceptions.Exit as ended:
            code = ended.exit_code
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
        except click.ClickException as error:
            _complain(f"{_in_words(error)} [usage]")
            code = EXIT_USAGE
        except (click.Abort, KeyboardInterrupt):
            _complain(say("afgebroken", "interrupted"))
            code = EXIT_INTERRUPTED
        except KgError as error:
            code = _report(error)
        except BrokenPipeError:
            # Whoever read our output has seen enough; the interpreter must not complain at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except RuntimeError as error:
            if not str(error).startswith("Corruption"):  # so Oxigraph begins what is damaged
                raise
            _complain(_of_no_file(error))
            code = EXIT_NO
        except OSError as error:
            if error.filename is None:
                _complain(_of_no_file(error))
                sys.exit(EXIT_NO)
            _complain(f"{error.filename}: {_why(error)} [file]")
            wrong_name = isinstance(error, FileNotFoundError | IsADirectoryError)
            code = EXIT_USAGE if wrong_name else EXIT_NO
        sys.exit(code)


def _report(error: KgError) -> int:
    if isinstance(error, InputError):
        for problem in error.problems:
            _complain(str(problem))
    _complain(str(error))
    return error.exit_code


def _complain(text: str) -> None:
    lines = text.split("\n")
    click.echo("\n".join([f"kg: {clean(lines[0])}", *map(clean, lines[1:])]), err=True)


def _of_no_file(error: Exception) -> str:
    """What the store says of a disk or of itself names no file that a person knows."""
    return say(
        f"Lezen of schrijven is mislukt ({error}). Of de release beschadigd is, zegt "
        "kg releases verify. [io]",
        f"Reading or writing failed ({error}). Whether the release is damaged, is told by "
        "kg releases verify. [io]",
    )


def _why(error: OSError) -> str:
    """What went wrong with a file, in the language in force where it is something common."""
    words = {
        errno.ENOENT: ("bestaat niet", "does not exist"),
        errno.EISDIR: ("is een map; noem een bestand", "is a folder; name a file"),
        errno.ENOTDIR: ("ligt in iets dat geen map is", "lies in something that is no folder"),
        errno.EACCES: ("mag niet gelezen of geschreven worden", "may not be read or written"),
        errno.ENOSPC: ("de schijf is vol", "the disk is full"),
        errno.EROFS: ("de schijf is alleen te lezen", "the disk is read-only"),
    }
    found = words.get(error.errno or 0)
    return say(*found) if found else str(error.strerror)


#: What click says of paths, by its last words.
_PATHS: Final = {
    "does not exist.": ("bestaat niet", "does not exist"),
    "is a file.": ("is een bestand; noem een map", "is a file; name a folder"),
    "is a directory.": ("is een map; noem een bestand", "is a folder; name a file"),
    "is not readable.": ("is niet te lezen", "cannot be read"),
    "is not writable.": ("is niet te schrijven", "cannot be written"),
}


def _path_in_words(message: str) -> str:
    for end, words in _PATHS.items():
        named = re.fullmatch(rf"\w+ ('.*') {re.escape(end)}", message, re.DOTALL)
        if named:
            return f"{named[1]} {say(*words)}."
    return message


def _in_words(error: click.ClickException) -> str:
    """What click says, in the language in force."""
    if isinstance(error, click.NoSuchOption):
        near = ", ".join(error.possibilities or ())
        return say(
            f"De optie '{error.option_name}' bestaat niet."
            + (f" Bedoelt u: {near}?" if near else ""),
            f"There is no option '{error.option_name}'."
            + (f" Did you mean: {near}?" if near else ""),
        )
    if isinstance(error, click.MissingParameter):
        hint = error.param_hint or (error.param.get_error_hint(error.ctx) if error.param else "")
        name = hint if isinstance(hint, str) else " ".join(hint)
        return say(f"Er ontbreekt: {name}.", f"Missing: {name}.")
    if isinstance(error, click.BadParameter):
        hint = error.param.get_error_hint(error.ctx) if error.param else error.param_hint or ""
        if error.param is not None and isinstance(error.param.type, click.Choice):
            choices = ", ".join(str(choice) for choice in error.param.type.choices)
            return say(f"{hint}: kies uit {choices}.", f"{hint}: choose from {choices}.")
        if error.param is not None and isinstance(error.param.type, click.IntRange):
            least, most = error.param.type.min, error.param.type.max
            if least is not None and most is not None:
                return say(
                    f"{hint}: geef een geheel getal van {least} tot en met {most}.",
                    f"{hint}: give a whole number from {least} to {most}.",
                )
        if error.param is not None and isinstance(error.param.type, click.FloatRange):
            return say(f"{hint}: geef een getal boven nul.", f"{hint}: give a number above zero.")
        return f"{hint}: {_path_in_words(error.message)}"
    if isinstance(error, click.BadOptionUsage):
        return say(
            f"De optie '{error.option_name}' vraagt een waarde.",
            f"The option '{error.option_name}' needs a value.",
        )
    extra = re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", error.format_message())
    if extra:
        return say(f"Onverwacht: {extra[1]}.", f"Unexpected: {extra[1]}.")
    return error.format_message()


def _translated_help(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = say("Toon deze uitleg.", "Show this help.")
    return option


def language_option() -> click.Option:
    """``--lang``; it was read before the command was built, here it is only checked and shown."""
    return click.Option(
        ["--lang"],
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help=say("Taal (ook KG_LANG); Nederlands als u niets kiest.", "Language (also KG_LANG)."),
    )


def example(*lines: str) -> str:
    """The end of a help text; click may not wrap it."""
    return "\b\n" + "\n".join([say("Voorbeeld:", "Example:"), *(f"  {line}" for line in lines)])


def release_options(function: Function) -> Function:
    """``--release`` and ``--level``."""
    level = click.option(
        "--level",
        metavar="ID",
        help=say(
            "Rubricering, zoals openbaar; de laagste als u niets kiest.",
            "Marking, such as openbaar; the lowest by default.",
        ),
    )
    release = click.option(
        "--release",
        type=click.Path(path_type=Path),
        default=Path("releases"),
        metavar=say("MAP", "FOLDER"),
        help=say(
            "Map met releases, of één release. [releases]",
            "Folder of releases, or one release. [releases]",
        ),
    )
    return release(level(function))


def format_option(*formats: str) -> Callable[[Function], Function]:
    """``--format`` with these choices; the first is the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        help=say(f"Uitvoer: {', '.join(formats)}.", f"Output: {', '.join(formats)}."),
        metavar=say("VORM", "FORMAT"),
    )


def html_option() -> Callable[[Function], Function]:
    """``--html FILE``."""
    return click.option(
        "--html",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar=say("BESTAND", "FILE"),
        help=say(
            "Schrijf ook een beeld dat zonder netwerk opent.",
            "Also write a picture that opens without a network.",
        ),
    )


def folder_option() -> Callable[[Function], Function]:
    """``--release``, of commands about a folder of releases; ``None`` where it is not given."""
    return click.option(
        "--release",
        type=click.Path(path_type=Path),
        metavar=say("MAP", "FOLDER"),
        help=say("Map met releases. [releases]", "Folder of releases. [releases]"),
    )


def data_option() -> Callable[[Function], Function]:
    """``--data`` (repeatable)."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar=say("MAP_OF_BESTAND", "FOLDER_OR_FILE"),
        help=say(
            "Gegevens (herhaalbaar); zonder deze optie de meegeleverde.",
            "Data (repeatable); what is shipped by default.",
        ),
    )
