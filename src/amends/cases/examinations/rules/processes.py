"""Self-examination: processes, their duties, when one counts as checked, how findings move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from amends.engines.duties.book import DutyBook
from amends.platform.kit.packs import RuleFile, Verified

MET, FOUND, UNKNOWN, BY_HAND = "met", "finding", "unknown", "by_hand"
OPEN, CORRECTED, CLOSED = "open", "corrected", "closed"
MOVES = {(OPEN, CORRECTED), (CORRECTED, CLOSED), (CORRECTED, OPEN)}
"""A finding is corrected, then re-checked: closed, or open again."""


@dataclass(frozen=True, slots=True)
class ProcessDuty:
    """A duty in the register; `id` is "" in no place, else the duty of the place's book."""

    family: str
    id: str
    title_zh: str
    title_en: str
    zh: str
    en: str
    source: str
    verified: Verified


@dataclass(frozen=True, slots=True)
class Process:
    """A process of the operator, the duties it must meet, and decision rules that speak of it."""

    id: str
    zh: str
    en: str
    duties: tuple[ProcessDuty, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessCheck:
    """The state of a process this quarter.

    word  `unchecked` (red), `overdue` (red), `found` (amber), `checked` (green)
    """

    word: str
    checked: int
    duties: int
    open_findings: int


def register(file: RuleFile, book: DutyBook) -> tuple[Process, ...]:
    """The processes with the duties that hold in a place; one a place does not know is left out.

    >>> from amends.platform.kit.packs import load_rules
    >>> from amends.engines.duties.book import book
    >>> day = date(2026, 11, 24)
    >>> own = register(load_rules("amends.cases.examinations", "processes", day), book("cn", day))
    >>> [duty.id for duty in own[2].duties][:1]
    ['cn.roaming_entry']
    """
    duties_by_family = {duty.id.partition(".")[2]: duty for duty in book.duties}
    own = {row["id"]: row for row in file.data.get("duties", [])}
    entries = []
    for row in file.data["processes"]:
        duties = []
        for family in row["duties"]:
            if duty := duties_by_family.get(family):
                duty_texts = (duty.title_zh, duty.title_en, duty.zh, duty.en, duty.source)
                duties.append(ProcessDuty(family, duty.id, *duty_texts, duty.verified))
            elif extra := own.get(family):
                named = f"{book.jurisdiction}.{family}" if extra.get("audited") else family
                texts = {
                    key: extra[key]
                    for key in ("title_zh", "title_en", "zh", "en", "source", "verified")
                }
                duties.append(ProcessDuty(family, named, **texts))
        entries.append(
            Process(
                id=row["id"],
                zh=row["zh"],
                en=row["en"],
                duties=tuple(duties),
                rules=tuple(row["rules"]),
            )
        )
    return tuple(entries)


def process_of_rule(processes: Iterable[Process], rule: str) -> str:
    """The process a decision rule speaks of; the one for `*` where none names it."""
    name = rule.partition(".")[2] or rule
    whole_match = ""
    for process in processes:
        if name in process.rules:
            return process.id
        if "*" in process.rules:
            whole_match = process.id
    return whole_match


def quarter_of(day: date) -> str:
    """The quarter a day lies in.

    >>> quarter_of(date(2026, 11, 24))
    '2026-Q4'
    """
    return f"{day.year}-Q{(day.month + 2) // 3}"


def months_of_quarter(quarter: str) -> list[str]:
    """The first days of its months.

    >>> months_of_quarter("2026-Q4")
    ['2026-10-01', '2026-11-01', '2026-12-01']
    """
    year, number = quarter.split("-Q")
    first = int(number) * 3 - 2
    return [f"{year}-{month:02}-01" for month in range(first, first + 3)]


def judged(*, in_time: int, known_count: int, met_permille: int, audited: bool) -> str:
    """What the notices of a duty say of it; a duty that leaves no trace is judged by hand.

    in_time  sent in time, of those whose outcome is known

    >>> judged(in_time=99, known_count=100, met_permille=990, audited=True)
    'met'
    >>> judged(in_time=98, known_count=100, met_permille=990, audited=True)
    'finding'
    """
    if not audited:
        return BY_HAND
    if not known_count:
        return UNKNOWN
    return MET if in_time * 1000 >= known_count * met_permille else FOUND


def check_of(
    process: Process,
    *,
    checked: Mapping[str, date],
    open_findings: int,
    overdue: int,
) -> ProcessCheck:
    """The state of a process.

    checked        duty (family) → day it was last checked in this quarter
    open_findings  not closed; `overdue` of them past the day of their re-check
    """
    checked_count = sum(duty.family in checked for duty in process.duties)
    if checked_count < len(process.duties):
        word = "unchecked"
    elif overdue:
        word = "overdue"
    else:
        word = "found" if open_findings else "checked"
    return ProcessCheck(
        word=word, checked=checked_count, duties=len(process.duties), open_findings=open_findings
    )
