"""Learn: make the operator's own classification model from labels, keep it, and put it to use.

Models lie in a folder of the data directory, each named by its day and the fingerprint of its
content, with its report beside it; the file `in-use` names the one that answers. An older model
comes back by `use_model`. Nothing in the folder is ever executed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from amends.engines.classification.classify import shipped_model, shipped_phrases
from amends.engines.classification.model.learning import Labelled, LearningReport, learn
from amends.engines.classification.model.model import (
    Model,
    UnableToReadModel,
    dump,
    fingerprint,
    load,
)
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.recognisers import mask_text

IN_USE = "in-use"
SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Learnt:
    """Lessons; `adopted` says whether the new model answers from now on."""

    report: LearningReport
    path: Path
    version: str
    adopted: bool


def learn_labels(
    labelled: Sequence[Labelled], *, directory: Path, now: datetime, even_if_worse: bool = False
) -> Learnt:
    """Learn from all labels there are, starting from the shipped model.

    Give every label each time: the labels are the memory, the model is made from them. A model
    that is not better on texts held out is kept but not put to use, unless `even_if_worse`.

    Raises UnableToLearn if the labels are too few or name a code nobody knows.
    """
    model, report = learn(labelled, base=shipped_model(), mask=lambda text: mask_text(text).text)
    data = dump(model, exact=True, notes={"labels": report.texts})
    version = fingerprint(data)
    name = f"model-{now:%Y-%m-%d}-{version}"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{name}.npz"
    _write(path, data)
    report_json = json.dumps(report.as_dict(), ensure_ascii=False, indent=2)
    _write(directory / f"{name}.json", report_json.encode())
    adopted = report.helps or even_if_worse
    if adopted:
        _write(directory / IN_USE, f"{path.name}\n".encode())
    return Learnt(report=report, path=path, version=version, adopted=adopted)


def use_model(version: str, *, directory: Path) -> Path | None:
    """Put an earlier model to use again, by its version; `SHIPPED` takes the package's own.

    Raises UnableToReadModel if there is no such model, or it cannot be read.
    """
    if version == SHIPPED:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(directory / IN_USE, b"")
        return None
    paths_by_version = {
        path.stem.rsplit("-", 1)[-1]: path for path in sorted(directory.glob("model-*.npz"))
    }
    if version not in paths_by_version:
        raise UnableToReadModel(
            _("There is no model “%(version)s”."),
            next_step=_("Name one of these: %(known)s."),
            values={"version": version, "known": ", ".join([SHIPPED, *paths_by_version])},
        )
    path = paths_by_version[version]
    _read(path, path.stat().st_mtime_ns)
    _write(directory / IN_USE, f"{path.name}\n".encode())
    return path


def model_in_use(directory: Path) -> Model:
    """The operator's model if one was put to use, else the one shipped with the package.

    Raises UnableToReadModel if the model named in `in-use` is gone or damaged.
    """
    try:
        with open(_in_use(directory), encoding="utf-8") as file:  # noqa: PTH123 (each request asks)
            name = file.read().strip()
    except FileNotFoundError:
        return shipped_model()
    if not name:
        return shipped_model()
    path = directory / name
    if path.parent != directory:
        raise UnableToReadModel(
            _("%(file)s names “%(name)s”, which is not a model here."),
            values={"file": directory / IN_USE, "name": name},
        )
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError as error:
        raise UnableToReadModel(
            _("The model %(name)s is missing from %(directory)s."),
            next_step=_("Restore it from a backup, or empty the file in-use."),
            values={"name": name, "directory": directory},
        ) from error


@lru_cache(maxsize=8)
def _in_use(directory: Path) -> str:
    return str(directory / IN_USE)


@lru_cache(maxsize=2)
def _read(path: Path, changed_ns: int) -> Model:
    names, phrases = shipped_phrases()
    return load(path.read_bytes(), names=names, phrases=phrases)


def _write(path: Path, data: bytes) -> None:
    """Write beside and rename, so that a reader sees the old file or the new one whole."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
