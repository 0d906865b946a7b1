"""The classifier in use: the operator's own model where one was learnt, else the shipped one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from amends.classification.classify import (
    MODEL_FILE,
    Classification,
    classify,
    classify_columns,
    shipped_model,
)
from amends.classification.model.model import Model, UnableToReadModel
from amends.classification.model.versions import model_in_use

FOLDER = "classification"
_FEW = 64
log = logging.getLogger("amends.classification")


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


def classify_batch(texts: Sequence[str]) -> tuple[list[Classification], str]:
    """Classes of `texts`, and the version of the model that gave them.

    The deciding words are quoted for up to 64 texts; for more they are found again when somebody
    opens the complaint.
    """
    model, version = model_of_the_desk()
    if len(texts) <= _FEW:
        return classify(texts, model=model), version
    return classify_columns(texts, model=model).answers(), version


def deciding_words(text: str, classified_by: str) -> tuple[str, ...]:
    """The passages that decided the class, found again where they were not kept.

    classified_by  the model that gave the class; of one that answers no more nothing is quoted
    """
    model, version = model_of_the_desk()
    return classify([text], model=model)[0].because if version == classified_by else ()
