"""Received files on disk: sealed, written whole or not at all, never under a name somebody sent."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from mmap import mmap
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext_noop as _

from amends.platform.kit.errors import Unavailable
from amends.platform.vault.sealing import open_sealed, seal

NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class FileStore:
    """Whose files these are: the table and column their keys rest in, and the folder of the bytes.

    Only the shelf of this app lies on top of the folder of files, where `jobs.tidy` looks.
    """

    table: str
    key_column: str
    folder: str = ""

    def path(self, file_id: str) -> str:
        """Where a file lies, relative to the folder of files."""
        relative_path = f"{file_id[-2:]}/{file_id}"
        return f"{self.folder}/{relative_path}" if self.folder else relative_path


TABLE = "channels_attachment"
RECEIVED = FileStore(TABLE, "key_sealed")


class UnableToReadStored(Unavailable):
    """A stored file is not what was stored."""

    code = "file_broken"


def write(file_id: str, content: bytes | mmap, *, store: FileStore = RECEIVED) -> tuple[str, bytes]:
    """Seal `content` under a key of its own and store it durably; its path and the sealed key.

    The key rests in the file's row under the master key, so rotating master keys never touches the
    files, and forgetting a file is complete when its row is gone, whatever backup holds the bytes.
    The file is on disk before the caller's transaction commits its row, so a row never names a
    file that is not there; a file without a row is removed by `jobs.tidy`.
    """
    key, nonce = AESGCM.generate_key(256), os.urandom(NONCE_BYTES)
    relative = store.path(file_id)
    path = _inside(relative)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(nonce)
        file.write(AESGCM(key).encrypt(nonce, memoryview(content), file_id.encode()))
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    _sync_folder(path.parent)
    return relative, seal(store.table, store.key_column, file_id, key.hex())


def read(file_id: str, relative: str, sealed_key: bytes, *, store: FileStore = RECEIVED) -> bytes:
    """The bytes of a stored file; they open only for the id they were sealed for.

    Raises `UnableToReadStored` if the file was changed, exchanged or lost.
    """
    key = bytes.fromhex(open_sealed(store.table, store.key_column, file_id, sealed_key))
    try:
        # A view, not a copy: a stored app has up to 150 MB.
        stored = memoryview(_inside(relative).read_bytes())
        nonce, body = stored[:NONCE_BYTES], stored[NONCE_BYTES:]
        return AESGCM(key).decrypt(nonce, body, file_id.encode())
    except (OSError, InvalidTag, ValueError) as error:
        raise UnableToReadStored(
            _("A stored file is missing or was changed."),
            meaning=_("It was not shown."),
            next_step=_("Restore the folder of files from a backup."),
        ) from error


def remove(relative: str) -> None:
    """Delete a stored file, if it is there."""
    _inside(relative).unlink(missing_ok=True)


def remove_all(paths: Iterable[str]) -> None:
    """Delete stored files, as far as they are there."""
    for path in paths:
        remove(path)


def older_than(age: timedelta, *, now: datetime, store: FileStore = RECEIVED) -> list[str]:
    """Paths of a shelf's files last written more than `age` ago."""
    root, limit = Path(settings.MEDIA_ROOT), (now - age).timestamp()
    return sorted(
        path.relative_to(root).as_posix()
        for path in (root / store.folder).glob("*/*")
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
