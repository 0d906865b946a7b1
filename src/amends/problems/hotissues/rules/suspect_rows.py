"""Rows of complaints that call for a second look: one sender, a wrong year, recorded long after."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from amends.engines.detection.cube import HALVES
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable

ALIKE_IN_A_MINUTE = 20
ALIKE = 0.7
MOST_KINDS = 30
FAR_SHARE, FAR_DAYS = 0.005, 60
RECORDED_AFTER = timedelta(days=7)
_GRAM = 4


def suspected(frame: pl.DataFrame) -> tuple[list[bool], list[str]]:
    """Rows of one minute that say nearly the same, at least twenty of them, and what to say of it.

    frame  columns `at` and `text`, a complaint a row; where no row has a time of day, no minute is
           known, and nobody is suspected
    """
    flags = np.zeros(frame.height, dtype=bool)
    suspected_groups: list[tuple[int, datetime]] = []
    if (frame["at"].dt.truncate("1d") == frame["at"]).all():
        return flags.tolist(), []
    for ahead in HALVES:
        minutes = (
            frame.with_row_index("row")
            .filter(pl.Series(~flags))
            .with_columns((pl.col("at") + ahead).dt.truncate("1m") - ahead)
        )
        many = minutes.filter((pl.col("text") != "") & (pl.len().over("at") >= ALIKE_IN_A_MINUTE))
        for (minute,), part in sorted(many.partition_by("at", as_dict=True).items()):
            rows = np.array(part["row"].to_list())
            for group in groups_alike(part["text"].to_list()):
                flags[rows[group]] = True
                suspected_groups.append((len(group), minute))
    return flags.tolist(), _said(suspected_groups)


def _said(suspected_groups: Sequence[tuple[int, datetime]]) -> list[str]:
    """One sentence, however many minutes it was."""
    if not suspected_groups:
        return []
    largest, minute = max(suspected_groups)
    minutes = len({at for _size, at in suspected_groups})
    return [
        Translatable(
            _MANY_MINUTES if minutes > 1 else _ONE_MINUTE,
            count=f"{sum(size for size, _at in suspected_groups):,}",
            when=f"{minute:%Y-%m-%d %H:%M}",
            minutes=f"{minutes:,}",
            most=f"{largest:,}",
        )
    ]


_ONE_MINUTE = gettext_noop(
    "%(count)s rows of %(when)s say nearly the same: suspected to be one sender. They are counted, "
    "and shown as suspected."
)
_MANY_MINUTES = gettext_noop(
    "%(count)s rows of %(minutes)s minutes, %(most)s of them in that of %(when)s, say nearly the "
    "same: suspected to be one sender. They are counted, and shown as suspected."
)


def groups_alike(texts: Sequence[str]) -> list[list[int]]:
    """Places of texts that are nearly the same but for numbers, at least twenty in a group."""
    return _alike([_plain(text) for text in texts])


def _plain(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text.lower())[:200]


def _alike(texts: Sequence[str]) -> list[list[int]]:
    """Groups of at least twenty texts that share most runs of four letters with their commonest."""
    grams = [{text[n : n + _GRAM] for n in range(max(len(text) - _GRAM + 1, 1))} for text in texts]
    left = {n for n, text in enumerate(texts) if text}
    usual = [text for text, _ in Counter(texts[n] for n in sorted(left)).most_common(MOST_KINDS)]
    groups = []
    for text in usual:
        like = {text[n : n + _GRAM] for n in range(max(len(text) - _GRAM + 1, 1))}
        group = [n for n in sorted(left) if len(grams[n] & like) >= ALIKE * len(grams[n] | like)]
        if len(group) >= ALIKE_IN_A_MINUTE:
            groups.append(group)
            left -= set(group)
    return groups


def far_from_others(moments: Sequence[datetime]) -> tuple[datetime, datetime]:
    """First and last moment without the few that lie months from all others: mistyped years."""
    ordered = sorted(moments)
    few = int(FAR_SHARE * len(ordered)) if len(ordered) > 1 / FAR_SHARE else 0
    low, high = 0, len(ordered) - 1
    for n in range(few):
        if ordered[n + 1] - ordered[n] > timedelta(days=FAR_DAYS):
            low = n + 1
        if ordered[-1 - n] - ordered[-2 - n] > timedelta(days=FAR_DAYS):
            high = len(ordered) - 2 - n
    return ordered[low], ordered[high]


def recorded_late(at: Sequence[datetime], recorded: Sequence[datetime | None]) -> list[str]:
    """What to say of complaints that were recorded more than a week after they came."""
    late = [
        (came, when)
        for came, when in zip(at, recorded, strict=True)
        if when is not None and when - came > RECORDED_AFTER
    ]
    if not late:
        return []
    came = [each[0] for each in late]
    return [
        Translatable(
            gettext_noop(
                "Complaints recorded more than a week after they came: %(count)s, of %(first)s to "
                "%(last)s; they count when they came, not today."
            ),
            count=f"{len(late):,}",
            first=f"{min(came):%Y-%m-%d}",
            last=f"{max(came):%Y-%m-%d}",
        )
    ]
