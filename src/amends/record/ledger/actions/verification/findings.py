"""What `verify` found, in sentences a person can act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError

from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.translatable import Translatable

MOST_FINDINGS = 1000
NOT_SHOWN = _(
    "Not shown: that nobody with the database and the signing key removed the end of the log or "
    "wrote it anew. Compare it with a checkpoint that a witness keeps: --against FILE."
)
NOT_EXAMINED = _(
    "Not examined: derived columns, indexes and tables, the stored tree, older checkpoints and "
    "cosignatures. --deep examines them, too."
)


@dataclass(frozen=True, slots=True)
class VerificationFinding:
    """One thing that is not as it was recorded.

    what     a sentence, which another language can say too
    entry    the number in the log, if it concerns one
    fact     the fact's id, or the segment's
    """

    what: Translatable
    entry: int | None = None
    fact: str = ""

    def __str__(self) -> str:
        prefix = "" if self.entry is None else f"entry {self.entry}: "
        return prefix + (f"{self.fact}: " if self.fact else "") + self.what


@dataclass(slots=True)
class Findings:
    """Findings as they come; beyond a thousand they are only counted."""

    listed: list[VerificationFinding] = field(default_factory=list)
    count: int = 0

    def add(self, what: str, *, entry: int | None = None, fact: str = "", **values: object) -> None:
        """Note one difference; `values` are filled into its words."""
        self.count += 1
        if len(self.listed) < MOST_FINDINGS:
            self.listed.append(VerificationFinding(Translatable(what, **values), entry, fact))

    @contextmanager
    def unreadable(self) -> Iterator[None]:
        """Note what cannot even be read; a database that does not answer is no finding."""
        try:
            yield
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # any value may stand in a database that was changed by hand
            self.add(_("a part of the ledger cannot be read (%(why)s)"), why=repr(error))


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer: `ok` if nothing differs.

    size, root  of the latest checkpoint (root in hexadecimal digits)
    checkpoint  its note
    pending     facts and segments recorded but not numbered yet
    against     size of the checkpoint compared with that is kept outside, or None
    not_shown, not_examined  sentences that say what an `ok` does not include; empty for nothing
    findings    the first of `finding_count`

    `ok` speaks of what is on record. Whoever holds database and key can make a shorter or another
    log that fits itself; only a checkpoint kept outside shows that.
    """

    ok: bool
    size: int
    root: str
    checkpoint: str
    pending: int
    deep: bool
    against: int | None
    not_shown: str
    not_examined: str
    finding_count: int
    findings: tuple[VerificationFinding, ...]


def verification_of(
    findings: Findings,
    *,
    size: int,
    root: bytes,
    checkpoint: str,
    pending: int,
    deep: bool,
    against: int | None,
) -> Verification:
    """The answer from what was found and how much was examined."""
    return Verification(
        ok=not findings.count,
        size=size,
        root=root.hex(),
        checkpoint=checkpoint,
        pending=pending,
        deep=deep,
        against=against,
        not_shown=NOT_SHOWN if against is None else "",
        not_examined="" if deep else NOT_EXAMINED,
        finding_count=findings.count,
        findings=tuple(findings.listed),
    )


Progress = Callable[[int, int], None]
