"""What the simulation knows of each complaint beside the desk's own rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from amends.platform.kit.actors import Actor

# All simulated complainants act under this name; pseudonyms are for those who really sign in.
COMPLAINANT = Actor("subscriber", "complainant")


@dataclass(slots=True)
class File:
    """A complaint, the contact that opened it, and the chance of its own that its life follows.

    Each complaint draws from its own chance, so that a life does not depend on the order in which
    the desk takes complaints up.

    due_ms      the next deadline when it was received; answer_due: it is that of the answer
    came_ms     when it came to the desk, the first time or again
    settled_ms  when it was first answered, by a rule (`alone`) or by a person
    granted_minor  what it was granted so far, in fen: limits hold for the sum
    offered_minor  what was proposed last, in fen
    staged      it goes the way that the console is to show
    """

    ref: str
    contact: dict[str, Any]
    chance: np.random.Generator
    wrong_class: bool
    identified: bool
    due_ms: int | None
    came_ms: int
    answer_due: bool
    corrected: bool = False
    settled_ms: int | None = None
    granted_minor: int = 0
    offered_minor: int = 0
    staged: bool = False
    alone: bool = False
    verdict: str = ""
    amount_minor: int = 0

    @property
    def language(self) -> str:
        """`zh` or `en`."""
        return str(self.contact["language"])

    @property
    def enquiry(self) -> bool:
        """Whether its words only ask something."""
        return not self.contact["complaint"]

    @property
    def stranger(self) -> bool:
        """Whether it comes from somebody who is no subscriber."""
        return bool(self.contact["subscriber"] < 0)

    @property
    def right_class(self) -> str:
        """The class that fits best."""
        return str(self.contact["codes"]).partition(",")[0]


@dataclass(slots=True)
class Agenda:
    """What is to happen to which complaint, and when; the newest entry of a complaint holds."""

    entries: list[tuple[int, int, str, File]] = field(default_factory=list)
    newest: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def add(self, at_ms: int, what: str, file: File) -> None:
        """`what` happens to `file` at a moment, unless something else is entered before."""
        self.count += 1
        self.entries.append((at_ms, self.count, what, file))
        self.newest[file.ref] = self.count

    def due(self, until_ms: int) -> list[tuple[str, File]]:
        """What is due before a moment, in order of time; it is taken off the agenda."""
        due_entries = [entry for entry in self.entries if entry[0] < until_ms]
        self.entries = [entry for entry in self.entries if entry[0] >= until_ms]
        return [
            (what, file)
            for _, number, what, file in sorted(due_entries, key=lambda entry: entry[:2])
            if self.newest[file.ref] == number
        ]
