"""Which looks at personal data are unusual, and why: signals for a person to judge.

Pseudonyms are random, so runs of consecutive numbers cannot be seen here by design; paging through
files shows as many people in a row without a case.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DAY_MS = 86_400_000
IN_A_ROW = 5
ROW_GAP_MS = 120_000
EYES = 5
ALERT_P = 1e-4
MIN_PEERS = 3
MIN_DAYS = 5
ROUNDS = 4

SIGNALS: dict[str, tuple[str, str]] = {
    "no_case": ("没有关联案件的查看", "Looked without a case"),
    "wrong_case": ("所用案件不属于该用户或不存在", "The case named is another person's or unknown"),
    "after_closing": ("案件结案后仍查看", "Looked after the case was closed"),
    "self_opened": (
        "自己立案、自己查看，没有用户来访记录",
        "Opened the case and looked, without any contact from the person",
    ),
    "in_a_row": ("短时间内连续查看多人", "Paged through many people in a row"),
    "volume": ("查看量明显高于同岗和本人以往", "Far more looks than peers and than usual"),
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
    p_value: float | None = None

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
    found = [
        *_by_case(looks, cases, own_prefix),
        *_in_a_row(looks),
        *_volume(looks, ahead_ms),
        *_many_eyes(looks, ahead_ms),
    ]
    return sorted(found, key=lambda one: (-one.count, one.signal, one.user))


def _by_case(
    looks: Iterable[LookRow], cases: Mapping[str, CaseFacts], own_prefix: str
) -> list[UnusualLook]:
    grouped: dict[tuple[str, str, str], list[LookRow]] = defaultdict(list)
    for look in looks:
        signal = _against_case(look, cases, own_prefix)
        if signal:
            grouped[signal, look.user, look.role].append(look)
    return [_signal(signal, user, role, some) for (signal, user, role), some in grouped.items()]


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
    found = []
    for (user, role), some in _per_user(look for look in looks if not look.case).items():
        run: list[LookRow] = []
        for look in [*some, None]:
            if look and run and look.at_ms - run[-1].at_ms <= ROW_GAP_MS:
                run.append(look)
                continue
            if len({one.subscriber for one in run}) >= IN_A_ROW:
                found.append(_signal("in_a_row", user, role, run))
            run = [look] if look else []
    return found


def _volume(looks: Iterable[LookRow], ahead_ms: int) -> list[UnusualLook]:
    """Days on which a user looked at far more people than peers of the role and than before.

    A negative binomial is fitted by moments to the other people's days of the same role and to the
    user's own days before; both tails must be below 1e-4 after Benjamini-Hochberg.
    """
    listed: dict[tuple[str, str, int], list[LookRow]] = defaultdict(list)
    for look in looks:
        listed[look.role, look.user, (look.at_ms + ahead_ms) // DAY_MS].append(look)
    counts = {key: len({one.subscriber for one in some}) for key, some in listed.items()}
    found: dict[tuple[str, str, int], float] = {}
    for _ in range(ROUNDS):
        # What was found must not pass for ordinary: fit again without it.
        again = dict(_discoveries(_tested(counts, ordinary=counts.keys() - found.keys())))
        if again.keys() == found.keys():
            break
        found = again
    return [
        _signal("volume", user, role, listed[role, user, day], p_value=p)
        for (role, user, day), p in found.items()
    ]


def _tested(
    counts: Mapping[tuple[str, str, int], int], ordinary: Set[tuple[str, str, int]]
) -> list[tuple[tuple[str, str, int], float]]:
    """The larger of the two tails for each day of each user with enough peers."""
    of_role: dict[str, _Days] = defaultdict(_Days)
    of_user: dict[tuple[str, str], _Days] = defaultdict(_Days)
    for role, user, day in ordinary:
        of_role[role].add(counts[role, user, day])
        of_user[role, user].add(counts[role, user, day])
    users = Counter(role for role, _ in {(role, user) for role, user, _ in counts})
    before: dict[tuple[str, str], _Days] = defaultdict(_Days)
    keys: list[tuple[str, str, int]] = []
    fits: list[tuple[int, tuple[float, float], tuple[float, float]]] = []
    for role, user, day in sorted(counts, key=lambda key: (key[2], key)):
        count = counts[role, user, day]
        peers = of_role[role].without(of_user[role, user])
        own = before[role, user]
        if users[role] > MIN_PEERS and peers.days:
            keys.append((role, user, day))
            habit = own if own.days >= MIN_DAYS else peers
            fits.append((count, peers.moments(), habit.moments()))
        if (role, user, day) in ordinary:
            own.add(count)
    if not keys:
        return []
    seen = np.array([count for count, _, _ in fits])
    tails = np.maximum(
        _tails(seen, np.array([peer for _, peer, _ in fits])),
        _tails(seen, np.array([habit for _, _, habit in fits])),
    )
    return list(zip(keys, tails.tolist(), strict=True))


def _tails(counts: NDArray[np.int_], moments: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(N >= count) under negative binomials of these means and variances."""
    # Loaded where it is used: half of what starting any command takes would be SciPy's.
    from scipy.stats import nbinom

    mean, variance = moments[:, 0], moments[:, 1]
    size = mean * mean / (variance - mean)
    tails: NDArray[np.float64] = nbinom.sf(counts - 1, size, size / (size + mean))
    return tails


@dataclass(slots=True)
class _Days:
    """Counts per day, kept as their number, sum and sum of squares."""

    days: int = 0
    total: int = 0
    squares: int = 0

    def add(self, count: int) -> None:
        self.days += 1
        self.total += count
        self.squares += count * count

    def without(self, others: _Days) -> _Days:
        return _Days(
            self.days - others.days, self.total - others.total, self.squares - others.squares
        )

    def moments(self) -> tuple[float, float]:
        """Mean and variance, the latter always above the former."""
        mean = max(self.total / self.days, 0.5)
        spread = (self.squares - self.total**2 / self.days) / max(self.days - 1, 1)
        return mean, max(spread, mean * 1.1)


def _discoveries(
    tested: list[tuple[tuple[str, str, int], float]],
) -> list[tuple[tuple[str, str, int], float]]:
    """The tests that pass Benjamini and Hochberg's step-up procedure at `ALERT_P`."""
    ordered = sorted(tested, key=lambda one: one[1])
    passing = 0
    for rank, (_, p) in enumerate(ordered, start=1):
        if p <= ALERT_P * rank / len(ordered):
            passing = rank
    return ordered[:passing]


def _many_eyes(looks: Iterable[LookRow], ahead_ms: int) -> list[UnusualLook]:
    """People without a common case looked at by five or more users within a day."""
    per_person: dict[tuple[str, int], list[LookRow]] = defaultdict(list)
    for look in looks:
        per_person[look.subscriber, (look.at_ms + ahead_ms) // DAY_MS].append(look)
    found = []
    for some in per_person.values():
        users = Counter(look.user for look in some)
        if len(users) >= EYES and len({look.case for look in some}) > 1:
            found.append(_signal("many_eyes", "", "", some))
    return found


def _per_user(looks: Iterable[LookRow]) -> dict[tuple[str, str], list[LookRow]]:
    grouped: dict[tuple[str, str], list[LookRow]] = defaultdict(list)
    for look in sorted(looks, key=lambda one: (one.at_ms, one.fact)):
        grouped[look.user, look.role].append(look)
    return grouped


def _signal(
    signal: str, user: str, role: str, looks: list[LookRow], p_value: float | None = None
) -> UnusualLook:
    ordered = sorted(looks, key=lambda one: (one.at_ms, one.fact))
    refs = tuple(look.fact for look in ordered)
    return UnusualLook(
        signal, user, role, len(refs), ordered[0].at_ms, ordered[-1].at_ms, refs, p_value
    )
