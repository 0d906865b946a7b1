"""The command line, within the test or as a process: the same output and exit codes."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unittest import mock

import typer

from amends.site.cli import app as cli


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output; anything besides it is an error."""
        return json.loads(self.out)


def amends(*arguments: str) -> Done:
    """Run `amends …`."""
    out, err = io.BytesIO(), io.BytesIO()
    fresh = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    code = 0
    with (
        mock.patch.object(cli, "app", fresh),
        mock.patch.object(sys, "argv", ["amends", *map(str, arguments)]),
        contextlib.redirect_stdout(io.TextIOWrapper(out, "utf-8", write_through=True)) as stdout,
        contextlib.redirect_stderr(io.TextIOWrapper(err, "utf-8", write_through=True)) as stderr,
    ):
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1 if ended.code else 0
        finally:
            stdout.flush()
            stderr.flush()
    return Done(code, out.getvalue().decode(), err.getvalue().decode())


def run_amends(
    words: Sequence[object], environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run `python -m amends` with these words, in a process and an environment of its own."""
    return subprocess.run(
        [sys.executable, "-m", "amends", *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
