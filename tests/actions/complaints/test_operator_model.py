"""What the desk learnt is what it answers with, and what a backup keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from amends.cases.complaints.actions.operator_model import classify_batch, folder
from amends.engines.classification.classify import MODEL_FILE, shipped_model
from amends.engines.classification.model.model import dump
from amends.engines.classification.operator_models import IN_USE
from amends.operations.backups.folders import FOLDERS

WORDS = "每月扣我10块钱彩铃费，我没有订过。"


@pytest.fixture
def models(tmp_path: Path) -> Iterator[Path]:
    with override_settings(DATA_DIR=tmp_path):
        folder().mkdir()
        yield folder()


@pytest.mark.parametrize("texts", [[WORDS], [WORDS] * 80], ids=["few", "many"])
def test_the_model_put_to_use_is_the_one_that_answers(models: Path, texts: list[str]) -> None:
    data = dump(shipped_model(), exact=True, notes={"labels": 1})
    (models / "model-own.npz").write_bytes(data)
    _, shipped = classify_batch(texts)
    (models / IN_USE).write_text("model-own.npz\n")
    answers, own = classify_batch(texts)
    assert shipped == MODEL_FILE.removesuffix(".npz")
    assert own.startswith("model-")
    assert len(answers) == len(texts)


def test_a_damaged_model_keeps_no_complaint_out(
    models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (models / "model-own.npz").write_bytes(b"no model")
    (models / IN_USE).write_text("model-own.npz\n")
    answers, version = classify_batch([WORDS])
    assert version == MODEL_FILE.removesuffix(".npz")
    assert answers[0].code
    assert "cannot be read" in caplog.text


def test_a_backup_keeps_the_folder_the_models_lie_in(models: Path) -> None:
    assert models.name in FOLDERS
