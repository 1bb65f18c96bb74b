"""``python -m kg``, and where the command ``kg`` begins."""

import sys
from typing import Final, NoReturn

from kg.allocator import no_threads, start_again

#: The commands that fill a store, to which the settings are worth a second start.
_FILLING: Final = {"build", "demo", "procure"}


def main() -> NoReturn:
    """Entry point; ends the process with 0 done, 1 the answer is no, 2 wrong use."""
    no_threads()
    if not _FILLING.isdisjoint(sys.argv[1:]):
        start_again()  # before anything is imported that would be imported twice
    from kg.cli.main import main as command

    command()


if __name__ == "__main__":
    main()
