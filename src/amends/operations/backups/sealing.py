"""A file under a passphrase: scrypt for the key, AES-256-GCM for each chunk, in order.

The archive holds the keys beside the data they seal, so whoever can read it can read everything;
under a passphrase it may rest where the data may not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _

MAGIC = b"AMENDSBK1\n"
_CHUNK = 1 << 20
_TAG = 16
_COST = 2**16
"""scrypt's N: a fifth of a second and 64 MB for each guess. No file says it, so it stays."""


class UnableToOpenBackup(BadInput):
    """The passphrase is wrong, or the file was changed or cut off."""

    code = "backup_unreadable"


def is_sealed(path: Path) -> bool:
    """Whether the file is under a passphrase."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def seal_file(plain: Path, sealed: Path, passphrase: str) -> None:
    """Write `plain` under `passphrase` to `sealed`."""
    salt = os.urandom(16)
    cipher = AESGCM(key_from(passphrase, salt))
    with plain.open("rb") as source, sealed.open("wb") as out:
        sealed.chmod(0o600)
        out.write(MAGIC + salt)
        for number, last, chunk in _chunks(source.read, _CHUNK):
            out.write(cipher.encrypt(_nonce(number), chunk, _place(number, last)))


def open_file(sealed: Path, plain: Path, passphrase: str) -> None:
    """Write what `seal_file` sealed to `plain`; a missing or moved chunk is an error."""
    with sealed.open("rb") as source, plain.open("wb") as out:
        plain.chmod(0o600)
        source.read(len(MAGIC))
        cipher = AESGCM(key_from(passphrase, source.read(16)))
        try:
            for number, last, chunk in _chunks(source.read, _CHUNK + _TAG):
                out.write(cipher.decrypt(_nonce(number), chunk, _place(number, last)))
        except InvalidTag as error:
            raise UnableToOpenBackup(
                _("The passphrase is wrong, or the file was changed or cut off."),
                meaning=_("Nothing was restored."),
                next_step=_("Try the passphrase again, then an earlier backup."),
            ) from error


def _chunks(read, size: int) -> Iterator[tuple[int, bool, bytes]]:  # type: ignore[no-untyped-def]
    number, chunk = 0, read(size)
    while True:
        following = read(size)
        yield number, not following, chunk
        if not following:
            return
        number, chunk = number + 1, following


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _place(number: int, last: bool) -> bytes:
    return MAGIC + number.to_bytes(8, "big") + bytes([last])


def key_from(passphrase: str, salt: bytes) -> bytes:
    """The key under which a backup is sealed."""
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(passphrase.encode())
