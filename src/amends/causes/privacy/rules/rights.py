"""By when a request about one's own data is answered: dated rules of a jurisdiction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from amends.platform.kit.packs import RuleFile, Verified
from amends.platform.kit.terms import Term


@dataclass(frozen=True, slots=True)
class RightsTerm:
    """The term of one kind of request; `extension` in the same unit, 0 where none is known."""

    kind: str
    zh: str
    en: str
    term: Term
    extension: int
    source: str
    verified: Verified
    rule: str

    @property
    def extended(self) -> Term:
        """The whole term once it is extended."""
        return Term(self.term.amount + self.extension, self.term.unit)


def rights_terms(files: Iterable[RuleFile]) -> dict[str, RightsTerm]:
    """Kind of request → its term; a later file (an overlay) replaces the kinds it names.

    >>> from datetime import date
    >>> from amends.platform.kit.packs import rules_in_force
    >>> found = rights_terms(rules_in_force("eu", "privacy", "rights", date(2026, 11, 29)))
    >>> found["access"].term.en, found["access"].extended.en
    ('1 month', '3 months')
    """
    return {
        row["id"]: RightsTerm(
            kind=row["id"],
            zh=row["zh"],
            en=row["en"],
            term=Term(int(row["amount"]), row["unit"]),
            extension=int(row["extension"]),
            source=row["source"],
            verified=row["verified"],
            rule=f"{file.version}/{row['id']}",
        )
        for file in files
        for row in file.rules
    }
