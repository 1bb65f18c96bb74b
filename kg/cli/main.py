"""The command ``kg``: a list of commands, each imported only when it is called."""

import sys
from collections.abc import Sequence
from typing import Final, NoReturn

from kg.cli.base import Entry, LazyGroup, example
from kg.language import language_from, say, set_language

ENTRIES: Final = {
    "demo": Entry("kg.cli.demo", "Laat in één keer zien wat dit doet.", "Show what this does."),
    "build": Entry(
        "kg.cli.build",
        "Maak een release uit gegevens: lezen, valideren, redeneren.",
        "Build a release from data: read, validate, reason.",
    ),
    "releases": Entry(
        "kg.cli.releases",
        "Welke releases er zijn; nakijken, teruggaan, opruimen.",
        "Which releases there are; verify, go back, prune.",
    ),
    "audit": Entry(
        "kg.cli.audit",
        "Het logboek: wie wat wanneer bouwde en meenam; klopt de keten.",
        "The log: who built and took what when; does the chain hold.",
    ),
    "validate": Entry(
        "kg.cli.validate",
        "Zeg wat er niet klopt in gegevens: bestand, rij, kolom.",
        "Say what is wrong in data: file, row, column.",
    ),
    "query": Entry(
        "kg.cli.query",
        "Stel een opgeslagen vraag, of uw eigen SPARQL.",
        "Ask a saved question, or your own SPARQL.",
    ),
    "explain": Entry(
        "kg.cli.explain",
        "Het bewijs van een conclusie, tot op de bronrij.",
        "The proof of a conclusion, down to the source row.",
    ),
    "cascade": Entry(
        "kg.cli.cascade",
        "Wat valt om, wanneer en waardoor, als iets uitvalt.",
        "What falls over, when and why, if something fails.",
    ),
    "screen": Entry(
        "kg.cli.screen",
        "Wat weegt het meest: elke eenheid of elk paar als eerste uitval; elke maatregel.",
        "What weighs most: every unit or every pair as the first to fail; every measure.",
    ),
    "cutsets": Entry(
        "kg.cli.cutsets",
        "Welke kleinste groepen samen een doel platleggen, binnen een termijn.",
        "Which smallest groups together bring a target down, by a deadline.",
    ),
    "withdraw": Entry(
        "kg.cli.withdraw",
        "Wat valt om als een land terugtrekt wat het in handen heeft; alle landen naast elkaar.",
        "What falls over if a country withdraws what it controls; all countries side by side.",
    ),
    "owners": Entry(
        "kg.cli.owners",
        "Wie een organisatie bezit en er zeggenschap over heeft, vanuit welk land.",
        "Who owns an organisation and controls it, from which country.",
    ),
    "takeover": Entry(
        "kg.cli.takeover",
        "Wat verandert er als een ander een organisatie in handen krijgt.",
        "What changes if someone else gets hold of an organisation.",
    ),
    "procure": Entry(
        "kg.cli.procure",
        "Wat verandert er als een aanbod een contract wordt; aanbiedingen naast elkaar.",
        "What changes if an offer becomes a contract; offers side by side.",
    ),
    "backtest": Entry(
        "kg.cli.backtest",
        "Houd het model tegen beschreven voorvallen.",
        "Hold the model against documented incidents.",
    ),
    "template": Entry(
        "kg.cli.template",
        "Lege tabellen, of voorgestelde eisen voor een eenheid.",
        "Empty tables, or proposed requirements for a unit.",
    ),
    "import": Entry(
        "kg.cli.import_",
        "Maak tabellen van een register of bestand van anderen (LEI, OCDS, SBOM, STIX).",
        "Make tables of a register or file of others (LEI, OCDS, SBOM, STIX).",
    ),
    "export": Entry(
        "kg.cli.export",
        "Schrijf een release als RDF, GraphML of CSV.",
        "Write a release as RDF, GraphML or CSV.",
    ),
}


def build_group() -> LazyGroup:
    """The group in the language in force."""
    return LazyGroup(
        ENTRIES,
        name="kg",
        no_args_is_help=True,
        options_metavar=say("[OPTIES]", "[OPTIONS]"),
        subcommand_metavar=say("OPDRACHT …", "COMMAND …"),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        help=say(
            "Kennisgraaf van vitale processen: wie wat van wie nodig heeft, en wat er omvalt.",
            "Knowledge graph of vital processes: who needs what from whom, and what falls over.",
        ),
        epilog=example("kg demo", "kg query", "kg cascade --help"),
    )


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Entry point; ends the process with 0 done, 1 the answer is no, 2 wrong use."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    set_language(language_from(given))
    build_group().main(given)
    raise AssertionError("the group ends the process itself")


if __name__ == "__main__":
    main()
