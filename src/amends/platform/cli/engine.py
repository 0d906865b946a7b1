"""Where a command computes, and the options that choose it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

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
        help="Folder for temporary files as large as the files; the data directory if left out."
        " On a cluster, one that its machines share."
    ),
]
