"""A measurement server in a process of its own, on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def measuring(data_dir: Path, *options: str) -> Iterator[str]:
    """`amends quality serve` with these options; yields HOST:PORT."""
    command = [sys.executable, "-m", "amends", "quality", "serve", "--port", "0", *options]
    with subprocess.Popen(
        command, env=os.environ | {"AMENDS_DATA_DIR": str(data_dir)},
        stderr=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        assert server.stderr is not None
        try:
            line = server.stderr.readline()
            assert line.startswith("Measuring on"), line + server.stderr.read()
            yield line.split("//")[1].strip()
        finally:
            server.terminate()
            server.stderr.close()
