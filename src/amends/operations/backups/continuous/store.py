"""Where a kept backup rests: pieces named by their content, records named by their number.

Under a passphrase every piece and record is sealed (AES-256-GCM, one key by scrypt), and names are
an HMAC of the content, so that whoever sees the folder learns sizes and times and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amends.kit.errors import gettext_noop as _
from amends.operations.backups.sealing import UnableToOpenBackup, key_from

_PLAIN, _SEALED = b"AK1p", b"AK1s"
_CHECK = b"amends kept backup"


class Store:
    """One folder; written by one keeper, read by a restore.

    engine   "sqlite" or "postgresql": what the backup is of
    """

    def __init__(self, folder: Path, *, engine: str = "", passphrase: str = "") -> None:
        self.folder = folder
        about = folder / "kept.json"
        if not about.exists():
            if not engine:
                raise UnableToOpenBackup(
                    _("%(folder)s is no kept backup of Amends."),
                    meaning=_("Nothing was restored."),
                    next_step=_("Name the folder that `amends backup --keep` writes."),
                    values={"folder": folder},
                )
            self._lay_out(about, engine, passphrase)
        told = json.loads(about.read_text(encoding="utf-8"))
        self.engine: str = told["engine"]
        self._key = key_from(passphrase, bytes.fromhex(told["salt"])) if told["sealed"] else b""
        if told["sealed"] != bool(passphrase) or (
            passphrase and not hmac.compare_digest(self._name(_CHECK), told["check"])
        ):
            raise UnableToOpenBackup(
                _("The passphrase is not the one %(folder)s is kept under.")
                if passphrase or told["sealed"]
                else _("%(folder)s is kept without a passphrase."),
                meaning=_("Nothing was written or restored."),
                next_step=_("Give it with --passphrase-file, or leave it out where there is none."),
                values={"folder": folder},
            )

    def put(self, content: bytes) -> str:
        """Keep a piece; its name. The same content is kept once."""
        name = self._name(content)
        path = self._piece(name)
        if not path.exists():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _write(path, self._wrap(name, content))
        return name

    def get(self, name: str) -> bytes:
        """A piece as it was put, or UnableToOpenBackup."""
        content = self._unwrap(name, self._piece(name))
        if self._name(content) != name:
            raise _damaged(self._piece(name))
        return content

    def put_record(self, kind: str, name: str, content: bytes) -> None:
        """Keep a record under a name of its own."""
        _write(self.folder / kind / name, self._wrap(f"{kind}/{name}", content))

    def get_record(self, kind: str, name: str) -> bytes:
        """A record, or UnableToOpenBackup."""
        return self._unwrap(f"{kind}/{name}", self.folder / kind / name)

    def records(self, kind: str) -> list[str]:
        """The names of all records of a kind, the oldest first."""
        return sorted(p.name for p in (self.folder / kind).iterdir() if p.suffix != ".part")

    def drop_record(self, kind: str, name: str) -> None:
        """Let a record go."""
        (self.folder / kind / name).unlink(missing_ok=True)

    def sweep(self, wanted: set[str]) -> int:
        """Let every piece go that nothing names; how many went."""
        gone = 0
        for path in self._pieces():
            if path.suffix == ".part" or path.parent.name + path.name not in wanted:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _lay_out(self, about: Path, engine: str, passphrase: str) -> None:
        for kind in ("objects", "segments", "bases"):
            (self.folder / kind).mkdir(parents=True, exist_ok=True, mode=0o700)
        salt = os.urandom(16)
        self._key = key_from(passphrase, salt) if passphrase else b""
        told = {
            "version": 1,
            "engine": engine,
            "sealed": bool(passphrase),
            "salt": salt.hex(),
            "check": self._name(_CHECK),
        }
        _write(about, json.dumps(told).encode())

    def _name(self, content: bytes) -> str:
        if self._key:
            return hmac.digest(self._key, content, "sha256").hex()
        return hashlib.sha256(content).hexdigest()

    def _piece(self, name: str) -> Path:
        return self.folder / "objects" / name[:2] / name[2:]

    def _pieces(self) -> Iterator[Path]:
        for folder in (self.folder / "objects").iterdir():
            yield from folder.iterdir()

    def _wrap(self, name: str, content: bytes) -> bytes:
        body = zlib.compress(content, 1)
        if not self._key:
            return _PLAIN + body
        nonce = os.urandom(12)
        return _SEALED + nonce + AESGCM(self._key).encrypt(nonce, body, name.encode())

    def _unwrap(self, name: str, path: Path) -> bytes:
        try:
            whole = path.read_bytes()
            kind, body = whole[:4], whole[4:]
            if kind != (_SEALED if self._key else _PLAIN):
                raise _damaged(path)
            if self._key:
                body = AESGCM(self._key).decrypt(body[:12], body[12:], name.encode())
            return zlib.decompress(body)
        except (OSError, InvalidTag, zlib.error, ValueError) as error:
            raise _damaged(path) from error


def _damaged(path: Path) -> UnableToOpenBackup:
    return UnableToOpenBackup(
        _("%(name)s/%(name2)s of the backup is missing or damaged."),
        meaning=_("Nothing was restored."),
        next_step=_("Restore an earlier moment with --at, or use another copy of the folder."),
        values={"name": path.parent.name, "name2": path.name},
    )


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and durable."""
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
