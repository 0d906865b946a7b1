"""Keys rotate while people work; no value is lost, and no used key can be thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import models

from amends.people.subscribers.actions.register import NewSubscriber, register_many
from amends.people.subscribers.queries import identify
from amends.people.subscribers.queries.personal import open_personal
from amends.platform.vault.actions import rotate
from amends.platform.vault.actions.rotate import (
    UnableToRetire,
    reseal,
    retire_key,
    sealed_columns,
    start_rotation,
)
from amends.platform.vault.keys import UnableToReadKeys, UnableToRetireKey, keyring, store
from amends.platform.vault.models import DataKey
from amends.platform.vault.sealing import key_id_of, open_sealed, seal

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _keys_as_they_were() -> Iterator[None]:
    before = keyring()
    yield
    store(before)


def _people(count: int) -> list[str]:
    return register_many(
        [NewSubscriber(name=f"王{n}", phone=f"138{n:08}") for n in range(count)], now=NOW
    )


def test_after_a_rotation_nothing_lies_under_the_old_key_and_all_opens() -> None:
    people = _people(rotate.SLICE + 50)
    old = keyring().current
    new = start_rotation()
    assert open_personal(people[:1], ["name"])[people[0]] == {"name": "王0"}, "reads go on"
    seen: list[tuple[str, int]] = []
    assert reseal(lambda column, count: seen.append((column, count))) == len(people)
    assert seen == [("vault_data_key.wrapped", rotate.SLICE), ("vault_data_key.wrapped", 50)]
    assert {key_id_of(key.wrapped).hex() for key in DataKey.objects.all()} == {new}
    assert reseal() == 0
    retire_key(old.hex())
    assert old not in keyring().sealing_keys
    assert open_personal(people[-1:], ["name"])[people[-1]] == {"name": f"王{len(people) - 1}"}
    found = identify(phone="13800000007")
    assert found is not None
    assert found.pseudonym == people[7], "blind indexes do not change with sealing keys"


def test_a_key_in_use_is_not_retired() -> None:
    _people(3)
    old = keyring().current.hex()
    start_rotation()
    with pytest.raises(UnableToRetire, match="vault_data_key"):
        retire_key(old)
    with pytest.raises(UnableToRetireKey):
        retire_key(keyring().current.hex())
    reseal()
    retire_key(old)


def test_a_rotation_that_stopped_half_way_is_taken_up_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = _people(10)
    monkeypatch.setattr(rotate, "SLICE", 4)
    start_rotation()

    class Killed(Exception):
        pass

    def stop(column: str, count: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        reseal(stop)
    left = [key for key in DataKey.objects.all() if key_id_of(key.wrapped) != keyring().current]
    assert len(left) == 6
    assert reseal() == 6
    assert len(open_personal(people, ["name"])) == 10


def test_a_row_written_meanwhile_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    (person, *_) = _people(2)
    start_rotation()
    opening = rotate.open_many

    def open_while_somebody_writes(*args: object, **options: object) -> list[str]:
        texts = opening(*args, **options)  # type: ignore[arg-type]
        DataKey.objects.filter(pk=person).update(
            wrapped=seal("vault_data_key", "wrapped", person, "written meanwhile")
        )
        return texts

    monkeypatch.setattr(rotate, "open_many", open_while_somebody_writes)
    reseal()
    kept = bytes(DataKey.objects.get(pk=person).wrapped)
    assert open_sealed("vault_data_key", "wrapped", person, kept) == "written meanwhile"


def test_without_its_key_a_value_is_lost_and_says_so() -> None:
    sealed = seal("t", "c", "r", "text")
    old = keyring()
    store(old.with_new_key().without(old.current))
    with pytest.raises(UnableToReadKeys, match="backup"):
        open_sealed("t", "c", "r", sealed)


def test_every_sealed_column_of_the_house_is_bound_to_a_field_it_has() -> None:
    columns = sealed_columns()
    assert "vault_data_key.wrapped" in map(str, columns)
    for column in columns:
        bound = column.model._meta.get_field(column.bound_to)
        assert isinstance(bound, models.Field), column
