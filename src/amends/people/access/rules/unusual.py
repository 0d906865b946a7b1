"""Which looks at personal data are unusual, and why: signals for a person to judge.

Pseudonyms are random, so runs of consecutive numbers cannot be seen here by design; paging through
files shows as many people in a row without a case. Counts far above what is usual are the alerts of
`privacy`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

DAY_MS = 86_400_000
IN_A_ROW = 5
ROW_GAP_MS = 120_000
EYES = 5

SIGNALS: dict[str, tuple[str, str]] = {
    "no_case": ("没有关联案件的查看", "Looked without a case"),
    "wrong_case": ("所用案件不属于该用户或不存在", "The case named is another person's or unknown"),
    "after_closing": ("案件结案后仍查看", "Looked after the case was closed"),
    "self_opened": (
        "自己立案、自己查看，没有用户来访记录",
        "Opened the case and looked, without any contact from the person",
    ),
    "in_a_row": ("短时间内连续查看多人", "Paged through many people in a row"),
    "many_eyes": ("一天内被多人查看", "One person looked at by many in a day"),
}


@dataclass(frozen=True, slots=True)
class LookRow:
    """One look: who (`user`, in `role`), at whom, in which case, when (milliseconds UTC)."""

    fact: str
    at_ms: int
    user: str
    role: str
    subscriber: str
    case: str
    purpose: str = ""
    partner: str = ""
    unmasked: bool = False


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of a case: whose it is, who opened it, whether a contact brought it."""

    subscriber: str
    opened_by: str
    by_person: bool
    contact: str
    closed_at_ms: int | None


@dataclass(frozen=True, slots=True)
class UnusualLook:
    """A signal: `user` did something `count` times; `looks` are ids of facts, oldest first."""

    signal: str
    user: str
    role: str
    count: int
    first_ms: int
    last_ms: int
    looks: tuple[str, ...]

    @property
    def zh(self) -> str:
        """The signal in Chinese."""
        return SIGNALS[self.signal][0]

    @property
    def en(self) -> str:
        """The signal in English."""
        return SIGNALS[self.signal][1]


def unusual(
    looks: Sequence[LookRow],
    cases: Mapping[str, CaseFacts],
    *,
    own_prefix: str = "case-",
    ahead_ms: int = 0,
) -> list[UnusualLook]:
    """All signals in a period, the most looks first.

    looks       of people, not of the platform's own jobs
    cases       the cases they name, where they are known
    own_prefix  a case of another system is not judged by ours; ours begin with this
    ahead_ms    how far the clocks of the desk are ahead of UTC: a day is theirs
    """
    findings = [
        *_by_case(looks, cases, own_prefix),
        *_in_a_row(looks),
        *_many_eyes(looks, ahead_ms),
    ]
    return sorted(findings, key=lambda finding: (-finding.count, finding.signal, finding.user))


def _by_case(
    looks: Iterable[LookRow], cases: Mapping[str, CaseFacts], own_prefix: str
) -> list[UnusualLook]:
    grouped: dict[tuple[str, str, str], list[LookRow]] = defaultdict(list)
    for look in looks:
        signal = _against_case(look, cases, own_prefix)
        if signal:
            grouped[signal, look.user, look.role].append(look)
    return [_signal(signal, user, role, group) for (signal, user, role), group in grouped.items()]


def _against_case(look: LookRow, cases: Mapping[str, CaseFacts], own_prefix: str) -> str:
    if not look.case:
        return "no_case"
    case = cases.get(look.case)
    if case is None:
        return "wrong_case" if look.case.startswith(own_prefix) else ""
    if case.subscriber != look.subscriber:
        return "wrong_case"
    if case.closed_at_ms is not None and look.at_ms > case.closed_at_ms:
        return "after_closing"
    if case.by_person and case.opened_by == look.user and not case.contact:
        return "self_opened"
    return ""


def _in_a_row(looks: Iterable[LookRow]) -> list[UnusualLook]:
    """Runs of different people without a case, each at most two minutes after the last."""
    findings = []
    for (user, role), own_looks in _per_user(look for look in looks if not look.case).items():
        run: list[LookRow] = []
        for look in [*own_looks, None]:
            if look and run and look.at_ms - run[-1].at_ms <= ROW_GAP_MS:
                run.append(look)
                continue
            if len({run_look.subscriber for run_look in run}) >= IN_A_ROW:
                findings.append(_signal("in_a_row", user, role, run))
            run = [look] if look else []
    return findings


def _many_eyes(looks: Iterable[LookRow], ahead_ms: int) -> list[UnusualLook]:
    """People without a common case looked at by five or more users within a day."""
    per_person: dict[tuple[str, int], list[LookRow]] = defaultdict(list)
    for look in looks:
        per_person[look.subscriber, (look.at_ms + ahead_ms) // DAY_MS].append(look)
    findings = []
    for person_looks in per_person.values():
        users = Counter(look.user for look in person_looks)
        if len(users) >= EYES and len({look.case for look in person_looks}) > 1:
            findings.append(_signal("many_eyes", "", "", person_looks))
    return findings


def _per_user(looks: Iterable[LookRow]) -> dict[tuple[str, str], list[LookRow]]:
    grouped: dict[tuple[str, str], list[LookRow]] = defaultdict(list)
    for look in sorted(looks, key=lambda look_row: (look_row.at_ms, look_row.fact)):
        grouped[look.user, look.role].append(look)
    return grouped


def _signal(signal: str, user: str, role: str, looks: list[LookRow]) -> UnusualLook:
    ordered = sorted(looks, key=lambda look: (look.at_ms, look.fact))
    refs = tuple(look.fact for look in ordered)
    return UnusualLook(
        signal=signal,
        user=user,
        role=role,
        count=len(refs),
        first_ms=ordered[0].at_ms,
        last_ms=ordered[-1].at_ms,
        looks=refs,
    )
