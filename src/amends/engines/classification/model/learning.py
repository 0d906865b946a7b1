"""An operator's own model: the shipped one, moved by the corrections of its people; and how
weights are fitted, which serves the shipped model too.

One method serves both: logistic regression, held back by a quadratic penalty on the distance
from where it started (nothing, or the shipped weights), so that a few labels move what they
speak about and leave the rest alone. How strongly is chosen by cross-validation on the labels
themselves, and the report says what the labels changed and whether it helped on texts that were
held out. SciPy is imported only where something is fitted.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.classification.model.features import (
    CHARACTER_ROWS,
    CHARACTERS,
    PHRASES,
    WORD_ROWS,
    WORDS,
    Features,
    features,
    known_share,
    norms,
    words_known,
)
from amends.engines.classification.model.model import (
    ASIDE,
    Calibration,
    Model,
    best_curve,
    expected_calibration_error,
    first_evidence,
    is_chinese,
    judge,
    log_loss,
    ranked,
    refined,
    scores,
)
from amends.engines.classification.model.texts import fold_phrase
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.translatable import Translatable

GROUP_SCALES = (1.0, 0.7, 0.6)
"""How strongly characters, words and phrases count; larger means freer to carry weight."""


def design(features_found: Features, *, rows: int, scales: tuple[float, ...] = GROUP_SCALES) -> Any:
    """The features of a batch as a SciPy sparse matrix, texts by rows of the weight table."""
    from scipy.sparse import csr_matrix

    length = norms(features_found)
    texts = [family.text for family in features_found.families]
    values = [
        length[family.group][family.text] * np.float32(scales[family.group])
        for family in features_found.families
    ]
    row = [family.row for family in features_found.families]
    empty = [np.zeros(0, dtype=np.int32)]
    return csr_matrix(
        (
            np.concatenate(values or [np.zeros(0, dtype=np.float32)]),
            (np.concatenate(texts or empty), np.concatenate(row or empty)),
        ),
        shape=(features_found.folded.texts, rows),
        dtype=np.float32,
    )


def row_scales(rows: int, scales: tuple[float, ...] = GROUP_SCALES) -> NDArray[np.float32]:
    """The scale of each row of the weight table."""
    scale = np.full(rows, scales[PHRASES], dtype=np.float32)
    scale[:CHARACTER_ROWS] = scales[CHARACTERS]
    scale[CHARACTER_ROWS : CHARACTER_ROWS + WORD_ROWS] = scales[WORDS]
    return scale


def fit(
    matrix: Any,
    present: NDArray[np.float32],
    *,
    shares: NDArray[np.float32] | None = None,
    strength: float,
    rounds: int,
    start_scores: NDArray[np.float32] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights and bias to add so that each column says whether its matter is `present` (0 to 1).

    Columns are independent yes-or-no questions. With `shares` (rows summing to one), the first
    columns also compete for which of them comes first (softmax). `strength` penalises the squared
    weights; `start_scores` is what earlier weights say already. Columns of `matrix` that no text
    has stay at nought.
    """
    from scipy.optimize import minimize

    texts, columns = present.shape
    used = np.unique(matrix.indices) if hasattr(matrix, "indices") else np.arange(matrix.shape[1])
    small = matrix[:, used]
    small_t = small.T.tocsr() if hasattr(small, "tocsr") else np.ascontiguousarray(small.T)
    offset = np.zeros((1, columns), dtype=np.float32) if start_scores is None else start_scores

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved = flat.astype(np.float32).reshape(used.size + 1, columns)
        score = small @ moved[:-1] + moved[-1] + offset
        value, error = _yes_or_no(score, present)
        if shares is not None:
            among, wrong = _which_first(score[:, : shares.shape[1]], shares)
            value += among
            error[:, : shares.shape[1]] += wrong
        error /= texts
        gradient = np.empty_like(moved)
        gradient[:-1] = small_t @ error + strength * moved[:-1]
        gradient[-1] = error.sum(axis=0) + 0.01 * strength * moved[-1]
        penalty = float((moved[:-1] ** 2).sum()) + 0.01 * float((moved[-1] ** 2).sum())
        return value / texts + 0.5 * strength * penalty, gradient.astype(np.float64).ravel()

    minimum = minimize(
        loss,
        np.zeros((used.size + 1) * columns),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": rounds, "maxcor": 6},
    )
    moved = minimum.x.astype(np.float32).reshape(used.size + 1, columns)
    weights = np.zeros((matrix.shape[1], columns), dtype=np.float32)
    weights[used] = moved[:-1]
    return weights, moved[-1]


def _yes_or_no(
    score: NDArray[np.float32], present: NDArray[np.float32]
) -> tuple[float, NDArray[np.float32]]:
    """Summed log loss of independent questions, and its derivative by each score."""
    away = np.exp(-np.abs(score))
    loss = np.maximum(score, 0) - score * present + np.log1p(away)
    chance = np.where(score >= 0, 1.0, away) / (1.0 + away)
    return float(loss.sum(dtype=np.float64)), (chance - present).astype(np.float32)


def _which_first(
    score: NDArray[np.float32], shares: NDArray[np.float32]
) -> tuple[float, NDArray[np.float32]]:
    """Summed cross entropy of competing columns, and its derivative by each score."""
    score = score - score.max(axis=1, keepdims=True)
    chance = np.exp(score)
    norm = chance.sum(axis=1, keepdims=True)
    loss = -((score - np.log(norm)) * shares).sum(dtype=np.float64)
    return float(loss), (chance / norm - shares).astype(np.float32, copy=False)


def compact(matrix: Any) -> tuple[NDArray[np.float32], Callable[[NDArray[np.float32]], Any]]:
    """A few texts in as many dimensions as there are texts, and the way back to weights.

    The weights that suit a few texts best lie in the span of those texts, so fitting in it gives
    the same answer (the representer theorem, Kimeldorf and Wahba 1971) with a hundredth of the
    unknowns.
    """
    gram = (matrix @ matrix.T).toarray().astype(np.float64)
    value, vector = np.linalg.eigh(gram)
    keep = value > value[-1] * 1e-6
    value, vector = value[keep], vector[:, keep]
    flat = (vector * np.sqrt(value)).astype(np.float32)
    back = vector / np.sqrt(value)

    def weights(moved: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(matrix.T @ (back @ moved), dtype=np.float32)

    return flat, weights


FEWEST_TEXTS = 10
FOLDS = 5
STRENGTHS = (3e-4, 1e-3, 3e-3, 1e-2)
FIRST_SHARE = 0.7
"""Of a text with two labels, what the first one counts."""

SECOND_PRESENT = 0.9
ENOUGH_TO_CALIBRATE = 60
ENOUGH_FOR_SECOND = 30
TEXTS_TO_CHOOSE_FROM = 4_000
FEW_TEXTS = 1_200
"""Up to so many, fitting in the span of the texts is quicker than in that of the features."""

UNSPECIFIC = "other.unspecific"
EXAMPLES = 3
ROUNDS = 60
MET_TWICE = 2
"""An operator's own word becomes known once it stands in this many labelled texts."""


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
class TestShare:
    """A share of texts with its 95% interval (Wilson 1927)."""

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
    held out in turn; `helps` says whether learning made it better there. `gained` and `lost` are
    the texts behind the difference, `by_chance` how often as uneven a split comes by chance
    (sign test). `calibration_error` is the mean gap between confidence and truth, before and after.
    """

    texts: int
    by_code: dict[str, int]
    folds: int
    strength: float
    before: TestShare
    after: TestShare
    gained: int
    lost: int
    by_chance: float
    helps: bool
    calibration_error: tuple[float, float]
    by_code_right: dict[str, tuple[int, int]]
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
    features_found = features(
        [label.text for label in labels], names=base.names, phrases=base.phrases
    )
    shipped, base = base, replace(base, known=base.known | words_known(features_found, MET_TWICE))
    work = Work.of(labels, features_found, base)
    strength, held_out = work.best_strength()
    weights, bias = work.fitted(strength)
    learnt = replace(
        base, weights=weights, bias=bias, calibration=_calibration(held_out, work), version=""
    )
    before_codes = scores(shipped, features_found)[:, :-ASIDE].argmax(axis=1)
    was, now = work.agrees(before_codes), work.agrees(held_out[:, :-1].argmax(axis=1))
    gained, lost = int((now & ~was).sum()), int((was & ~now).sum())
    after_codes = scores(learnt, features_found)[:, :-ASIDE].argmax(axis=1)
    return learnt, LearningReport(
        texts=len(labels),
        by_code=dict(Counter(label.code for label in labels).most_common()),
        folds=FOLDS,
        strength=strength,
        before=_wilson(was),
        after=_wilson(now),
        gained=gained,
        lost=lost,
        by_chance=_sign_test(gained, lost),
        helps=gained > lost,
        calibration_error=(
            work.calibration_error(work.start_scores, shipped.calibration),
            work.calibration_error(held_out, learnt.calibration),
        ),
        by_code_right={
            code: (
                int(was[work.first == code_number].sum()),
                int(now[work.first == code_number].sum()),
            )
            for code_number, code in enumerate(base.codes)
            if (work.first == code_number).any()
        },
        moves=_moves(labels, base, before_codes, after_codes, mask),
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True)
class Work:
    """The labels as matrices: features, targets, folds, and the scores `base` gives.

    Columns are those of the codes, then that of another subject than telecoms.
    `flat` is `matrix`, or the same texts in few dimensions; `back` turns what was learnt in it
    into weights of features.
    """

    matrix: Any
    flat: Any
    back: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    present: NDArray[np.float32]
    shares: NDArray[np.float32]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    fold: NDArray[np.int64]
    base: Model
    start_scores: NDArray[np.float32]
    enquiry: NDArray[np.float32]
    unknown: NDArray[np.float32]
    chinese: NDArray[np.bool_]

    @classmethod
    def of(cls, labels: Sequence[Labelled], features_found: Features, base: Model) -> Work:
        code_numbers = {code: number for number, code in enumerate(base.codes)}
        first = np.array([code_numbers[label.code] for label in labels])
        second = np.array([code_numbers.get(label.code2, -1) for label in labels])
        every, both = np.arange(len(labels)), second >= 0
        score = scores(base, features_found)
        codes = len(base.codes)
        present = np.zeros((len(labels), codes + 1), dtype=np.float32)
        shares = np.zeros((len(labels), codes), dtype=np.float32)
        present[every, first] = 1.0
        shares[every, first] = np.where(both, FIRST_SHARE, 1.0)
        present[every[both], second[both]] = SECOND_PRESENT
        shares[every[both], second[both]] += 1 - FIRST_SHARE
        # A text whose code says nothing may be of another subject as much as it was.
        unsaid = first == code_numbers[UNSPECIFIC]
        present[unsaid, codes] = 1 / (1 + np.exp(-score[unsaid, -1]))
        matrix = design(features_found, rows=base.weights.shape[0])
        flat, back = compact(matrix) if len(labels) <= FEW_TEXTS else (matrix, _as_it_is)
        return cls(
            matrix=matrix,
            flat=flat,
            back=back,
            present=present,
            shares=shares,
            first=first,
            second=second,
            fold=np.array(
                [zlib.crc32(fold_phrase(label.text).encode()) % FOLDS for label in labels]
            ),
            base=base,
            start_scores=np.column_stack([score[:, :-ASIDE], score[:, -1]]),
            enquiry=score[:, -2],
            unknown=1 - known_share(features_found, base.known),
            chinese=is_chinese(features_found.han_share),
        )

    def moved(
        self, chosen: NDArray[np.int64], strength: float
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What the chosen texts add to weights (in the dimensions of `flat`) and bias."""
        return fit(
            self.flat[chosen],
            self.present[chosen],
            shares=self.shares[chosen],
            strength=strength,
            rounds=ROUNDS,
            start_scores=self.start_scores[chosen],
        )

    def fitted(self, strength: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Weights and bias learnt from all texts; what enquiries look like stays."""
        more, bias = self.moved(np.arange(self.first.size), strength)
        scale = row_scales(self.base.weights.shape[0])[:, None]
        weights, biases = self.base.weights.copy(), self.base.bias.copy()
        moved = [*range(len(self.base.codes)), weights.shape[1] - 1]
        weights[:, moved] += self.back(more) * scale
        biases[moved] += bias
        return weights, biases

    def best_strength(self) -> tuple[float, NDArray[np.float32]]:
        """The strength with the smallest loss on texts held out, and their scores."""
        few = np.arange(min(self.first.size, TEXTS_TO_CHOOSE_FROM))
        tried = {strength: self._held_out(strength, few) for strength in STRENGTHS}
        best = min(tried, key=lambda strength: log_loss(tried[strength][few, :-1], self.first[few]))
        every = np.arange(self.first.size)
        return best, tried[best] if few.size == every.size else self._held_out(best, every)

    def _held_out(self, strength: float, among: NDArray[np.int64]) -> NDArray[np.float32]:
        """Scores of the texts `among`, each from a model that has not seen its fold."""
        result = self.start_scores.copy()
        for number in np.unique(self.fold[among]).tolist():
            inside = self.fold[among] == number
            if inside.all() or not inside.any():
                continue
            more, bias = self.moved(among[~inside], strength)
            result[among[inside]] += self.flat[among[inside]] @ more + bias
        return result

    def whole(self, score: NDArray[np.float32]) -> NDArray[np.float32]:
        """`score` with the column of enquiries in its place."""
        return np.column_stack([score[:, :-1], self.enquiry, score[:, -1]])

    def calibration_error(self, score: NDArray[np.float32], calibration: Calibration) -> float:
        """The mean gap between confidence and truth that `score` has."""
        answer = judge(
            self.whole(score),
            unknown=self.unknown,
            chinese=self.chinese,
            calibration=calibration,
            never_second=self.base.codes.index(UNSPECIFIC),
        )
        sure = answer.sure.astype(np.float64)
        return round(expected_calibration_error(sure, self.agrees(answer.first)), 4)

    def agrees(self, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each code equals one of the labels."""
        return np.asarray((codes == self.first) | (codes == self.second), dtype=bool)


def _checked(labelled: Sequence[Labelled], base: Model) -> tuple[list[Labelled], list[str]]:
    notes: list[str] = []
    for number, label in enumerate(labelled, 1):
        for code in (label.code, label.code2):
            if code and code not in base.codes:
                raise UnableToLearn(
                    gettext_noop(
                        "Label %(number)s is “%(code)s”, which is not a code of the taxonomy."
                    ),
                    next_step=gettext_noop("Use the codes of docs/classification.md."),
                    values={"number": number, "code": code},
                )
    last = {label.text.strip(): label for label in labelled if label.text.strip() and label.code}
    labels = list(last.values())
    if len(labels) < FEWEST_TEXTS:
        raise UnableToLearn(
            gettext_noop(
                "There are %(count)s different labelled texts; %(fewest)s are the fewest."
            ),
            next_step=gettext_noop("Label more texts."),
            values={"count": len(labels), "fewest": FEWEST_TEXTS},
        )
    if repeated := len(labelled) - len(labels):
        notes.append(
            Translatable(
                gettext_noop(
                    "Rows that were blank or repeated a text: %(count)s; the last label of a text "
                    "counts."
                ),
                count=repeated,
            )
        )
    return labels, notes


def _as_it_is(moved: NDArray[np.float32]) -> NDArray[np.float32]:
    return moved


def _calibration(held_out: NDArray[np.float32], work: Work) -> Calibration:
    """What suits texts held out; of a language with few labels, what the base has."""
    base = work.base.calibration
    _, second, evidence = ranked(held_out[:, :-1], never_second=work.base.codes.index(UNSPECIFIC))
    named = (second == work.first) | (second == work.second)
    agrees = work.agrees(held_out[:, :-1].argmax(axis=1))
    sure, curves = list(base.sure), list(base.second)
    top_evidence = first_evidence(
        work.whole(held_out),
        work.unknown,
        chinese=work.chinese,
        temperature=base.temperature,
    )
    for tongue, part in enumerate((~work.chinese, work.chinese)):
        if int(part.sum()) >= ENOUGH_TO_CALIBRATE:
            sure[tongue] = refined(sure[tongue], top_evidence[part], agrees[part])
        if int((work.second[part] >= 0).sum()) >= ENOUGH_FOR_SECOND:
            curves[tongue] = best_curve(evidence[part], named[part])
    return replace(base, sure=(sure[0], sure[1]), second=(curves[0], curves[1]))


def _moves(
    labels: Sequence[Labelled],
    base: Model,
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    mask: Callable[[str], str],
) -> tuple[Move, ...]:
    moved: dict[tuple[str, str], list[Labelled]] = {}
    for text_index in np.flatnonzero(before != after).tolist():
        pair = base.codes[int(before[text_index])], base.codes[int(after[text_index])]
        moved.setdefault(pair, []).append(labels[text_index])
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


def _sign_test(gained: int, lost: int) -> float:
    """How often a fair coin splits `gained + lost` at least as unevenly (two-sided, exact)."""
    total = gained + lost
    tail: float = sum(math.comb(total, k) for k in range(max(gained, lost), total + 1)) / 2**total
    return round(min(1.0, 2 * tail), 4)


def _wilson(hits: NDArray[np.bool_]) -> TestShare:
    count, share, z = hits.size, float(hits.mean()), 1.959964
    middle = share + z * z / (2 * count)
    half = z * float(np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)))
    denominator = 1 + z * z / count
    return TestShare(
        round(share, 4),
        round((middle - half) / denominator, 4),
        round((middle + half) / denominator, 4),
    )


__all__ = ["Labelled", "LearningReport", "Move", "TestShare", "UnableToLearn", "learn"]
