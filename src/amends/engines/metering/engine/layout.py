"""What the engine stores of a line: 64 bytes, and 16 bytes of terms; dense arrays by line number.

State is one array of 64-byte rows, so that a record touches one cache line. Kernels work on plain
views of it, never on objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

COUNTERS = ("data", "voice", "sms", "roaming", "money")
"""Bytes, seconds, messages, roaming (see `Rules.roaming_by_volume`), charges in minor units."""
DATA, VOICE, SMS, ROAMING, MONEY = range(5)
BALANCE = 5
"""What a prepaid line has spent of its balance: its charges of this period, and what it carried
into it. Not stored by itself: the sum of `MONEY` and of `carried` of the terms."""
LEVELS = 6
"""Counters, and what is the sum of others: what a mark may lie on."""
KINDS = ("data", "voice", "sms", "charge")
"""Kinds of usage record; a charge counts money only, the others have a counter of their name."""
CHARGE = 3
UNITS = ("byte", "s", "count", "minor", "minor")
PAST = 3
"""Closed periods whose charges are remembered."""

LARGEST = 2**63 - 1
LARGEST_PAST = 2**31 - 1
UNKNOWN = -1
NO_PERIOD = 255
NO_DAY = 255
HOME = 0
COUNTRIES = 677

HELD = 1
"""Roaming is stopped until the user consents."""
CONSENTED = 2
DATA_TOLD = 4
"""The first use of data in the country of the visit was notified."""
LEFT = 8
"""Used at home since the last foreign record."""
REARMED = 16
"""Something re-armed steps in this period: keys of its counter name what did."""
OF_PERIOD = HELD | CONSENTED | REARMED
"""Flags that end with the billing period."""

STATE = np.dtype(
    [
        ("used", "<i8", (len(COUNTERS),)),
        ("past", "<i4", (PAST,)),
        ("notified", "<u4"),
        ("multiple", "<u2"),
        ("country", "<u2"),
        ("period", "u1"),
        ("day", "u1"),
        ("flags", "u1"),
        ("spare", "u1"),
    ]
)
"""used      what each counter has counted in the current billing period
past      charges of the last closed periods, the latest first; -1 where not known
notified  one bit for each step that was notified in this period
multiple  the highest multiple notified of the one recurring step
country   country of the last foreign record, 0 before any
period    number of the billing period (`calendar`), 255 before any record
day       local day of arrival there, modulo 256
flags     see above
"""

TERMS = np.dtype([("plan", "<u4"), ("cycle", "<u2"), ("spare", "<u2"), ("carried", "<i8")])
"""plan     row of the plan table: limits and thresholds
cycle    zone and day on which billing periods begin (`calendar`)
carried  spent of the prepaid balance before this period, less what was topped up since; a balance
         does not fill up again when a month begins
"""


@dataclass(frozen=True, slots=True)
class Lines:
    """State and terms of the lines numbered 0, 1, 2 …; `advance` changes them in place."""

    state: Array
    terms: Array

    def __len__(self) -> int:
        return len(self.state)


def aligned(rows: int, dtype: np.dtype[Any]) -> Array:
    """Zeros whose rows of 64 bytes each lie in one line of memory; NumPy alone aligns to 16.

    >>> aligned(3, STATE).ctypes.data % 64
    0
    """
    size = rows * dtype.itemsize
    buffer = np.zeros(size + 64, np.uint8)
    skip = -buffer.ctypes.data % 64
    return buffer[skip : skip + size].view(dtype)


def new_lines(plans: Array, cycles: Array) -> Lines:
    """Lines that have not used anything yet.

    >>> lines = new_lines(np.array([0, 0]), np.array([0, 0]))
    >>> lines.state.itemsize, lines.terms.itemsize
    (64, 16)
    """
    state = aligned(len(plans), STATE)
    state["past"] = UNKNOWN
    state["period"] = NO_PERIOD
    state["day"] = NO_DAY
    terms = np.zeros(len(plans), TERMS)
    terms["plan"] = plans
    terms["cycle"] = cycles
    return Lines(state, terms)


(
    COUNTED,
    REPEATED,
    ALTERED,
    LATE,
    UNKNOWN_LINE,
    FUTURE,
    TOO_OLD,
    IMPLAUSIBLE,
    UNKNOWN_KIND,
    MALFORMED,
    COUNTED_HELD,
) = range(11)
TREATMENTS = (
    "counted",
    "repeated",
    "altered",
    "late",
    "unknown_line",
    "future",
    "too_old",
    "implausible",
    "unknown_kind",
    "malformed",
    "counted_held",
)
"""What became of a record:

counted       it moved a counter
repeated      its id was seen: ignored, a success
altered       its id was seen with other content: ignored, and shown to a person
late          its billing period is closed: added to the charges of that period, no notice is due
unknown_line  the line is not enrolled
future        later than the file that carries it, beyond the tolerance
too_old       older than the stored record ids: whether it was seen cannot be known
implausible   more than one record can hold
unknown_kind  neither data, voice, sms nor charge
malformed     a value that cannot be read
counted_held  counted, though the line was stopped until its user consents
"""
REJECTED = (UNKNOWN_LINE, FUTURE, TOO_OLD, IMPLAUSIBLE, UNKNOWN_KIND, MALFORMED)


@dataclass(frozen=True, slots=True)
class UsageColumns:
    """Usage records as columns of one length, in the order they arrived.

    record   64-bit id, unique for each event of use
    line     number of the line, -1 where it is not known
    at_ms    when it was used, milliseconds since 1970
    kind     index in `KINDS`; anything else is rejected
    amount   bytes, seconds or messages; negative where an earlier record is corrected
    charge   money in minor units the record adds to the bill
    country  0 at home, otherwise `country_code`
    """

    record: Array
    line: Array
    at_ms: Array
    kind: Array
    amount: Array
    charge: Array
    country: Array

    def __len__(self) -> int:
        return len(self.record)

    def rows(self, first: int, last: int) -> UsageColumns:
        """Some of the records."""
        return UsageColumns(*(getattr(self, name)[first:last] for name in self.__slots__))


NOTICE = np.dtype(
    [
        ("row", "<i8"),
        ("line", "<i8"),
        ("at_ms", "<i8"),
        ("used", "<i8"),
        ("limit", "<i8"),
        ("multiple", "<u4"),
        ("step", "<u2"),
        ("country", "<u2"),
        ("day", "<u2"),
        ("period", "u1"),
        ("flags", "u1"),
    ]
)
"""row      the record of the batch that crossed the step
used     the counter after that record; limit: the mark it passed
multiple which multiple, of a recurring step; else 0
country  and local day of arrival, for a step that belongs to a visit; else 0
flags    `REARMED` where something re-armed steps of the line in this period
"""


def country_code(iso: str) -> int:
    """1 to 676 for two capital letters of ISO 3166-1.

    >>> country_code("AA"), country_code("TH"), country_code("ZZ")
    (1, 502, 676)
    """
    first, second = (ord(letter) - ord("A") for letter in iso)
    return first * 26 + second + 1


def country_name(code: int) -> str:
    """The letters again, "" for home.

    >>> country_name(502)
    'TH'
    """
    if not code:
        return ""
    first, second = divmod(code - 1, 26)
    return chr(first + ord("A")) + chr(second + ord("A"))
