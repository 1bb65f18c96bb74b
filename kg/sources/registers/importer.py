"""What every format has at hand while it reads, and how its outcome is told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from kg.sources.registers.known import Known
from kg.sources.registers.model import About, Count, Imported, Tables, Troubles
from kg.sources.registers.opening import Opened


@dataclass
class Importer(ABC):
    """One import of one format; made anew for each.

    Attributes:
        known: the data at hand, which the tables fit in with.
        about: what the user says of the source.
        skip_invalid: leave out what is wrong, and list it, instead of giving up.
        step: called with the name of each file that is read.
        tables, troubles, counts: what was collected so far.
    """

    known: Known
    about: About
    skip_invalid: bool
    step: Callable[[str], None]
    troubles: Troubles = field(default_factory=Troubles)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.tables = Tables(self.known, self.about)

    @abstractmethod
    def read(self, files: Sequence[Opened]) -> Imported | Troubles:
        """Read these files; troubles instead of tables when something that would count is wrong.

        Raises:
            FileError: a file that is not what it says; ``error.file`` names it where several are.
            UsageError: files that do not go together, or a source that cannot be described so.
        """

    def outcome(
        self, words: Iterable[tuple[str, str, str]], always: Collection[str] = ()
    ) -> Imported | Troubles:
        """What ``read`` gives once everything was read.

        Args:
            words: code of a count, and what it counts in Dutch and in English, in the order of the
                account.
            always: counts that are told also when they are 0.
        """
        if self.troubles.problems and not self.skip_invalid:
            return self.troubles
        counts = [
            Count(code, nl, en, self.counts[code])
            for code, nl, en in words
            if self.counts[code] or code in always
        ]
        return self.tables.finish(counts, self.troubles.all())
