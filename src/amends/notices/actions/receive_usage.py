"""Take usage records handed over as JSON lines: durable as a file, counted with the next run."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _

MAX_BYTES = 16_000_000


class UnableToReceiveUsage(BadInput):
    """There is nothing in it, or too much."""

    code = "usage_refused"


def receive_usage(body: bytes, *, place: Path) -> tuple[str, int]:
    """Keep the lines in `place`; the name of the file, and how many records it holds.

    The name is the content's hash: handed over again, the same lines are the same file.
    """
    records = sum(1 for line in body.split(b"\n") if line.strip())
    if not records or len(body) > MAX_BYTES:
        raise UnableToReceiveUsage(
            _("There is no record in it.") if not records else _("It is longer than 16 MB."),
            meaning=_("Nothing was stored."),
            next_step=_("Send JSON, one record a line, in parts of at most 16 MB."),
        )
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"api-{sha256(body).hexdigest()[:32]}.jsonl"
    waiting = place / f".{name}.{os.getpid()}"
    with waiting.open("wb") as file:
        file.write(body if body.endswith(b"\n") else body + b"\n")
        file.flush()
        os.fsync(file.fileno())
    waiting.rename(place / name)
    directory = os.open(place, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return name, records
