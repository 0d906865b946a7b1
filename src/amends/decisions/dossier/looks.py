"""Who looked at the data, and with which case?"""

from __future__ import annotations

from amends.decisions.dossier.sheet import Sheet
from amends.decisions.evidence import FactLike

QUESTION = "looks_had_case"
_DAY_MS = 86_400_000
_OWN_ROLES = frozenset(("subscriber",))


def looks_had_case(sheet: Sheet) -> None:
    """One row each look without a case; otherwise one row on all looks of the period."""
    account, texts = sheet.account, sheet.texts
    since = max(account.start_ms, account.until_ms - sheet.number("looks_days") * _DAY_MS)
    looks = [
        (at_ms, fact)
        for at_ms, fact in account.of("DataAccessed")
        if since <= at_ms < account.until_ms and fact.payload["role"] not in _OWN_ROLES
    ]
    period = (since, account.until_ms)
    if not looks:
        sheet.silence(QUESTION, "looks", kinds=("DataAccessed",), period=period)
        return
    stray = [row for row in looks if not _has_case(sheet, row[1])]
    for at_ms, fact in stray:
        said = texts.say(
            "looks.no",
            when=texts.when(at_ms),
            role=texts.word("role", str(fact.payload["role"])),
            fields=_fields(sheet, fact),
        )
        sheet.row(
            QUESTION,
            "no",
            said,
            about=str(fact.payload["user"]),
            facts=(fact.id,),
            period=(at_ms, at_ms),
        )
    if stray:
        return
    gaps = account.gaps(("DataAccessed",), *period)
    roles = {str(fact.payload["role"]): None for _, fact in looks}
    said = texts.say(
        "looks.yes",
        count=texts.count(len(looks)),
        last=texts.when(looks[-1][0]),
        roles=texts.listed(texts.word("role", role) for role in roles),
    )
    # A look that is not on file may have had no case: with a gap, "all had one" cannot be said.
    sheet.row(
        QUESTION,
        "not_covered" if gaps else "yes",
        said,
        gaps=gaps,
        period=period,
        facts=[fact.id for _, fact in looks],
        coverage=account.stated(("DataAccessed",), *period),
    )


def _has_case(sheet: Sheet, fact: FactLike) -> bool:
    matter, case = sheet.account.matter, str(fact.payload["case"])
    if not case or (fact.subject and fact.subject != case):
        return False
    return matter.cases is None or case in matter.cases or case == matter.complaint


def _fields(sheet: Sheet, fact: FactLike) -> tuple[str, str]:
    texts = sheet.texts
    names = [name.strip() for name in str(fact.payload["fields"]).split(",")]
    return texts.listed(texts.word("field", name) for name in names if name)
