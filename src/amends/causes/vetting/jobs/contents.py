"""Jobs on contents: the second reading after the answer, and forgetting at the end of a term."""

from __future__ import annotations

from datetime import datetime

from amends.causes.vetting.actions.contents import forget_contents, read_again
from amends.engines.classification.second_opinion.process import Embedder, installed

_EMBEDDER = Embedder()


def second_reading(*, now: datetime) -> int:
    """Read new samples with sentence vectors where the extra `amends[semantic]` is installed."""
    return read_again(vectors=_EMBEDDER.vectors, now=now) if installed() else 0


def forget(*, now: datetime) -> int:
    """Forget the text of samples whose term ended."""
    return forget_contents(now=now)
