"""The log's signing key: `keys/ledger.key` in the data directory, mode 600, made on first use.

Its name is the log's, drawn at random when the key is made. Whoever verifies needs the verifier key
from the operator, on paper or by another way than the log itself.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

from amends.platform.vault.signed_notes import SigningKey, UnableToReadNote, VerifierKey
from amends.record.ledger import refusals


def key_path() -> Path:
    """Where the signing key lies."""
    return Path(settings.DATA_DIR) / "keys" / "ledger.key"


def signing_key() -> SigningKey:
    """The signing key, made if missing; `UnableToSignCheckpoint` if others may read it."""
    path = key_path()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(path)
        if path.stat().st_mode & 0o077:
            raise refusals.key_readable_by_others(file=path)
        return SigningKey.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise refusals.key_unreadable(file=path, why=error.strerror) from error
    except UnableToReadNote as error:
        raise refusals.not_a_key(file=path) from error


def parse_verifier_key(text: str) -> VerifierKey:
    """A verifier key as somebody published it; raises `UnableToReadNote`."""
    return VerifierKey.parse(text)


def verifier_key() -> VerifierKey:
    """The key that verifies the log's signatures."""
    return signing_key().verifier


def known_verifier_key() -> VerifierKey | None:
    """The verifier key if there is a signing key; none is made for the asking."""
    return verifier_key() if key_path().exists() else None


def _make(path: Path) -> None:
    """Write a new key, whole or not at all; the first of several processes wins."""
    if path.exists():
        return
    key = SigningKey(f"amends/ledger/{secrets.token_hex(8)}", secrets.token_bytes(32))
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(key.written() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
