"""Read an app in a process of its own, with limits of time and memory.

Apps come from outside and may be built to deceive. The calling process survives whatever one does
to its reader: `inspect_file` returns the facts of the app or raises UnableToReadApk.

Run as `python -m amends.vetting.actions.inspect_process < FILE`, it prints the facts as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from amends.kit.errors import gettext_noop as _
from amends.vetting.rules.apk.errors import UnableToReadApk
from amends.vetting.rules.apk.facts import AppFacts

MOST_BYTES = 500_000_000
MEMORY_BYTES = 3_000_000_000
CPU_S = 60
WAIT_S = 120


def inspect_file(path: Path) -> AppFacts:
    """The facts of the app in a file."""
    with path.open("rb") as file:
        return inspect_open(file)


def inspect_open(file: IO[bytes]) -> AppFacts:
    """The facts of the app in an open file, which must be one on disk."""
    size = file.seek(0, 2)
    file.seek(0)
    if size > MOST_BYTES:
        raise UnableToReadApk(
            _("The file is larger than %(most)s MB."),
            next_step=_("Send the app without what it can load later."),
            values={"most": MOST_BYTES // 1_000_000},
        )
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no argument from outside
            [sys.executable, "-I", "-m", __name__],
            stdin=file,
            capture_output=True,
            timeout=WAIT_S,
            check=True,
        )
        document: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise UnableToReadApk(
            _("The app could not be read within the limits of time and memory."),
            meaning=_("It may be built to exhaust the machine that opens it."),
            next_step=_("Send the file as the build made it."),
        ) from error
    if "refusal" in document:
        raise UnableToReadApk(**document["refusal"])
    return AppFacts.from_document(document["facts"])


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> None:
    from amends.vetting.rules.apk.inspect import inspect_app

    _limit()
    file = os.fdopen(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    try:
        document = {"facts": inspect_app(file).document()}
    except UnableToReadApk as refusal:
        document = {"refusal": refusal.parts()}
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    _main()
