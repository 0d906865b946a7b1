"""The classifier in use: the operator's own model where one was learnt, else the shipped one, and
the second opinion where the extra `amends[semantic]` is installed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings

from amends.engines.classification.classify import (
    FOREIGN_FROM,
    MODEL_FILE,
    Classification,
    Vectors,
    classify,
    classify_columns,
    shipped_model,
)
from amends.engines.classification.model.model import Model, UnableToReadModel
from amends.engines.classification.operator_models import model_in_use
from amends.engines.classification.second_opinion.head import HEAD_FILE
from amends.engines.classification.second_opinion.process import Embedder, installed

FOLDER = "classification"
HEAD = HEAD_FILE.removesuffix(".npz")
_FEW = 64
log = logging.getLogger("amends.engines.classification")


def folder() -> Path:
    """Where the operator's own models lie."""
    return _within(settings.DATA_DIR)


@lru_cache(maxsize=8)
def _within(directory: Path) -> Path:
    return Path(directory) / FOLDER


def model_of_the_desk() -> tuple[Model, str]:
    """The model that answers now, and its version as a complaint keeps it.

    A damaged model must not keep complaints out: the shipped one answers, and the log says so.
    """
    try:
        model = model_in_use(folder())
    except UnableToReadModel as error:
        log.error("The operator's model cannot be read, the shipped one answers: %s", error)
        model = shipped_model()
    if model is shipped_model():
        return model, MODEL_FILE.removesuffix(".npz")
    return model, f"model-{model.version}"


def vectors() -> Vectors | None:
    """What gives texts their vectors; None where the extra is not installed or switched off."""
    return _embedder().vectors if settings.SEMANTIC and _installed() else None


@cache
def _embedder() -> Embedder:
    return Embedder()


@cache
def _installed() -> bool:
    return installed()


def classify_batch(
    texts: Sequence[str], *, with_meaning: bool = False
) -> tuple[list[Classification], str]:
    """Classes of `texts`, and the version of the model that gave them (see `version_label`).

    The deciding words are quoted for up to 64 texts; for more they are found again when somebody
    opens the complaint. The second opinion takes up to a tenth of a second a text and is asked
    only `with_meaning`: nobody who files a complaint waits for it.
    """
    model, version = model_of_the_desk()
    source = vectors() if with_meaning else None
    if len(texts) <= _FEW:
        return classify(texts, model=model, vectors=source), version
    return classify_columns(texts, model=model, vectors=source).answers(), version


def version_label(answer: Classification, version: str) -> str:
    """The version as a complaint keeps it: of the model, and the second opinion if it was used."""
    return f"{version} + {HEAD}" if answer.by_meaning else version


def plausible_permille(answer: Classification) -> list[list[str | int]]:
    """The classes a text may be about as a complaint stores them: code and probability in ‰."""
    return [[code, round(share * 1000)] for code, share in answer.plausible]


def second_opinion_due(answer: Classification) -> bool:
    """Whether the jobs should ask the second opinion about the text of `answer`."""
    return answer.unsure and vectors() is not None


@lru_cache(maxsize=256)
def reclassify_again(text: str, classified_by: str) -> Classification | None:
    """What `text` was taken for, with the passages that decided, where they were not kept.

    classified_by  the model that gave the class; of one that answers no more nothing is said, nor
                   of the second opinion, whose passages are always kept
    """
    model, version = model_of_the_desk()
    return classify([text], model=model)[0] if classified_by == version else None


def is_foreign(answer: Classification | None) -> bool:
    """Whether the text complains of nothing in telecoms."""
    return answer is not None and answer.foreign_share >= FOREIGN_FROM


def used_meaning(classified_by: str) -> bool:
    """Whether the second opinion had a say in a class."""
    return HEAD in classified_by
