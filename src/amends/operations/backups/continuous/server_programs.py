"""PostgreSQL's own programs that follow a server, run so that their words are not lost."""

from __future__ import annotations

import contextlib
import ctypes
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO

from amends.kit.errors import gettext_noop as _
from amends.operations.backups.databases import UnableToCopyDatabase, server_environment

_ROLE = _(
    "The role needs REPLICATION, the programs the server's major version: docs/operator/backup.md."
)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Program:
    """One of them at work; it ends with us, even where we are killed."""

    def __init__(self, tool: str, *arguments: str, words: Path) -> None:
        self.tool, self._words = tool, words
        with words.open("wb") as file:
            self._process = _started(tool, arguments, file)

    def ended(self) -> int | None:
        """What it ended with, None while it works."""
        return self._process.poll()

    def said(self) -> str:
        """The last line it wrote; it never holds a password."""
        lines = self._words.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"

    def stop(self) -> None:
        """End it, and wait until it has."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def run(tool: str, *arguments: str, words: Path) -> None:
    """Run one to its end, or UnableToCopyDatabase with what it said."""
    one = Program(tool, *arguments, words=words)
    one._process.wait()
    if one.ended():
        raise failed(one)


def failed(one: Program, *, meaning: str = "", next_step: str = _ROLE) -> UnableToCopyDatabase:
    """What is to be told of a program that ended."""
    return UnableToCopyDatabase(
        _("%(tool)s failed: %(said)s."),
        meaning=meaning,
        next_step=next_step,
        values={"tool": one.tool, "said": one.said()},
    )


def _started(tool: str, arguments: tuple[str, ...], words: IO[bytes]) -> subprocess.Popen[bytes]:
    program = shutil.which(tool)
    if program is None:
        raise UnableToCopyDatabase(
            _("%(tool)s is not installed."),
            next_step=_(
                "Install PostgreSQL's client programs and put them on PATH, with Debian "
                "/usr/lib/postgresql/VERSION/bin."
            ),
            values={"tool": tool},
        )
    return subprocess.Popen(  # noqa: S603 (a program found on PATH, arguments of our own)
        [program, *arguments], env=server_environment() | {"LC_MESSAGES": "C"},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=words, preexec_fn=_end_with_us,
    )  # fmt: skip


def _end_with_us() -> None:
    # Else one whose keeper was killed would hold the slot, and the next keeper receive nothing.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
