"""Sentence vectors, where the extra `amends[semantic]` is installed and switched on."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from amends.engines.classification.classify import Vectors
from amends.engines.classification.second_opinion.process import Embedder, installed


def vectors() -> Vectors | None:
    """The source of vectors; None where the extra is missing or switched off."""
    return _embedder().vectors if settings.SEMANTIC and installed() else None


@cache
def _embedder() -> Embedder:
    return Embedder()
