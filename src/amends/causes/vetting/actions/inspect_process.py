"""Read an app in a process of its own, with limits of time and memory.

Apps come from outside and may be built to deceive. The calling process survives whatever one does
to its reader: `inspect_file` returns the facts of the app or raises UnableToReadApk.

As the module of a limited process it reads an app from standard input and prints its facts as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO, Any

from amends.causes.vetting.rules.apk.errors import UnableToReadApk
from amends.causes.vetting.rules.apk.facts import AppFacts
from amends.platform.environment.limited_process import LimitReached, ReaderLimits, output_lines
from amends.platform.kit.errors import gettext_noop as _

MOST_BYTES = 500_000_000
READER_LIMITS = ReaderLimits(
    memory_bytes=2_000_000_000, cpu_s=30, wait_s=90, output_bytes=100_000_000
)


def inspect_file(path: Path) -> AppFacts:
    """The facts of the app in a file."""
    with path.open("rb") as file:
        return inspect_open(file)


def inspect_open(file: IO[bytes]) -> AppFacts:
    """The facts of the app in an open file, which must be one on disk."""
    size = file.seek(0, 2)
    if size > MOST_BYTES:
        raise UnableToReadApk(
            _("The file is larger than %(most)s MB."),
            next_step=_("Send the app without what it can load later."),
            values={"most": MOST_BYTES // 1_000_000},
        )
    try:
        output = b"".join(output_lines(__name__, file=file, limits=READER_LIMITS))
        document: dict[str, Any] = json.loads(output)
    except (LimitReached, ValueError) as error:
        raise UnableToReadApk(
            _("The app could not be read within the limits of time and memory."),
            meaning=_("It may be built to exhaust the machine that opens it."),
            next_step=_("Send the file as the build made it."),
        ) from error
    if "refusal" in document:
        raise UnableToReadApk(**document["refusal"])
    return AppFacts.from_document(document["facts"])


def _main() -> None:
    from amends.causes.vetting.rules.apk.inspect import inspect_app

    file = os.fdopen(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    try:
        document = {"facts": inspect_app(file).document()}
    except UnableToReadApk as refusal:
        document = {"refusal": refusal.parts()}
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    _main()
