"""Where a backup rests: sealed pieces, and a manifest for each copy of the whole database.

Every piece and manifest is compressed and sealed (AES-256-GCM, one key made of the passphrase by
scrypt) under its name; a piece is named by an HMAC of its content. Whoever sees the folder without
the passphrase learns sizes and times. Without one it is sealed all the same, under the key of the
empty passphrase: anybody with Amends opens it.
"""

from __future__ import annotations

import hmac
import json
import os
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _

PIECE = 16 << 20
_COST = 2**16
"""scrypt's N: a fifth of a second and 64 MB for each guess."""


class UnableToBackUp(Refused):
    """Where the backup should be written, one cannot write."""

    code = "unable_to_back_up"


class UnableToRestore(Refused):
    """Something is in the way, or the backup is of another kind than the place."""

    code = "unable_to_restore"


class UnableToOpenBackup(BadInput):
    """The passphrase is wrong, or something is missing or was changed."""

    code = "backup_unreadable"


@dataclass
class Manifest:
    """One copy of the whole database, and the moments that can be restored from it.

    kind      "sqlite", "postgresql" (pg_dump), "postgresql server" (pg_basebackup)
    made_at   when the copy began, UTC; the manifest's name
    version   of Amends
    base      the copy's pieces, in order
    log       what was written since, in order: (number of the log, piece); of a server, whose log
              lies in files of its own, (file, SHA-256) of each file that is finished
    moments   the oldest first: `at`, `files` (the piece that lists keys and files), `log` (how many
              of `log` belong to it), and how far the log was read
    server    of a server: `copy` and `sha256` of its archive, `first` file of the log, `settings`
    """

    kind: str
    made_at: str
    version: str
    base: list[str] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)
    moments: list[dict[str, Any]] = field(default_factory=list)
    server: dict[str, Any] = field(default_factory=dict)


class Store:
    """One folder, written by one process, read by a restore.

    create   make an empty one where there is none
    """

    def __init__(self, folder: Path, passphrase: str = "", *, create: bool = False) -> None:
        self.folder = folder
        salt = folder / "salt"
        if create and not salt.exists():
            for name in ("objects", "manifests"):
                (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(salt, os.urandom(16))
        if not salt.exists():
            raise UnableToOpenBackup(
                _("%(name)s is no backup of Amends."),
                meaning=_("Nothing was restored."),
                next_step=_("Name an archive, or the folder that `amends backup --keep` writes."),
                values={"name": folder.name},
            )
        scrypt = Scrypt(salt=salt.read_bytes(), length=32, n=_COST, r=8, p=1)
        self._key = scrypt.derive(passphrase.encode())

    def put(self, content: bytes) -> str:
        """Store a piece; its name. The same content is stored once."""
        name = self._name(content)
        path = self._piece(name)
        if not path.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _write(path, self._seal(name, content))
        return name

    def get(self, name: str) -> bytes:
        """A piece as it was put, or UnableToOpenBackup."""
        return self._open(name, self._piece(name))

    def put_file(self, path: Path) -> list[str]:
        """Store a file in pieces."""
        with path.open("rb") as file:
            return [self.put(piece) for piece in iter(lambda: file.read(PIECE), b"")]

    def get_file(
        self, pieces: list[str], target: Path, progress: Callable[[int, int], None]
    ) -> None:
        """Write pieces to a new file, readable for its owner alone."""
        with new_file(target) as file:
            for piece_count, piece in enumerate(pieces, 1):
                file.write(self.get(piece))
                progress(piece_count, len(pieces))
            file.flush()
            os.fsync(file.fileno())

    def save(self, manifest: Manifest) -> None:
        """Store a manifest in the place of its earlier self."""
        name = f"manifests/{manifest.made_at}"
        text = json.dumps(asdict(manifest)).encode()
        _write(self.folder / name, self._seal(name, text))

    def manifests(self) -> list[Manifest]:
        """All of them, the oldest first."""
        paths = sorted((self.folder / "manifests").glob("*:??"))
        return [
            Manifest(**json.loads(self._open(f"manifests/{path.name}", path))) for path in paths
        ]

    def moment(self, at: datetime | None) -> tuple[Manifest, dict[str, Any]]:
        """The last moment at or before `at` (None: the newest) with its manifest."""
        moments = [
            (manifest, moment) for manifest in self.manifests() for moment in manifest.moments
        ]
        for manifest, stored_moment in reversed(moments):
            if at is None or datetime.fromisoformat(stored_moment["at"]) <= at:
                return manifest, stored_moment
        raise UnableToOpenBackup(
            _("The backup holds nothing for that moment."),
            meaning=_("Nothing was restored."),
            next_step=_("It holds %(first)s to %(last)s.")
            if moments
            else _("The first copy of the whole is not finished yet."),
            values={"first": moments[0][1]["at"], "last": moments[-1][1]["at"]} if moments else {},
        )

    def expire(self, *, now: datetime, days: int) -> list[Manifest]:
        """Delete what only moments older than `days` need; the manifests that stay.

        What was erased in Amends is gone after `days` and two more at most: the next copy is made
        within one day, and is found old enough at a copy within another.
        """
        manifests = self.manifests()
        limit = now - timedelta(days=days)
        old = [m for m in manifests if datetime.fromisoformat(m.moments[0]["at"]) <= limit]
        stays = manifests[max(len(old) - 1, 0) :]
        for manifest in old[:-1]:
            (self.folder / "manifests" / manifest.made_at).unlink()
        wanted = {piece for m in stays for piece in (*m.base, *(piece for _n, piece in m.log))}
        listed = {moment["files"] for m in stays for moment in m.moments}
        for _depth in ("folders", "files"):
            wanted |= listed
            listed = {
                piece for listing in listed for piece in json.loads(self.get(listing)).values()
            }
        wanted |= listed
        for path in (self.folder / "objects").glob("*/*"):
            if path.parent.name + path.name not in wanted:
                path.unlink()
        return stays

    def _name(self, content: bytes) -> str:
        return hmac.digest(self._key, content, "sha256").hex()

    def _piece(self, name: str) -> Path:
        return self.folder / "objects" / name[:2] / name[2:]

    def _seal(self, name: str, content: bytes) -> bytes:
        nonce = os.urandom(12)
        body = zlib.compress(content, 1)
        return nonce + AESGCM(self._key).encrypt(nonce, body, name.encode())

    def _open(self, name: str, path: Path) -> bytes:
        try:
            sealed = path.read_bytes()
            return zlib.decompress(
                AESGCM(self._key).decrypt(sealed[:12], sealed[12:], name.encode())
            )
        except (OSError, InvalidTag, zlib.error, ValueError) as error:
            raise damaged(f"{path.parent.name}/{path.name}") from error


def damaged(part: str) -> UnableToOpenBackup:
    """What is raised for a part of a backup that is not as it was written."""
    return UnableToOpenBackup(
        _("%(part)s of the backup is missing or damaged, or the passphrase is another one."),
        meaning=_("Nothing was restored."),
        next_step=_(
            "See that --passphrase-file is given and right; then restore an earlier moment with "
            "--at, or use another copy of the backup."
        ),
        values={"part": part},
    )


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and durable."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with new_file(part) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync(path.parent)


def new_file(path: Path) -> BinaryIO:
    """Open a file that does not exist, and nothing a link names, for its owner alone."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
