"""What console and measurement server sign for each other: HMAC-SHA256 over JSON, base64url.

    payload.signature      payload: {"use": "token" | "result", …}

Both read the same secret file, so a measurement server needs neither database nor console.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _

_SECRET_BYTES = 32


class UnableToVerify(Refused):
    """A token or result was not signed with our secret, or for another use."""

    code = "unable_to_verify"


def sign(use: str, payload: dict[str, Any], *, secret: bytes) -> str:
    """The payload as signed text, for one use only."""
    body = _encoded(json.dumps({"use": use, **payload}, separators=(",", ":")).encode())
    return f"{body}.{_signature(body, secret)}"


def verify(use: str, text: str, *, secret: bytes) -> dict[str, Any]:
    """The payload of a signed text; refused if it is not ours or was signed for another use."""
    body, _dot, signature = text.partition(".")
    if hmac.compare_digest(signature.encode(), _signature(body, secret).encode()):
        padded = body + "=" * (-len(body) % 4)
        payload = dict(json.loads(urlsafe_b64decode(padded)))
        if payload.pop("use", "") == use:
            return payload
    raise UnableToVerify(
        _("This was not signed by a measurement server of this installation."),
        meaning=_("Nothing was recorded."),
        next_step=_("Run the test again from the speed test page."),
    )


def secret_file(environment: Mapping[str, str]) -> Path:
    """Where the shared secret lies: AMENDS_SPEED_SECRET_FILE, else in the data directory."""
    if named := environment.get("AMENDS_SPEED_SECRET_FILE"):
        return Path(named)
    home = Path(environment.get("XDG_DATA_HOME") or "~/.local/share").expanduser()
    return Path(environment.get("AMENDS_DATA_DIR") or home / "amends") / "speed.key"


def read_secret(path: Path, *, create: bool = False) -> bytes:
    """The secret that console and measurement servers share; made on first use where it may be."""
    if create and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return read_secret(path)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(_SECRET_BYTES) + "\n")
    try:
        secret = path.read_bytes().strip()
    except OSError:
        secret = b""
    if len(secret) < _SECRET_BYTES:
        raise BadInput(
            _("%(path)s holds no secret of %(count)s characters or more."),
            meaning=_("Tokens and results cannot be signed."),
            next_step=_("Copy the console's file, or serve with --open to measure without tokens."),
            values={"path": path, "count": _SECRET_BYTES},
            where=str(path),
            code="unable_to_read_secret",
        )
    return secret


def _signature(body: str, secret: bytes) -> str:
    return _encoded(hmac.digest(secret, body.encode(), hashlib.sha256))


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
