"""Over which access technology a line runs, and whether what befell one concerns that line."""

from __future__ import annotations

from collections.abc import Iterable

from amends.decisions.dossier.sheet import Sheet
from amends.decisions.dossier.texts import Both
from amends.decisions.evidence_account import VALUE_ADDED, AccountService
from amends.kit.formats import join_words

EVERY = "all"
"""What a fact names that befell every technology of its area."""

_NO_LINE = frozenset((VALUE_ADDED, "roaming"))


def concerns(happened: str, line: str) -> bool | None:
    """Whether what befell the technology `happened` concerns a line of the technology `line`;
    None where either is not on file.

    >>> concerns("fibre", "fibre"), concerns("fibre", "dsl"), concerns("all", "dsl")
    (True, False, True)
    >>> concerns("fibre", "") is None
    True
    """
    if happened == EVERY:
        return True
    return happened == line if happened and line else None


def concerns_any(happened: str, lines: Iterable[AccountService]) -> bool | None:
    """Whether one of the lines is concerned; None where that is not on file, as without a line."""
    answers = [concerns(happened, service.technology) for service in lines]
    if True in answers:
        return True
    return None if None in answers or not answers else False


def access_lines(sheet: Sheet, since_ms: int) -> list[AccountService]:
    """The lines that worked since then; the one the words name alone, if they name one."""
    account = sheet.account
    named = account.services.get(account.matter.service)
    if named is not None and named.kind not in _NO_LINE:
        return [named]
    return [
        service
        for service in account.services.values()
        if service.kind not in _NO_LINE and not _stopped_before(service, since_ms)
    ]


def _stopped_before(service: AccountService, at_ms: int) -> bool:
    if not service.stops:
        return False
    stopped = service.stops[-1][0]
    begun = service.beginnings[-1].at_ms if service.beginnings else 0
    return begun < stopped < at_ms


def one_technology(lines: Iterable[AccountService]) -> str:
    """The technology the lines have in common, or ""."""
    found = {service.technology for service in lines}
    return found.pop() if len(found) == 1 else ""


def in_words(sheet: Sheet, technologies: Iterable[str]) -> Both:
    """Technologies in words, each once; one that is not on file is said to be so."""
    words = [
        sheet.texts.word("technology", each or "not_told") for each in sorted(set(technologies))
    ]
    zh, en = [word for word, _ in words], [word for _, word in words]
    return join_words(zh, "zh"), join_words(en, "en")


def doubted(
    said: Both, sheet: Sheet, happened: Iterable[str], lines: Iterable[AccountService]
) -> Both:
    """A sentence, and that nothing on file says whether a line is concerned by it."""
    zh, en = sheet.texts.say(
        "technology.not_told",
        happened=in_words(sheet, happened),
        line=in_words(sheet, [service.technology for service in lines] or [""]),
    )
    return said[0] + zh, f"{said[1]} {en}"
