"""The head of the second opinion: fitted with scikit-learn to vectors of texts of ours.

It learns from a few template texts of each class and from the texts of other kinds; how much it
counts beside the model, and how sure both together may be, comes from texts of other kinds held
out in turn from both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from amends.engines.classification.model.model import (
    ASIDE,
    Calibration,
    best_curve,
    first_evidence,
    foreign_evidence,
    log_loss,
)
from amends.engines.classification.second_opinion.head import Head, mixed
from amends.engines.classification.second_opinion.process import Embedder
from training.held_out import HeldOut
from training.registers import cautious, folds
from training.writing import Text

FREEDOM = 0.02
"""scikit-learn's C, for vectors centred and scaled to unit variance."""

KIND_COUNTS = 3.0
"""A text of another kind counts as so many of templates."""

SHARES = (0.0, 0.15, 0.25, 0.4, 0.6)
"""Larger ones win on our own registers and lose on titles of strangers."""

ASK_BELOW = 0.6
AT_A_TIME = 64
HELD = Path(__file__).resolve().parents[1] / "build/vectors.npz"


def vectors_of(texts: Sequence[str]) -> Any:
    """Their vectors; kept in `build/` by text, since thousands take minutes."""
    kept: dict[str, Any] = {}
    if HELD.exists():
        with np.load(HELD) as box:
            kept = dict(zip(box["keys"].tolist(), box["vectors"], strict=True))
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    fresh = [(key, text) for key, text in zip(keys, texts, strict=True) if key not in kept]
    embedder = Embedder(text_s=30.0)
    for low in range(0, len(fresh), AT_A_TIME):
        some = fresh[low : low + AT_A_TIME]
        found = embedder.vectors([text for _, text in some])
        if found is None:
            raise SystemExit("The extra amends[semantic] is needed to train the second opinion.")
        kept |= {key: vector for (key, _), vector in zip(some, found, strict=True)}
    embedder.close()
    if fresh:
        HELD.parent.mkdir(exist_ok=True)
        np.savez(HELD, keys=np.array(list(kept)), vectors=np.array(list(kept.values())))
    return np.array([kept[key] for key in keys])


def train_head(
    templates: Sequence[Text], held: HeldOut, codes: tuple[str, ...], heat: tuple[float, float]
) -> Head:
    """The head of `codes`, its share and its confidence fitted beside the model's held-out scores."""
    first = vectors_of([text.text for text in templates])
    kinds = vectors_of([text.text for text in held.texts])
    texts = [*templates, *held.texts]
    vectors = np.concatenate([first, kinds])
    counts = np.repeat([1.0, KIND_COUNTS], [len(first), len(kinds)])
    fold = np.array(folds(held.texts))
    weights, bias = _fit(vectors, texts, counts, codes)
    head = Head(codes, weights, bias, (1.0, 1.0), ASK_BELOW, Calibration())
    each = []
    for number in range(int(fold.max()) + 1):
        among = np.concatenate([np.ones(len(first), dtype=bool), fold != number])
        some = [text for text, taken in zip(texts, among.tolist(), strict=True) if taken]
        each.append(_fit(vectors[among], some, counts[among], codes))
    return _weighed(head, held, kinds, fold, each, heat)


def _fit(vectors: Any, texts: Sequence[Text], counts: Any, codes: tuple[str, ...]) -> Any:
    """Weights and bias of the codes, enquiries and other subjects.

    Vectors of this model lie close together: they are centred and scaled first.
    """
    from sklearn.linear_model import LogisticRegression

    middle, spread = vectors.mean(axis=0), float(vectors.std(axis=0).mean())
    scaled = (vectors - middle) / spread
    complaint = np.array([not text.foreign for text in texts])
    code = np.array([codes.index(text.code) for text in texts])
    many = LogisticRegression(C=FREEDOM, max_iter=300)
    many.fit(scaled[complaint], code[complaint], sample_weight=counts[complaint])
    sides = []
    for name in ("enquiry", "foreign"):
        said = np.array([getattr(text, name) for text in texts])
        one = LogisticRegression(C=FREEDOM, max_iter=300)
        sides.append(one.fit(scaled, said, sample_weight=counts))
    weights = np.concatenate([many.coef_, *(one.coef_ for one in sides)]).T / spread
    bias = np.concatenate([many.intercept_, *(one.intercept_ for one in sides)])
    return weights.astype(np.float32), (bias - middle @ weights).astype(np.float32)


def _weighed(
    head: Head, held: HeldOut, kinds: Any, fold: Any, each: Any, heat: tuple[float, float]
) -> Head:
    """`head` with the share that loses least on `held`, and curves fitted to what that gives."""

    def scores_at(share: tuple[float, float]) -> Any:
        score = np.zeros_like(held.score)
        for number, (weights, bias) in enumerate(each):
            inside = fold == number
            one = replace(head, weights=weights, bias=bias, share=share)
            score[inside] = mixed(
                one,
                held.score[inside],
                kinds[inside],
                chinese=held.chinese[inside],
                temperature=heat,
            )
        return score

    plain = ~held.foreign & ~held.enquiry
    best = []
    for part in (~held.chinese & plain, held.chinese & plain):
        losses = [
            log_loss(scores_at((share, share))[part, :-ASIDE], held.right_place[part])
            for share in SHARES
        ]
        best.append(SHARES[int(np.argmin(losses))])
    share = (best[0], best[1])
    score = scores_at(share)
    right = score[:, :-ASIDE].argmax(axis=1) == held.right_place
    known = first_evidence(score, held.unknown, chinese=held.chinese, temperature=(1.0, 1.0))
    strange = foreign_evidence(score, held.unknown)
    tongues = (~held.chinese, held.chinese)
    complaint = ~held.foreign & ~held.enquiry
    calibration = replace(
        Calibration(),
        sure=cautious(
            [best_curve(known[part & complaint], right[part & complaint]) for part in tongues]
        ),
        enquiry=tuple(best_curve(score[part, -2:-1], held.enquiry[part]) for part in tongues),
        foreign=tuple(best_curve(strange[part], held.foreign[part]) for part in tongues),
    )
    print(f"with meaning: share {share}, right when held out {right[plain].mean():.3f}")
    return replace(head, share=share, calibration=calibration)
