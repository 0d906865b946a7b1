"""Where a command computes."""

from __future__ import annotations

from enum import StrEnum


class Engine(StrEnum):
    """In this process, or on Spark."""

    LOCAL = "local"
    SPARK = "spark"
