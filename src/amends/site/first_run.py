"""The first run: the address that makes the first account, and the pack that is chosen there."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

from amends.platform.environment.settings_values import PACK_FILE

CODE_FILE = "setup-code"


def setup_code() -> str:
    """The secret in the address of the first account; made once, readable by the server alone."""
    file: Path = settings.DATA_DIR / CODE_FILE
    if not file.exists():
        _write(file, secrets.token_urlsafe(16))
    return file.read_text(encoding="utf-8").strip()


def end_setup() -> None:
    """Remove the secret: the first account is made."""
    (settings.DATA_DIR / CODE_FILE).unlink(missing_ok=True)


def choose_pack(pack: str) -> None:
    """Store the pack of this installation; `amends serve` starts again with its rules."""
    _write(settings.DATA_DIR / PACK_FILE, pack)


def _write(file: Path, content: str) -> None:
    temporary_file = file.with_name(f".{file.name}-{os.getpid()}")
    temporary_file.write_text(content, encoding="utf-8")
    temporary_file.chmod(0o600)
    temporary_file.replace(file)
