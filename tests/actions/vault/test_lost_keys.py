"""Where the file of keys is gone, no new one is made beside what lies under the old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.vault.actions.refuse_new_keys import refuse_new_keys
from amends.platform.vault.keys import UnableToReadKeys, key_file, keyring
from shell import amends

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
PHONE = "13900010077"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """The file of keys, moved away until the test is over."""
    keyring()
    aside = tmp_path / "vault.json"
    aside.write_bytes(key_file().read_bytes())
    yield key_file()
    key_file().write_bytes(aside.read_bytes())
    key_file().chmod(0o600)


def test_a_command_makes_no_new_keys_beside_what_lies_under_the_old(kept: Path) -> None:
    register(NewSubscriber(phone=PHONE), now=NOW)
    kept.unlink()
    done = amends("subscribers", "find", "--value", PHONE)
    assert done.code == 1
    assert "vault.json is gone" in done.err
    assert "no new keys were made" in done.err
    assert not kept.exists()


def test_a_process_that_had_the_keys_makes_no_others(kept: Path) -> None:
    kept.unlink()
    with pytest.raises(UnableToReadKeys, match="is gone"):
        keyring()
    assert not kept.exists()


def test_a_database_without_sealed_values_may_have_new_keys(kept: Path) -> None:
    kept.unlink()
    refuse_new_keys()
