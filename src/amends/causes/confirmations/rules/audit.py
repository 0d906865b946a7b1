"""Which charges no confirmation covers: columns in, one verdict a charge out.

A service under an offer is found by its 128-bit hash, never by comparing texts; its moment and what
happened then are one integer, so the last word before each charge is found by one merge of two
sorted columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from numba import njit

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Span = tuple[int, int]
Demanded = Callable[[pl.Series, Ints], npt.NDArray[np.bool_]]

VERDICTS = ("not_demanded", "not_covered", "confirmed", "late", "withdrawn", "unconfirmed")
NOT_DEMANDED, NOT_COVERED, CONFIRMED, LATE, WITHDRAWN, UNCONFIRMED = range(6)
WRONG = (LATE, WITHDRAWN, UNCONFIRMED)
"""Verdicts under which the charge rested on nobody's word when it was made."""

GIVEN, ENDED = 1, 2
LOOKBACK_MS = 72 * 3_600_000
UNDATED_LOOKBACK_MS = 62 * 86_400_000
GRACE_MS = 600_000
_GROUP_SHIFT, _TIME_SHIFT = 34, 2
_UNKNOWN = np.iinfo(np.int64).min
MAX_GROUPS = 1 << 29


class UnableToDistinguish(ValueError):
    """More services than one pass can number, or hashes that meet; audit a shorter period."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One verdict for each charge (an index of `VERDICTS`), and the number of its service.

    code  uint8, in the order of the charges
    key   which service under which offer: equal numbers are the same
    """

    code: npt.NDArray[np.uint8]
    key: npt.NDArray[np.int64]

    def names(self) -> pl.Series:
        """The verdicts in words."""
        return pl.Series("verdict", VERDICTS).gather(self.code.astype(np.uint32))


def audit(
    charges: pl.DataFrame,
    events: pl.DataFrame,
    *,
    gaps: Sequence[Span] = (),
    is_demanded: Demanded | None = None,
) -> Verdicts:
    """The verdict on every charge.

    charges  service, offer, charged_at_ms; started_at_ms (null where unknown), kind (or absent)
    events   service, offer, at_ms, event: 1 a confirmation, 2 a refusal, withdrawal or stop
    gaps     spans in milliseconds in which records of confirmations are not known to be complete
    is_demanded  kinds and starts → whether the rules of that day asked for a confirmation

    A confirmation up to ten minutes after the charge still counts as before it: clocks differ. A
    charge without one is `not_covered` where the days in which it would have been given lie in a
    gap; where the start is unknown, 62 days before the first charge must be covered.
    """
    key, order, packed_events, group = _matched(charges, events)
    charged = charges["charged_at_ms"].to_numpy().astype(np.int64)
    first, dated = _starts(charges, key, charged)
    latest_answer = np.zeros(len(key), np.int64)
    latest_answer[order] = _latest_answers(packed_events, group, charged[order])
    ever_confirmed = np.zeros(len(key), np.bool_)
    ever_confirmed[order] = _ever_confirmed(packed_events, group)
    code = np.full(len(key), UNCONFIRMED, np.uint8)
    code[ever_confirmed] = LATE
    code[latest_answer == ENDED] = WITHDRAWN
    code[latest_answer == GIVEN] = CONFIRMED
    without_answer = (code == UNCONFIRMED) | (code == LATE)
    lookback = np.where(dated, LOOKBACK_MS, UNDATED_LOOKBACK_MS)
    for start, end in gaps:
        code[without_answer & (first - lookback < end) & (first + GRACE_MS > start)] = NOT_COVERED
    if is_demanded is not None:
        unnamed = pl.repeat("", len(charges), eager=True)
        kinds = charges["kind"] if "kind" in charges.columns else unnamed
        code[~is_demanded(kinds, first)] = NOT_DEMANDED
    return Verdicts(code, key)


def _matched(charges: pl.DataFrame, events: pl.DataFrame) -> tuple[Ints, Ints, Ints, Ints]:
    """Number the services, and bring events and charges together.

    Returns for each charge the number of its service; the order of the charges by service; the
    events as sorted integers (group, seconds, what); and for each charge in that order the group
    of its events, -1 where there are none.
    """
    for seed in range(8):
        ours, theirs = _hashes(charges, seed), _hashes(events, seed)
        order, event_order = np.argsort(ours[0]), np.argsort(theirs[0])
        run, group, event_index, is_unambiguous = _merged(
            ours[0][order], ours[1][order], theirs[0][event_order], theirs[1][event_order]
        )
        if is_unambiguous:
            key = np.empty(len(order), np.int64)
            key[order] = run
            return key, order, _packed(group, events, event_order), event_index
    raise UnableToDistinguish


def _hashes(frame: pl.DataFrame, seed: int) -> tuple[Hashes, Hashes]:
    """Two independent hashes of service and offer."""
    named = [frame[name].cast(pl.String).fill_null("") for name in ("service", "offer")]
    both = []
    for part in (2 * seed, 2 * seed + 1):
        service, offer = (column.hash(part).to_numpy() for column in named)
        both.append((service ^ (offer >> np.uint64(1))) * np.uint64(0x9E3779B97F4A7C15))
    return both[0], both[1]


@njit(cache=True, nogil=True)
def _merged(
    ours: Any, our_second: Any, theirs: Any, their_second: Any
) -> Any:  # pragma: no cover - compiled
    """Walk through two sorted columns of hashes at once.

    Equal neighbours share a number, from 0: `run` of ours, `group` of theirs; `found` is the group
    ours belong to, -1 for none. False where what the first hash holds to be one is two by the
    second.
    """
    run, event_index = np.zeros(len(ours), np.int64), np.full(len(ours), -1, np.int64)
    group = np.zeros(len(theirs), np.int64)
    for row in range(1, len(theirs)):
        same = theirs[row] == theirs[row - 1]
        if same and their_second[row] != their_second[row - 1]:
            return run, group, event_index, False
        group[row] = group[row - 1] + (0 if same else 1)
    at = 0
    for row in range(len(ours)):
        if row:
            same = ours[row] == ours[row - 1]
            if same and our_second[row] != our_second[row - 1]:
                return run, group, event_index, False
            run[row] = run[row - 1] + (0 if same else 1)
        while at < len(theirs) and theirs[at] < ours[row]:
            at += 1
        if at < len(theirs) and theirs[at] == ours[row]:
            if their_second[at] != our_second[row]:
                return run, group, event_index, False
            event_index[row] = group[at]
    return run, group, event_index, True


def _packed(group: Ints, events: pl.DataFrame, order: Ints) -> Ints:
    if len(group) and int(group[-1]) >= MAX_GROUPS:
        raise UnableToDistinguish
    what = events["event"].to_numpy().astype(np.int64)
    # A confirmation is moved ahead by the grace; a refusal counts from its moment.
    at_ms = events["at_ms"].to_numpy().astype(np.int64) - np.where(what == GIVEN, GRACE_MS, 0)
    packed_events = _with_time(group, at_ms[order], what[order])
    packed_events.sort()
    return packed_events


def _with_time(group: Ints, at_ms: Ints, low: Ints | int) -> Ints:
    seconds = np.clip(at_ms // 1000, 0, (1 << 32) - 1)
    return (group << _GROUP_SHIFT) | (seconds << _TIME_SHIFT) | low


def _starts(charges: pl.DataFrame, key: Ints, charged: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """When each charge's service began, as stated or by its first charge; and whether stated."""
    first = np.full(int(key.max(initial=-1)) + 1, np.iinfo(np.int64).max, np.int64)
    np.minimum.at(first, key, charged)
    start_ms = first[key]
    if "started_at_ms" not in charges.columns:
        return start_ms, np.zeros(len(key), np.bool_)
    stated = charges["started_at_ms"].fill_null(_UNKNOWN).to_numpy().astype(np.int64)
    dated = stated != _UNKNOWN
    return np.where(dated, stated, start_ms), dated


def _latest_answers(ints: Ints, group: Ints, charged: Ints) -> Ints:
    """For each charge, ordered by service, the last event before it; 0 for none."""
    if not len(ints):
        return np.zeros(len(group), np.int64)
    event_position = (
        np.searchsorted(ints, _with_time(np.maximum(group, 0), charged, 3), side="right") - 1
    )
    word = ints[np.maximum(event_position, 0)]
    same = (group >= 0) & (event_position >= 0) & ((word >> _GROUP_SHIFT) == group)
    return np.where(same, word & 3, 0)


def _ever_confirmed(ints: Ints, group: Ints) -> npt.NDArray[np.bool_]:
    """Whether any confirmation of the service exists, early or late."""
    if not len(ints):
        return np.zeros(len(group), np.bool_)
    is_given = np.zeros(int(ints[-1] >> _GROUP_SHIFT) + 1, np.bool_)
    is_given[ints[(ints & 3) == GIVEN] >> _GROUP_SHIFT] = True
    return np.where(group >= 0, is_given[np.maximum(group, 0)], False)
