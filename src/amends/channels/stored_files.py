"""Received files on disk: sealed, written whole or not at all, never under a name somebody sent."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from amends.vault.sealing import open_sealed, seal

TABLE, COLUMN = "channels_attachment", "content"


def write(file_id: str, content: bytes) -> str:
    """Seal `content` and store it durably; its path below the folder of files.

    The file is on disk before the caller's transaction commits its row, so a row never names a
    file that is not there; a file without a row is removed by `jobs.tidy`.
    """
    relative = f"{file_id[-2:]}/{file_id}"
    path = settings.MEDIA_ROOT / relative
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    # The seal takes text; Latin-1 gives each byte one character and loses none.
    sealed = seal(TABLE, COLUMN, file_id, content.decode("latin-1"))
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    _sync_folder(path.parent)
    return relative


def read(file_id: str, relative: str) -> bytes:
    """The bytes of a stored file; they open only for the id they were sealed for."""
    sealed = _inside(relative).read_bytes()
    return open_sealed(TABLE, COLUMN, file_id, sealed).encode("latin-1")


def remove(relative: str) -> None:
    """Delete a stored file, if it is there."""
    _inside(relative).unlink(missing_ok=True)


def older_than(age: timedelta, *, now: datetime) -> list[str]:
    """Paths of stored files last written more than `age` ago."""
    root, limit = Path(settings.MEDIA_ROOT), (now - age).timestamp()
    return sorted(
        path.relative_to(root).as_posix()
        for path in root.glob("*/*")
        if path.is_file() and path.stat().st_mtime < limit
    )


def _inside(relative: str) -> Path:
    path: Path = (settings.MEDIA_ROOT / relative).resolve()
    if not path.is_relative_to(Path(settings.MEDIA_ROOT).resolve()):
        raise ValueError("A stored file lies inside the folder of files.")
    return path


def _sync_folder(folder: Path) -> None:
    """Make the new name durable too, not only the bytes."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
