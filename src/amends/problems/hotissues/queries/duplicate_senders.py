"""Complaints of the desk that look like one sender's: near-identical words within a minute.

The cube knows a print of the words, which is the same only where they are; numbered or slightly
changed texts are compared by their words, in minutes in which far more came than usually do.
"""

from __future__ import annotations

from collections import OrderedDict

import polars as pl

from amends.cases.complaints.queries.analytics import masked_texts
from amends.engines.detection.cube import suspected
from amends.problems.hotissues.rules.suspect_rows import ALIKE_IN_A_MINUTE, groups_alike

UNUSUAL = 3.0
"""A minute is looked into with so many times what a busy minute usually brings."""
MOST_TEXTS = 20_000
_KEPT = 256
_SEEN: OrderedDict[tuple[str, int], frozenset[str]] = OrderedDict()
"""What this process found in a minute, by its first complaint and how many it has."""


def one_sender(rows: pl.DataFrame) -> set[str]:
    """Ids of the complaints among these that look like one sender's; they stay counted.

    rows  columns id, received_at, text_print
    """
    suspect_ids = set(suspected(rows)["id"])
    left = MOST_TEXTS
    for ids in _busy_minutes(rows):
        suspect_ids |= _alike_in(ids[:left])
        left -= len(ids)
        if left <= 0:
            break
    return suspect_ids


def _busy_minutes(rows: pl.DataFrame) -> list[list[str]]:
    """Ids of each minute that brought far more than usual, the fullest minute first."""
    minutes = (
        rows.group_by(pl.col("received_at").dt.truncate("1m").alias("minute"))
        .agg(pl.col("id").sort(), pl.len().alias("n"))
        .sort("n", "minute", descending=True)
    )
    usual = minutes["n"].quantile(0.9, "lower") if minutes.height > ALIKE_IN_A_MINUTE else None
    threshold = max(ALIKE_IN_A_MINUTE, UNUSUAL * float(usual or 0))
    return minutes.filter(pl.col("n") >= threshold)["id"].to_list()


def _alike_in(ids: list[str]) -> frozenset[str]:
    """Those of one minute that say nearly the same; what was read once is not read again."""
    key = (ids[0], len(ids))
    if key in _SEEN:
        _SEEN.move_to_end(key)
        return _SEEN[key]
    texts = masked_texts(ids)
    refs_with_text = [ref for ref in ids if ref in texts]
    groups = groups_alike([texts[ref] for ref in refs_with_text])
    _SEEN[key] = frozenset(refs_with_text[at] for group in groups for at in group)
    if len(_SEEN) > _KEPT:
        _SEEN.popitem(last=False)
    return _SEEN[key]
