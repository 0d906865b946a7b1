"""The keyring: made on first use, read by its owner only, several keys with one current."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from amends.platform.vault.keys import (
    Keyring,
    UnableToReadKeys,
    UnableToRetireKey,
    keyring,
    store,
)


def test_first_use_makes_a_file_for_its_owner_only(tmp_path: Path) -> None:
    made = keyring(tmp_path)
    path = tmp_path / "keys" / "vault.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keyring(tmp_path).current == made.current
    assert list(path.parent.iterdir()) == [path], "no draft is left behind"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    keyring(tmp_path)
    path = tmp_path / "keys" / "vault.json"
    other = tmp_path / "other"
    (other / "keys").mkdir(parents=True)
    copied = other / "keys" / "vault.json"
    copied.write_bytes(path.read_bytes())
    copied.chmod(mode)
    with pytest.raises(UnableToReadKeys, match="other users"):
        keyring(other)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"sealing_keys": {}}', "null", "{"])
def test_a_damaged_file_is_refused_and_not_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys" / "vault.json"
    path.parent.mkdir()
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(UnableToReadKeys, match="damaged"):
        keyring(tmp_path)
    assert path.read_text() == content


def test_a_file_whose_current_key_is_missing_is_refused(tmp_path: Path) -> None:
    keyring(tmp_path)
    path = tmp_path / "keys" / "vault.json"
    stored = json.loads(path.read_text())
    stored["current"] = "00000000"
    path.write_text(json.dumps(stored))
    with pytest.raises(UnableToReadKeys):
        keyring(tmp_path)


def test_of_many_first_uses_at_once_one_keyring_wins(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: keyring(tmp_path), range(8)))
    assert len({ring.current for ring in rings}) == 1


def test_a_first_use_overtaken_by_another_takes_the_keyring_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, others = os.stat, []

    def overtaken(name: str) -> os.stat_result:
        monkeypatch.setattr(os, "stat", real)
        try:
            return real(name)
        except FileNotFoundError:
            others.append(keyring(tmp_path))  # begins and ends before this one goes on
            raise

    monkeypatch.setattr(os, "stat", overtaken)
    assert keyring(tmp_path).current == others[0].current


def test_a_keyring_that_was_read_and_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    keyring(tmp_path)
    (tmp_path / "keys" / "vault.json").unlink()
    with pytest.raises(UnableToReadKeys, match="is gone"):
        keyring(tmp_path)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    old = keyring(tmp_path)
    store(old.with_new_key(), tmp_path)
    new = keyring(tmp_path)
    assert new.current != old.current
    assert old.current in new.sealing_keys
    assert new.index_key == old.index_key


def test_the_current_key_cannot_be_retired() -> None:
    ring = Keyring.new()
    with pytest.raises(UnableToRetireKey):
        ring.without(ring.current)
    rotated = ring.with_new_key()
    assert list(rotated.without(ring.current).sealing_keys) == [rotated.current]


def test_each_purpose_and_column_has_its_own_key() -> None:
    ring = Keyring.new()
    seals = {ring.derived(ring.current, f"seal:t.{column}") for column in "abc"}
    indexes = {ring.index_key_of(column) for column in "abc"}
    assert len(seals | indexes) == 6


def test_secrets_do_not_show_in_a_traceback() -> None:
    ring = Keyring.new()
    ring.derived(ring.current, "seal:t.a")
    shown = repr(ring)
    for secret in (*ring.sealing_keys.values(), ring.index_key):
        assert repr(secret)[2:20] not in shown
