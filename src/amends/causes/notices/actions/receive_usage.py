"""Take usage records posted as JSON lines: durable as a file, counted with the next run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from amends.people.subscribers.queries.counts import services_of_brand
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

MAX_BYTES = 16_000_000


class UnableToReceiveUsage(BadInput):
    """There is nothing in it, or too much."""

    code = "usage_refused"


@dataclass(frozen=True, slots=True)
class UsageReceived:
    """The file the records are in, how many they are, and how many were left out."""

    file: str
    records: int
    left_out: int = 0


def receive_usage(body: bytes, *, folder: Path, brand: str = "") -> UsageReceived:
    """Keep the lines in `place`.

    The name of the file is the content's hash: posted again, the same lines are the same file.

    brand  the brand the sender is confined to: records of other services, of unknown ones and of
           lines named by a number are left out
    """
    if len(body) > MAX_BYTES:
        raise _refusal(_("It is longer than 16 MB."))
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise _refusal(_("There is no record in it."))
    accepted_lines = _of_brand(lines, brand) if brand else lines
    if not accepted_lines:
        raise _refusal(_("There is no record of a service of your brand in it."))
    name = _stored_name(b"\n".join(accepted_lines) + b"\n" if brand else body, folder)
    return UsageReceived(name, len(accepted_lines), len(lines) - len(accepted_lines))


def _refusal(what: str) -> UnableToReceiveUsage:
    return UnableToReceiveUsage(
        what,
        meaning=_("Nothing was stored."),
        next_step=_("Send JSON, one record a line, in parts of at most 16 MB."),
    )


def _of_brand(lines: list[bytes], brand: str) -> list[bytes]:
    from amends.engines.metering.usage.files import flat_record  # loads numba

    named = [flat_record(line) for line in lines]
    services = ["" if "line" in record else record.get("service", "") for record in named]
    own = services_of_brand(services, brand)
    return [line for line, service in zip(lines, services, strict=True) if service in own]


def _stored_name(body: bytes, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"api-{sha256(body).hexdigest()[:32]}.jsonl"
    waiting = folder / f".{name}.{os.getpid()}"
    with waiting.open("wb") as file:
        file.write(body if body.endswith(b"\n") else body + b"\n")
        file.flush()
        os.fsync(file.fileno())
    waiting.rename(folder / name)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return name
