"""Where a command computes, and the options that choose it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer


class Engine(StrEnum):
    """In this process, or on Spark."""

    LOCAL = "local"
    SPARK = "spark"


ENGINE = Annotated[
    Engine, typer.Option(help="In this process, or on Spark (amends\\[spark], Java 17).")
]
MASTER = Annotated[
    str, typer.Option(help="Spark master: local[2], spark://…, yarn; all cores if left out.")
]
SCRATCH = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        file_okay=False,
        writable=True,
        help="Folder for temporary files as large as the files; the data directory if left out."
        " On a cluster, one that its machines share.",
    ),
]


def spark_session(engine: Engine, master: str) -> Any:
    """The session for `--engine spark`; None for this process. Raises Unavailable."""
    if engine is Engine.LOCAL:
        return None
    from amends.platform.kit.spark import session

    return session(master)
