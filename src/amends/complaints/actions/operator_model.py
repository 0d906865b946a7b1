"""The classifier in use: the operator's own model where one was learnt, else the shipped one."""

from __future__ import annotations

from collections.abc import Sequence

from amends.complaints.rules.classify import (
    MODEL_FILE,
    Classification,
    classify,
    classify_columns,
)

_FEW = 64


def classify_batch(texts: Sequence[str]) -> tuple[list[Classification], str]:
    """Classes of `texts`, and the version of the model that gave them.

    The deciding words are quoted for up to 64 texts; for more they are found again when somebody
    opens the complaint.
    """
    version = MODEL_FILE.removesuffix(".npz")
    if len(texts) <= _FEW:
        return classify(texts), version
    columns = classify_columns(texts)
    rows = zip(
        columns.names(),
        columns.second_names(),
        columns.confidence.tolist(),
        columns.ask.tolist(),
        columns.chinese.tolist(),
        strict=True,
    )
    return [
        Classification(code, code2, sure, (), ask, "zh" if chinese else "en")
        for code, code2, sure, ask, chinese in rows
    ], version
