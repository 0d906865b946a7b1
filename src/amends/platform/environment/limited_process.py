"""Run a module that reads an untrusted file in a process of its own, with limits.

Packages, archives and workbooks may be built to exhaust or attack their reader. The calling process
survives that: the reader has limits of processor time, memory, elapsed time and output, the lowest
priority, no core dump, and no environment variables, so neither settings nor secrets.

    reader = "amends.platform.tabular.workbook_reader"
    lines = output_lines(reader, "cells", file=file, limits=LIMITS)

The module reads the file from standard input (seekable) and writes lines to standard output.
"""

from __future__ import annotations

import os
import resource
import runpy
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_LOWEST_PRIORITY = 19


class LimitReached(Exception):
    """The process ended without an answer: at one of its limits, or by an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderLimits:
    """The most a reader may use.

    memory_bytes  address space; cpu_s  processor time; wait_s  elapsed time
    output_bytes  its output
    """

    memory_bytes: int
    cpu_s: int
    wait_s: float
    output_bytes: int


def output_lines(
    module: str, *arguments: str, file: IO[bytes], limits: ReaderLimits
) -> Iterator[bytes]:
    """The lines that the module writes; raises LimitReached, also after some lines.

    file  open for reading, one on disk
    """
    file.seek(0)
    process = subprocess.Popen(  # noqa: S603 - our own module; arguments are no options
        [
            *(sys.executable, "-I", "-m", __name__, module),
            *(str(limits.memory_bytes), str(limits.cpu_s)),
            *arguments,
        ],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
    )
    clock = threading.Timer(limits.wait_s, process.kill)
    clock.daemon = True
    clock.start()
    output = process.stdout
    assert output is not None
    written = 0
    try:
        # A line without end would be read into memory whole.
        while line := output.readline(limits.output_bytes - written + 1):
            written += len(line)
            if written > limits.output_bytes:
                raise LimitReached
            yield line
        if process.wait() != 0:
            raise LimitReached
    finally:
        clock.cancel()
        process.kill()
        process.wait()
        output.close()


def _main() -> None:
    module, memory_bytes, cpu_s, *arguments = sys.argv[1:]
    os.nice(_LOWEST_PRIORITY)
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes),) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_s),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    _main()
