"""An operator's own model: the shipped one, moved by the corrections of its people.

Labels are few at first, so the move is held back by the distance from the shipped weights; how
strongly is chosen by cross-validation on the labels themselves, and the report says what the
labels changed and whether it helped on texts that were held out.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.complaints.rules.classification.calibration import best_temperature, log_loss
from amends.complaints.rules.classification.features import Features, features
from amends.complaints.rules.classification.fitting import design, fit, row_scales
from amends.complaints.rules.classification.folding import fold_phrase
from amends.complaints.rules.classification.model import (
    Model,
    is_chinese,
    scores,
)
from amends.kit.errors import BadInput

FEWEST_TEXTS = 10
FOLDS = 5
STRENGTHS = (3e-4, 1e-3, 3e-3, 1e-2)
FIRST_SHARE = 0.7
"""Of a text with two labels, what the first one counts."""

ENOUGH_FOR_TEMPERATURE = 60
TEXTS_TO_CHOOSE_FROM = 4_000
EXAMPLES = 3
ROUNDS = 60


class UnableToLearn(BadInput):
    """The labelled texts cannot teach anything."""

    code = "unable_to_learn"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the code a person gave it; `code2` is a second topic, if any."""

    text: str
    code: str
    code2: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of texts with its 95 % interval (Wilson 1927)."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Move:
    """Texts that had one code and now have another; `right` of them as the person said."""

    before: str
    after: str
    texts: int
    right: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LearningReport:
    """What the labels changed.

    `before` and `after` are shares of texts whose first code equals one of the labels, on texts
    held out in turn; `helps` says whether learning made it better there.
    """

    texts: int
    by_code: dict[str, int]
    folds: int
    strength: float
    before: Share
    after: Share
    helps: bool
    moves: tuple[Move, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report as a JSON document."""
        return asdict(self)


def learn(
    labelled: Sequence[Labelled], *, base: Model, mask: Callable[[str], str]
) -> tuple[Model, LearningReport]:
    """A model that follows `labelled`, starting from `base`, and what it changed.

    `mask` hides personal data in the examples of the report. The same labels give the same model.

    Raises UnableToLearn for fewer than ten different texts, or a code nobody knows.
    """
    labels, notes = _checked(labelled, base)
    found = features([label.text for label in labels], names=base.names, phrases=base.phrases)
    work = _Work.of(labels, found, base)
    strength, held_out = work.best_strength()
    weights, bias = work.fitted(np.arange(len(labels)), strength)
    heats = _temperatures(held_out, work, base)
    learnt = replace(base, weights=weights, bias=bias, temperature=heats, version="")
    before_codes = work.start_scores.argmax(axis=1)
    before = _wilson(work.agrees(before_codes))
    after = _wilson(work.agrees(held_out.argmax(axis=1)))
    moves = _moves(labels, base, before_codes, scores(learnt, found).argmax(axis=1), mask)
    return learnt, LearningReport(
        texts=len(labels),
        by_code=dict(Counter(label.code for label in labels).most_common()),
        folds=FOLDS,
        strength=strength,
        before=before,
        after=after,
        helps=after.share > before.share,
        moves=moves,
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """The labels as matrices: features, targets, folds, and the scores `base` gives."""

    matrix: Any
    targets: NDArray[np.float32]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    fold: NDArray[np.int64]
    base: Model
    start_scores: NDArray[np.float32]
    chinese: NDArray[np.bool_]

    @classmethod
    def of(cls, labels: Sequence[Labelled], found: Features, base: Model) -> _Work:
        place = {code: number for number, code in enumerate(base.codes)}
        first = np.array([place[label.code] for label in labels])
        second = np.array([place.get(label.code2, -1) for label in labels])
        targets = np.zeros((len(labels), len(base.codes)), dtype=np.float32)
        every = np.arange(len(labels))
        targets[every, first] = np.where(second >= 0, FIRST_SHARE, 1.0)
        both = second >= 0
        targets[every[both], second[both]] += 1 - FIRST_SHARE
        fold = np.array([zlib.crc32(fold_phrase(label.text).encode()) % FOLDS for label in labels])
        return cls(
            matrix=design(found, rows=base.weights.shape[0]),
            targets=targets,
            first=first,
            second=second,
            fold=fold,
            base=base,
            start_scores=scores(base, found),
            chinese=is_chinese(found.han_share),
        )

    def fitted(
        self, chosen: NDArray[np.int64], strength: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Weights and bias learnt from the chosen texts."""
        scale = row_scales(self.base.weights.shape[0])[:, None]
        weights, bias = fit(
            self.matrix[chosen],
            self.targets[chosen],
            strength=strength,
            rounds=ROUNDS,
            start=self.base.weights / scale,
            start_bias=self.base.bias,
        )
        return weights * scale, bias

    def best_strength(self) -> tuple[float, NDArray[np.float32]]:
        """The strength with the smallest loss on texts held out, and their scores."""
        few = np.flatnonzero(np.arange(self.first.size) < TEXTS_TO_CHOOSE_FROM)
        best = min(STRENGTHS, key=lambda s: log_loss(self._held_out(s, few)[few], self.first[few]))
        return best, self._held_out(best, np.arange(self.first.size))

    def _held_out(self, strength: float, among: NDArray[np.int64]) -> NDArray[np.float32]:
        """Scores of the texts `among`, each from a model that has not seen its fold."""
        result = self.start_scores.copy()
        scale = row_scales(self.base.weights.shape[0])[:, None]
        for number in range(FOLDS):
            inside = self.fold[among] == number
            if inside.all() or not inside.any():
                continue
            weights, bias = self.fitted(among[~inside], strength)
            result[among[inside]] = self.matrix[among[inside]] @ (weights / scale) + bias
        return result

    def agrees(self, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each code equals one of the labels."""
        return np.asarray((codes == self.first) | (codes == self.second), dtype=bool)


def _checked(labelled: Sequence[Labelled], base: Model) -> tuple[list[Labelled], list[str]]:
    notes: list[str] = []
    for number, label in enumerate(labelled, 1):
        for code in (label.code, label.code2):
            if code and code not in base.codes:
                raise UnableToLearn(
                    f"Label {number} is {code!r}, which is not a code of the taxonomy.",
                    next_step="Use the codes of docs/classification.md.",
                )
    last = {label.text.strip(): label for label in labelled if label.text.strip() and label.code}
    labels = list(last.values())
    if len(labels) < FEWEST_TEXTS:
        raise UnableToLearn(
            f"There are {len(labels)} different labelled texts; {FEWEST_TEXTS} are the fewest.",
            next_step="Label more texts.",
        )
    if repeated := len(labelled) - len(labels):
        notes.append(
            f"{repeated} rows were blank or repeated a text; the last label of a text counts."
        )
    return labels, notes


def _temperatures(held_out: NDArray[np.float32], work: _Work, base: Model) -> tuple[float, float]:
    """Temperatures that suit texts held out; of a language with few labels, the base's."""
    english, chinese = (
        best_temperature(held_out[part], work.first[part])
        if int(part.sum()) >= ENOUGH_FOR_TEMPERATURE
        else heat
        for part, heat in zip((~work.chinese, work.chinese), base.temperature, strict=True)
    )
    return english, chinese


def _moves(
    labels: Sequence[Labelled],
    base: Model,
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    mask: Callable[[str], str],
) -> tuple[Move, ...]:
    moved: dict[tuple[str, str], list[Labelled]] = {}
    for place in np.flatnonzero(before != after).tolist():
        pair = base.codes[int(before[place])], base.codes[int(after[place])]
        moved.setdefault(pair, []).append(labels[place])
    listed = [
        Move(
            before=old,
            after=new,
            texts=len(texts),
            right=sum(new in {label.code, label.code2} for label in texts),
            examples=tuple(mask(label.text)[:120] for label in texts[:EXAMPLES]),
        )
        for (old, new), texts in moved.items()
    ]
    return tuple(sorted(listed, key=lambda move: (-move.texts, move.before, move.after)))


def _wilson(hits: NDArray[np.bool_]) -> Share:
    count, share, z = hits.size, float(hits.mean()), 1.959964
    middle = share + z * z / (2 * count)
    half = z * float(np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)))
    whole = 1 + z * z / count
    return Share(
        round(share, 4), round((middle - half) / whole, 4), round((middle + half) / whole, 4)
    )


__all__ = ["Labelled", "LearningReport", "Move", "Share", "UnableToLearn", "learn"]
