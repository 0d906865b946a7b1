"""The key of sessions on the first run: whole or not there, whoever comes at once or is killed."""

from __future__ import annotations

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from amends.platform.environment.settings_values import secret_key

pytestmark = pytest.mark.no_database


def test_many_first_runs_at_once_have_one_key(tmp_path: Path) -> None:
    for round_ in range(20):
        folder, together = tmp_path / str(round_), threading.Barrier(8)
        folder.mkdir()

        def run(folder: Path = folder, together: threading.Barrier = together) -> str:
            together.wait()
            return secret_key(folder)

        with ThreadPoolExecutor(8) as pool:
            keys = [one.result() for one in [pool.submit(run) for _ in range(8)]]
        assert len(set(keys)) == 1
        assert [one.name for one in (folder / "keys").iterdir()] == ["session.key"]
        assert (folder / "keys" / "session.key").stat().st_mode & 0o777 == 0o600


def test_a_first_run_that_ends_in_the_middle_leaves_no_half_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(size: int) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(secrets, "token_urlsafe", killed)
        with pytest.raises(KeyboardInterrupt):
            secret_key(tmp_path)
    assert len(secret_key(tmp_path)) >= 50


def test_a_key_that_is_too_short_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "session.key").write_text("short")
    with pytest.raises(ImproperlyConfigured, match=r"session\.key is too short"):
        secret_key(tmp_path)
