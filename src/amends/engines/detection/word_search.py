"""The search for a group of words in one window: grown from the strongest, told by its complaints.

A window is the newest periods of a stream; what is expected there is each word's share of the
complaints before. The group found is told as phrases, with five typical complaints. Which windows
are searched, and how much evidence is enough, `words` decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.baseline.references import Period
from amends.engines.detection.evidence import ALTERNATIVES, NOTHING, log_evidence
from amends.engines.detection.term_counts import TermColumns
from amends.engines.detection.terms import Term, grown, terms, written
from amends.engines.detection.vocabulary import Vocabulary

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_PERSONS = 4
PRIOR_FREEDOM = 12.0
# A new word has no deviation to speak of: topics are many times as large.
SIZES = np.array([3.0, 7.0, 15.0, 30.0])
LEAST_SHARED, LEAST_GAIN, LEAST_RELATED = 0.15, 0.5, 1.0
SEEDS = 8
MOST_RELATED, MOST_TOPICS, MOST_TERMS, QUOTED = 40, 10, 8, 5
IN_A_PHRASE, ENOUGH_TEXTS = 0.8, 200
PRIOR_WORDS = 500.0


@dataclass(frozen=True, slots=True)
class Topic:
    """What some complaints have in common and few had before.

    terms       phrases, that of most complaints first
    complaints  places of the complaints in what was given, oldest first
    persons     distinct persons among them; `expected` of these by the words' share before
    evidence    log of the mixture likelihood ratio
    log_odds    z of each term's log-odds against the complaints before
    start, last first and newest period
    quoted      places of five typical complaints
    cell        the class or area it was found in, "" for all complaints
    """

    terms: tuple[str, ...]
    complaints: tuple[int, ...]
    persons: int
    expected: float
    evidence: float
    log_odds: tuple[float, ...]
    start: int
    last: int
    quoted: tuple[int, ...]
    cell: str = ""


class WordStream:
    """The words of complaints by person and period, counted once for all periods judged."""

    def __init__(
        self,
        complaint_numbers: Ints,
        spoken: Vocabulary,
        periods: Ints,
        period: Period,
        persons: Sequence[str] | None,
    ) -> None:
        self.places, self.spoken, self.period = complaint_numbers, spoken, period
        self.alternatives = ALTERNATIVES[period]
        kept_terms = np.flatnonzero(spoken.counts(complaint_numbers.tolist()) >= LEAST_PERSONS)
        self.terms: list[Term] = [spoken.terms[n] for n in kept_terms.tolist()]
        voices: dict[tuple[int, str], list[int]] = defaultdict(list)
        for n, when in enumerate(periods.tolist()):
            voices[when, str(n) if persons is None else persons[n]].append(n)
        order = sorted(voices)
        self.rows = [voices[key] for key in order]
        self.when = np.array([key[0] for key in order], dtype=np.int64)
        self.said = self._who_says(kept_terms)

    def _who_says(self, kept_terms: Ints) -> TermColumns:
        """The terms that are kept, by who says them."""
        number = np.full(len(self.spoken.terms), -1, dtype=np.int64)
        number[kept_terms] = np.arange(kept_terms.size)
        voices, term_numbers = [], []
        for voice, texts in enumerate(self.rows):
            for n in texts:
                own = number[self.spoken.said[self.places[n]]]
                term_numbers.append(own[own >= 0])
                voices.append(np.full(term_numbers[-1].size, voice, dtype=np.int64))
        nothing = np.zeros(0, dtype=np.int64)
        return TermColumns.of(
            np.concatenate([nothing, *voices]),
            np.concatenate([nothing, *term_numbers]),
            len(self.rows),
            kept_terms.size,
        )


class WordSearch:
    """The words of one window, row `first` to `last`, against those of the periods before it."""

    def __init__(
        self,
        stream: WordStream,
        term_columns: TermColumns,
        voices: Ints,
        when: Ints,
        first: int,
        last: int,
    ) -> None:
        self.stream, self.window = stream, np.arange(first, last + 1)
        here = when >= first
        self.voices, self.age = voices[here], when[here] - first
        self.free = np.ones(self.voices.size, dtype=bool)
        every = term_columns.counts(here.astype(np.int64), 2)[1]
        self.many = np.flatnonzero(every >= LEAST_PERSONS)
        self.now, self.then = (
            term_columns.within(here, self.many),
            term_columns.within(~here, self.many),
        )
        self.then_at = when[~here] - int(when[~here].min())
        self.past_all = np.bincount(self.then_at).astype(np.float64)
        self.past = self.then.counts(self.then_at, self.past_all.size).astype(np.float64)
        usual = _dispersion(self.past, self.past_all, 1.0)[self.past.sum(0) >= LEAST_PERSONS]
        self.usual = float(usual.mean()) if usual.size else 1.0

    def topics(self, enough: float) -> list[Topic]:
        """Topics of evidence above `enough`, each without the complaints of those before."""
        topic_list: list[Topic] = []
        while len(topic_list) < MOST_TOPICS:
            group, strength = self.best()
            if strength < enough:
                break
            topic_list.append(self._topic(group, strength))
        return topic_list

    def best(self) -> tuple[list[int], float]:
        """The group of terms of most evidence, grown from each of the strongest terms."""
        if not self.many.size:
            return [], NOTHING
        counts = self.now.counts(self.age, self.window.size, self.free)
        evidence = self.evidence(counts, self.past)
        strongest = np.argsort(-evidence, kind="stable")
        related = strongest[evidence[strongest] > LEAST_RELATED][:MOST_RELATED]
        every = counts.sum(axis=0)
        groups = [self._group(int(n), related, every, evidence) for n in related[:SEEDS]]
        return max(groups, key=lambda each: each[1], default=([], NOTHING))

    def evidence(self, counts: Ints, past: Floats) -> Floats:
        """Log likelihood ratio of each column: window counts against those of the past."""
        alternatives, size = self.stream.alternatives, self.window.size
        every = np.bincount(self.age[self.free], minlength=size)
        total = past.sum(axis=0)
        share = (total + 0.5) / (self.past_all.sum() + 1.0)
        means = np.maximum(every[:, None] * share, 1e-6)
        spread = _dispersion(past, self.past_all, self.usual) + means[-1] / (total + 0.5)
        out = np.empty(counts.shape[1])
        weights = np.ascontiguousarray(alternatives.weights[:, :size])
        log_evidence(
            np.ascontiguousarray(counts, dtype=np.int32),
            0,
            out.size,
            means,
            spread,
            alternatives.shapes,
            weights,
            SIZES,
            out,
        )
        return out

    def _group(
        self, seed: int, related: Ints, every: Ints, evidence: Floats
    ) -> tuple[list[int], float]:
        """The seed and the terms of its complaints that make the evidence of any of them grow."""
        group, strength = [seed], float(evidence[seed])
        says_group, before = self.now.any(group), self.then.any(group)
        while len(group) < related.size:
            near = [n for n in self._shared(related, says_group, every) if n not in group]
            if not near:
                break
            tried = self._with_each(near, says_group, before)
            best, which = max(zip(tried.tolist(), near, strict=True))
            if best < strength + LEAST_GAIN:
                break
            group.append(which)
            strength = best
            says_group[self.now[which]] = True
            before[self.then[which]] = True
        return group + self._parts(group, related, says_group, every), strength

    def _shared(self, related: Ints, says_group: NDArray[np.bool_], every: Ints) -> list[int]:
        """Terms enough of whose complaints, and not all, are among those said."""
        ours = self._ours(related, says_group)
        return [
            int(n)
            for n, of_ours in zip(related, ours, strict=True)
            if 2 <= of_ours < every[n] and of_ours >= LEAST_SHARED * every[n]
        ]

    def _parts(
        self, group: list[int], related: Ints, says_group: NDArray[np.bool_], every: Ints
    ) -> list[int]:
        """The terms that only stand in complaints of the group: they name it as well."""
        ours = self._ours(related, says_group)
        return [
            int(n)
            for n, of_ours in zip(related, ours, strict=True)
            if n not in group and of_ours == every[n] > 0
        ]

    def _ours(self, related: Ints, says_group: NDArray[np.bool_]) -> list[int]:
        """How many free complaints of each term are among those said."""
        free_sayers = says_group & self.free
        return [int(np.count_nonzero(free_sayers[self.now[n]])) for n in related]

    def _with_each(
        self, near: Sequence[int], says_group: NDArray[np.bool_], before: NDArray[np.bool_]
    ) -> Floats:
        """Evidence of the persons who say any of a group or, in turn, one more term."""
        size, lead = self.window.size, self.past_all.size
        counts = np.repeat(self._by_age(says_group)[:, None], len(near), axis=1)
        past = np.repeat(self._by_lead(before)[:, None], len(near), axis=1).astype(np.float64)
        for at, n in enumerate(near):
            rows, older = self.now[n], self.then[n]
            more = rows[~says_group[rows] & self.free[rows]]
            counts[:, at] += np.bincount(self.age[more], minlength=size)
            past[:, at] += np.bincount(self.then_at[older[~before[older]]], minlength=lead)
        return self.evidence(counts, past)

    def _by_age(self, says_group: NDArray[np.bool_]) -> Ints:
        """Persons not yet explained among those said, by period of the window."""
        return np.bincount(self.age[says_group & self.free], minlength=self.window.size)

    def _by_lead(self, before: NDArray[np.bool_]) -> Ints:
        """Persons who said it before, by period."""
        return np.bincount(self.then_at[before], minlength=self.past_all.size)

    def _topic(self, group: list[int], strength: float) -> Topic:
        past = int(np.count_nonzero(self.then.any(group)))
        share = float((past + 0.5) / (self.past_all.sum() + 1.0))
        says_group = self.now.any(group) & self.free
        every = np.bincount(self.age[self.free], minlength=self.window.size)
        counts = self._by_age(says_group)
        first = _start(counts, every * share)
        chosen = says_group & (self.age >= first)
        expected = float(every[first:].sum() * share)
        z = self._log_odds(group, chosen)
        voices = self.voices[chosen]
        own = {self.stream.terms[self.many[n]] for n in group}
        texts = [n for v in voices for n in self.stream.rows[v] if own & terms(self._tokens(n))]
        phrases = self._phrases(group, texts, z)
        quoted = self._quoted(texts, {self.stream.terms[self.many[n]]: z[n] for n in group})
        self.free &= ~chosen
        complaint_numbers = self.stream.places
        return Topic(
            terms=tuple(phrases),
            complaints=tuple(sorted(int(complaint_numbers[n]) for n in texts)),
            persons=int(chosen.sum()),
            expected=round(expected, 3),
            evidence=round(strength, 2),
            log_odds=tuple(round(value, 2) for value in phrases.values()),
            start=int(self.window[first]),
            last=int(self.window[-1]),
            quoted=tuple(int(complaint_numbers[n]) for n in quoted),
        )

    def _tokens(self, n: int) -> list[str]:
        return self.stream.spoken.tokens[self.stream.places[n]]

    def _log_odds(self, group: Sequence[int], chosen: NDArray[np.bool_]) -> dict[int, float]:
        """z of the log-odds of each term, new complaints against those before (Monroe 2008)."""
        new = self.now.counts(chosen.astype(np.int64), 2)[1].astype(float)
        old = self.past.sum(axis=0)
        prior = (new + old + 0.01) / (new.sum() + old.sum()) * PRIOR_WORDS
        a, b = new + prior, old + prior
        remaining = new.sum() + PRIOR_WORDS - a, old.sum() + PRIOR_WORDS - b
        odds = np.log(a / np.maximum(remaining[0], 1e-9)) - np.log(
            b / np.maximum(remaining[1], 1e-9)
        )
        z = odds / np.sqrt(1.0 / a + 1.0 / b)
        return {n: float(z[n]) for n in group}

    def _phrases(self, group: list[int], texts: list[int], z: dict[int, float]) -> dict[str, float]:
        """The terms of a group as phrases, that of most complaints first, none told in parts."""
        spoken = [self._tokens(n) for n in texts[:: max(len(texts) // ENOUGH_TEXTS, 1)]]
        term_counts = Counter(term for tokens_said in spoken for term in terms(tokens_said))
        own = {self.stream.terms[self.many[n]]: z[n] for n in group}
        phrase_weights: dict[Term, float] = {}
        for term in sorted(own, key=lambda term: (-term_counts[term], -own[term], -len(term))):
            if any(_overlap(term, phrase) for phrase in phrase_weights):
                continue
            phrase = grown(term, spoken, share=IN_A_PHRASE)
            is_covered = any(_overlap(other_phrase, phrase) for other_phrase in phrase_weights)
            phrase_weights[term if is_covered else phrase] = own[term]
        return {
            written(phrase): phrase_weights[phrase] for phrase in list(phrase_weights)[:MOST_TERMS]
        }

    def _quoted(self, texts: list[int], z: dict[Term, float]) -> list[int]:
        """Five that say most of it, no two the same."""
        quotes_by_tokens: dict[tuple[str, ...], tuple[float, int]] = {}
        for n in texts:
            # Summed exactly: the order of a set must not decide between two.
            weight = fsum(max(z[t], 0.0) for t in terms(self._tokens(n)) & z.keys())
            quotes_by_tokens.setdefault(tuple(self._tokens(n)), (-weight, n))
        return [n for _, n in sorted(quotes_by_tokens.values())[:QUOTED]]


def _overlap(term: Term, phrase: Term) -> bool:
    """Whether a phrase and a term share two neighbours, or one is all of the other."""
    size = min(len(term), len(phrase), 2)
    runs = {phrase[at : at + size] for at in range(len(phrase) - size + 1)}
    return any(term[at : at + size] in runs for at in range(len(term) - size + 1))


def _dispersion(past: Floats, every: Floats, usual: float) -> Floats:
    """Variance over mean of each column's counts about their share, drawn towards `usual`."""
    mean = every[:, None] * (past.sum(axis=0) + 0.5) / (every.sum() + 1.0)
    has_counts = every > 0
    square = ((past - mean)[has_counts] ** 2 / mean[has_counts]).sum(axis=0)
    freedom = max(float(has_counts.sum()) - 1.0, 0.0)
    dispersions: Floats = (square + usual * PRIOR_FREEDOM) / (freedom + PRIOR_FREEDOM)
    return np.maximum(dispersions, 1.0)


def _start(counts: Ints, means: NDArray[Any]) -> int:
    """The first period of the run up to now that speaks most for a rise."""
    seen, expected = np.cumsum(counts[::-1])[::-1], np.cumsum(means[::-1])[::-1]
    above = np.maximum(seen, expected)
    score = above * np.log(np.maximum(above, 1e-9) / np.maximum(expected, 1e-9))
    return int(np.argmax(score - (above - expected)))
