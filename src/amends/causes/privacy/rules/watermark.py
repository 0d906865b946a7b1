"""A watermark in a table: rows of nobody, and an order of the rows, both keyed by the export.

The rows of nobody survive sorting, filtering and any change of format; the order survives what
removes rows. A table is marked for one recipient; whoever holds its key finds both again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Row = Sequence[str]
ONE_IN = 200
"""One row of nobody to so many rows, at least `LEAST`."""
LEAST = 2
_TRACE = re.compile(r"1990\d{7}")
_SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张"
_GIVEN = "安博晨丹恩芳刚浩佳凯岚敏宁鹏琪然思涛薇欣雅岩颖泽"


@dataclass(frozen=True, slots=True)
class WatermarkMatch:
    """How much of an export's mark is in a table: rows of nobody, and neighbours in its order.

    order  share of neighbouring rows in the key's order; about one half by chance
    """

    marked: int
    order: float
    pairs: int

    @property
    def certain(self) -> bool:
        """Whether chance is out of the question (below one in a million)."""
        # Hoeffding: P(share - 1/2 >= t) <= exp(-2 n t^2)
        return self.marked > 0 or (
            self.pairs >= 1 and 2 * self.pairs * max(self.order - 0.5, 0.0) ** 2 > 13.8
        )


def mark(columns: Sequence[str], rows: Sequence[Row], key: bytes) -> list[list[str]]:
    """The rows with rows of nobody among them, in the key's order."""
    count = max(LEAST, len(rows) // ONE_IN)
    added = [_nobody(columns, rows, key, number) for number in range(count)] if rows else []
    both = [list(row) for row in rows] + added
    return sorted(both, key=lambda row: _place(row, key))


def find(rows: Sequence[Row], key: bytes, count: int) -> WatermarkMatch:
    """Look for a key's mark; `count` is how many rows its export had."""
    seen = {digits for row in rows for cell in row for digits in _TRACE.findall(str(cell))}
    traces = {_digits(key, number) for number in range(max(LEAST, count // ONE_IN))}
    marked = len(traces & seen)
    positions = [_place(row, key) for row in rows]
    rising = sum(a <= b for a, b in pairwise(positions))
    pairs = max(len(positions) - 1, 0)
    return WatermarkMatch(marked, rising / pairs if pairs else 0.0, pairs)


def _nobody(columns: Sequence[str], rows: Sequence[Row], key: bytes, number: int) -> list[str]:
    """A row like its neighbours, whose telling cells are the key's own."""
    seed = hmac.new(key, b"row%d" % number, hashlib.sha256).digest()
    like = rows[int.from_bytes(seed[:4]) % len(rows)]
    digits = _digits(key, number)
    row, is_marked = list(like), False
    for at, column in enumerate(columns):
        name = column.strip().lower()
        if name in ("phone", "msisdn", "number", "telephone"):
            row[at], is_marked = digits, True
        elif name == "name":
            row[at] = _SURNAMES[seed[4] % len(_SURNAMES)] + _GIVEN[seed[5] % len(_GIVEN)]
        elif name == "email":
            row[at], is_marked = f"u{digits}@mail.example", True
        elif name in ("id_card", "identity_card"):
            row[at] = ""
        elif name in ("subscriber", "service", "reference", "id", "ref"):
            row[at], is_marked = (
                like[at][:-11] + digits if len(like[at]) > len(digits) else digits,
                True,
            )
    if not is_marked:
        row[-1] = digits
    return row


def _digits(key: bytes, number: int) -> str:
    """Eleven digits like a mobile number, in a range that is given to nobody (199 0…)."""
    drawn = int.from_bytes(hmac.new(key, b"digits%d" % number, hashlib.sha256).digest()[:8])
    return f"1990{drawn % 10**7:07d}"


def _place(row: Row, key: bytes) -> bytes:
    text = "\x1f".join(_plain(cell) for cell in row)
    return hmac.new(key, text.encode(), hashlib.sha256).digest()[:8]


def _plain(cell: str) -> str:
    """A cell without what a spreadsheet changes: blanks, case, a trailing `.0`, a leading quote."""
    text = re.sub(r"\s+", " ", str(cell).strip()).lstrip("'").casefold()
    return text[:-2] if re.fullmatch(r"-?\d+\.0", text) else text


def small_groups(counts: Iterable[tuple[str, int]], k: int) -> set[str]:
    """Groups of an aggregate that must not be told: those below k, and one more where just one is.

    A single hidden group could be computed from the total.

    >>> sorted(small_groups([("a", 50), ("b", 3), ("c", 12)], 10))
    ['b', 'c']
    """
    listed = list(counts)
    hidden = {name for name, count in listed if count < k}
    if len(hidden) == 1 and len(listed) > 1:
        remaining = [group for group in listed if group[0] not in hidden]
        hidden.add(min(remaining, key=lambda group: (group[1], group[0]))[0])
    return hidden
