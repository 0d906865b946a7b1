"""Words that burst: what complaints begin to speak of, found without any class for it.

The detector of counts, on the number of persons who use a word or phrase: what is expected of it is
its share of the complaints before, times the complaints of the period, so that a busy day is no
burst of every word; the evidence is the same likelihood ratio (`evidence`). Words are grouped by
the complaints they share: the strongest is taken, others that stand in the same complaints join as
long as the evidence of *any of them* grows, the complaints explained are set aside, and so on.
How a word sets the new complaints apart is told by its log-odds with an informative Dirichlet prior
(Monroe, Colaresi, Quinn 2008, Political Analysis 16:372-403, doi:10.1093/pan/mpn018). What the
search finds by chance is found out by searching shuffled complaints, for it looks at many words and
many groups of words; the threshold keeps to the false topics a week that are accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import log, log1p, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.baseline.references import PERIODS_A_YEAR, Period
from amends.engines.detection.term_counts import TermColumns
from amends.engines.detection.vocabulary import Vocabulary
from amends.engines.detection.word_search import Topic, WordSearch, WordStream

Ints = NDArray[np.int64]

__all__ = ["Topic", "bursting", "over"]

FALSE_PER_WEEK = 0.5
KEPT: dict[Period, int] = {"week": 104, "day": 91, "hour": 28 * 24}
LEFT_OUT: dict[Period, int] = {"week": 2, "day": 3, "hour": 12}
LEAST_HISTORY = 30
SHUFFLES, LEAST_EVIDENCE = 20, 4.0
SEED = 20261125
AGAIN = 0.5


def bursting(
    texts: Sequence[str],
    periods: Sequence[int] | Ints,
    *,
    at: int | None = None,
    period: Period = "day",
    persons: Sequence[str] | None = None,
    cells: Mapping[str, Iterable[int]] | None = None,
    false_per_week: float = FALSE_PER_WEEK,
    read: Vocabulary | None = None,
) -> list[Topic]:
    """Topics new in period `at` (the newest unless said), the surest first.

    texts           a complaint each, masked
    periods         its period, 0 the first
    persons         who wrote it; one person says a word once a period. None: each is another
    cells           name -> places of the complaints of a class or an area, looked at by themselves
                    after all together; a topic that another has told is not told again
    false_per_week  topics without a cause that the reader accepts, over all cells
    read            the texts as they were read, where somebody has read them

    >>> old = [f"{a} {b}" for a in ("slow", "no", "bad") for b in ("signal", "bill", "shop")] * 20
    >>> new = ["ringtone pack charged", "charged for a ringtone pack", "what ringtone pack"] * 3
    >>> (topic,) = bursting(old + new, [n // 6 for n in range(180)] + [30] * 9)
    >>> topic.terms[0], topic.persons, topic.start
    ('ringtone pack', 9, 30)
    """
    when = np.asarray(periods, dtype=np.int64)
    row = int(when.max(initial=0)) if at is None else at
    return over(
        texts,
        when,
        [row],
        period=period,
        persons=persons,
        cells=cells,
        false_per_week=false_per_week,
        read=read,
    )


def over(
    texts: Sequence[str],
    periods: Sequence[int] | Ints,
    rows: Sequence[int],
    *,
    period: Period = "day",
    persons: Sequence[str] | None = None,
    cells: Mapping[str, Iterable[int]] | None = None,
    false_per_week: float = FALSE_PER_WEEK,
    read: Vocabulary | None = None,
) -> list[Topic]:
    """The topics of several periods (see `bursting`), one that goes on told once, newest first."""
    when = np.asarray(periods, dtype=np.int64)
    parts: dict[str, Ints] = {"": np.arange(when.size)}
    for name, complaint_numbers in (cells or {}).items():
        parts[name] = np.fromiter(complaint_numbers, np.int64)
    spoken = read or Vocabulary.of(texts)
    topic_list: list[Topic] = []
    for name, part in parts.items():
        stream = WordStream(
            part,
            spoken,
            when[part],
            period,
            None if persons is None else [persons[n] for n in part],
        )
        for row in rows:
            for topic in _judge(stream, row, false_per_week / len(parts)):
                _tell(topic_list, replace(topic, cell=name))
    return sorted(topic_list, key=lambda topic: (-topic.start, -topic.evidence))


def _tell(topic_list: list[Topic], topic: Topic) -> None:
    """Add a topic, or let it go on, or leave it to the one that has told it."""
    mine = set(topic.complaints)
    for at, other_topic in enumerate(topic_list):
        shared = len(mine & set(other_topic.complaints))
        if shared < AGAIN * min(len(mine), len(other_topic.complaints)):
            continue
        if other_topic.cell == topic.cell:
            every = tuple(sorted(mine | set(other_topic.complaints)))
            strong = topic if topic.evidence > other_topic.evidence else other_topic
            topic_list[at] = replace(
                strong,
                complaints=every,
                start=min(topic.start, other_topic.start),
                last=max(topic.last, other_topic.last),
                persons=max(topic.persons, other_topic.persons),
            )
        return
    topic_list.append(topic)


def _judge(stream: WordStream, row: int, false_per_week: float) -> list[Topic]:
    """The topics that are new at `row`."""
    first = max(row - stream.alternatives.window + 1, 0)
    end = first - LEFT_OUT[stream.period]
    lead = max(end - KEPT[stream.period], 0)
    here = (stream.when >= first) & (stream.when <= row)
    in_history = (stream.when >= lead) & (stream.when < end)
    if not stream.terms or not here.any() or int(in_history.sum()) < LEAST_HISTORY:
        return []
    voices = np.flatnonzero(here | in_history)
    when = stream.when[voices]
    window_columns = stream.said.within(here | in_history, np.arange(len(stream.terms)))
    search = WordSearch(stream, window_columns, voices, when, first, row)
    rate = false_per_week * 365.25 / 7 / PERIODS_A_YEAR[stream.period]
    if search.best()[1] < LEAST_EVIDENCE:
        return []
    return search.topics(_threshold(stream, window_columns, voices, when, first, row, rate))


def _threshold(
    stream: WordStream,
    term_columns: TermColumns,
    voices: Ints,
    when: Ints,
    first: int,
    row: int,
    rate: float,
) -> float:
    """Evidence that the best topic of shuffled complaints exceeds with probability `rate`.

    The largest of many likelihood ratios of shuffled complaints follows Gumbel's law; its two
    parameters are those of a few draws.
    """
    generator = np.random.default_rng([SEED, row])
    drawn = [
        WordSearch(stream, term_columns, voices, generator.permutation(when), first, row).best()[1]
        for _ in range(SHUFFLES)
    ]
    scale = min(max(float(np.std(drawn)) * sqrt(6.0) / pi, 0.5), 1.0)
    location = float(np.mean(drawn)) - 0.5772 * scale
    return max(location - scale * log(-log1p(-min(rate, 0.5))), LEAST_EVIDENCE)
