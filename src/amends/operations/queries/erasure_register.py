"""The register of erasures: an older backup that is put back must lose the same people again.

A file of its own beside the database, never part of a backup: one JSON line an erasure, with the
pseudonym, when, and by whom. It is on disk before the erasure commits; where it cannot be written,
nothing is erased.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import orjson
from django.conf import settings

from amends.operations import refusals
from amends.people.subscribers.queries import subscribers
from amends.platform.kit.actors import Actor


def register_erasure(pseudonym: str, actor: Actor, now: datetime) -> None:
    """Put an erasure on the register, durable when this returns. Raises UnableToRegisterErasure."""
    line = orjson.dumps({"pseudonym": pseudonym, "erased_at": now, "by": actor.ref}) + b"\n"
    path = Path(settings.ERASURES_FILE)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.write(handle, line) != len(line):
                raise OSError(0, "written in part")
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise refusals.register_not_writable(why=error.strerror) from error


def registered(path: Path | None = None) -> list[str]:
    """The pseudonyms on the register, in the order erased, each once; none where there is no file.

    Raises UnableToReadRegister, naming the line: a person in it would stay readable.
    """
    path = path or Path(settings.ERASURES_FILE)
    return list(dict.fromkeys(_pseudonyms(path))) if path.exists() else []


def readable_again(path: Path | None = None) -> list[str]:
    """Those on the register whom this database does not know as erased: repeat these."""
    wanted = registered(path)
    subscriber_views = subscribers(wanted)
    return [
        pseudonym
        for pseudonym in wanted
        if pseudonym in subscriber_views and subscriber_views[pseudonym].status != "erased"
    ]


def _pseudonyms(path: Path) -> Iterator[str]:
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield str(orjson.loads(line)["pseudonym"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise refusals.register_line_unreadable(number=number, where=str(path)) from None
