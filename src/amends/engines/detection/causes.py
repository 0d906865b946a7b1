"""Candidate causes of an issue, ranked by how well they fit in time and place.

An exposure is something the ledger holds that touched some people from one moment to another: a
campaign, a published claim, a partner, a new version of an offer, a fault in an area, notices that
were not sent, look-ups without a case. Those who complain in the issue are the cases, those who
complained of other things at the time the controls (Schlesselman 1982, Case-Control Studies): what
touched far more of the cases than of the controls, shortly before they complained, comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

DAY_MS = 86_400_000
BEFORE_DAYS = 60
"""How long after its end a cause may still show: people complain when the bill comes."""
AFTER_DAYS = 4
"""A cause recorded so late may still be one: a feed lags, a beginning is an estimate."""
LEAST_SHARE = 0.1
MOST_FACTS = 20


@dataclass(frozen=True, slots=True)
class Exposure:
    """Something that touched people.

    to_ms    None while it lasts
    persons  who was touched; for an area, who lives there
    facts    ids of the facts that say so
    numbers  what its sentence says besides
    unaffected  who should have been affected too and was not, e.g. those a notice was sent to;
                None where the record does not show it
    """

    kind: str
    reference: str
    from_ms: int
    to_ms: int | None
    persons: AbstractSet[str]
    facts: Sequence[str] = ()
    numbers: Mapping[str, str | int] = field(default_factory=dict)
    unaffected: AbstractSet[str] | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """An exposure beside an issue: shares are 0 to 1, `fit` is what it is ranked by."""

    exposure: Exposure
    share: float
    share_of_others: float
    fit: float
    touched_members: int


def ranked(
    exposures: Iterable[Exposure],
    *,
    members: Mapping[str, int],
    other_persons: Mapping[str, int],
    started_ms: int,
    limit: int = 6,
) -> list[Fit]:
    """The exposures that may be the cause, the best first.

    members        who complains in the issue, and when first, in milliseconds
    other_persons  who complains of something else at the time, and when last

    What began days after somebody's complaint did not cause it: a beginning of the issue that is
    estimated too early rules out no cause.

    >>> ad = Exposure("claim", "c", 0, None, frozenset("abcz"))
    >>> old = Exposure("partner", "p", -400 * DAY_MS, -300 * DAY_MS, frozenset("abcd"))
    >>> found = ranked([old, ad], members=dict.fromkeys("abcd", DAY_MS),
    ...                other_persons=dict.fromkeys("wxyz", -9 * DAY_MS), started_ms=-6 * DAY_MS)
    >>> [(one.exposure.reference, one.share, one.fit > 0.6) for one in found]
    [('c', 0.75, True)]
    """
    candidates = []
    for exposure in exposures:
        timely = in_time(exposure.from_ms, exposure.to_ms, started_ms)
        since = exposure.from_ms - AFTER_DAYS * DAY_MS
        touched = _since(since, members, exposure.persons)
        share = touched / len(members) if members else 0.0
        # Half a person more on either side: a few controls say little.
        others_share = (_since(since, other_persons, exposure.persons) + 0.5) / (
            len(other_persons) + 1.0
        )
        fit = max(0.0, share - others_share) * timely
        if share >= LEAST_SHARE and fit > 0.05:
            candidates.append(
                Fit(
                    exposure=exposure,
                    share=share,
                    share_of_others=others_share,
                    fit=fit,
                    touched_members=touched,
                )
            )
    candidates.sort(
        key=lambda each: (
            -each.fit,
            each.exposure.kind,
            each.exposure.reference,
            -each.exposure.from_ms,
        )
    )
    # Of several changes of one thing the one that fits best stands for it.
    best: dict[tuple[str, str], Fit] = {}
    for each in candidates:
        best.setdefault((each.exposure.kind, each.exposure.reference), each)
    return list(best.values())[:limit]


def _since(moment_ms: int, persons: Mapping[str, int], touched: AbstractSet[str]) -> int:
    """How many of these persons were touched and complained from that moment on."""
    return sum(persons[key] >= moment_ms for key in persons.keys() & touched)


def in_time(from_ms: int, to_ms: int | None, started_ms: int) -> float:
    """How well a cause from one moment to another fits a beginning, 0 to 1; whose complaint came
    before it is not asked here.

    >>> in_time(0, None, 5 * DAY_MS), in_time(0, 2 * DAY_MS, 400 * DAY_MS)
    (1.0, 0.0)
    """
    if to_ms is None or to_ms >= started_ms:
        # What has lasted for long explains a beginning less than what is new.
        lasted = max(0.0, (started_ms - from_ms) / DAY_MS)
        return 1.0 if lasted <= BEFORE_DAYS else max(0.3, 1.0 - (lasted - BEFORE_DAYS) / 365)
    past_days = (started_ms - to_ms) / DAY_MS
    return max(0.0, 1.0 - past_days / BEFORE_DAYS)


def unrecorded(
    *, area: str, members_there: int, members: int, started_ms: int, recorded: bool
) -> Exposure | None:
    """A fault nobody has recorded: the complaints point to one area, its records hold nothing.

    >>> unrecorded(area="a", members_there=9, members=10, started_ms=0, recorded=True) is None
    True
    """
    if recorded or not area or members_there < 0.6 * members:
        return None
    return Exposure(
        kind="unrecorded",
        reference=area,
        from_ms=started_ms,
        to_ms=None,
        persons=frozenset(),
        numbers={"touched_members": members_there},
    )
