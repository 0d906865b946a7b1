"""Register, find, hold and erase people; publish the offers they buy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from amends.people.subscribers import queries
from amends.people.subscribers.actions.erase import UnableToErase, UnableToFindSubscriber, erase
from amends.people.subscribers.actions.hold import UnableToHold, place_hold, release_holds
from amends.people.subscribers.actions.open_services import (
    NewService,
    UnableToOpenService,
    UnableToStopService,
    open_services,
    stop_service,
)
from amends.people.subscribers.actions.register import (
    NewSubscriber,
    UnableToRegister,
    register,
    register_many,
)
from amends.people.subscribers.models import IndexEntry, Subscriber
from amends.people.subscribers.queries import (
    Lookup,
    bulk,
    held,
    identify,
    identify_many,
    services_of,
    services_of_kinds,
    subscriber,
)
from amends.people.subscribers.queries.personal import open_personal
from amends.platform.kit.errors import Refused
from amends.platform.vault.data_keys import data_keys
from amends.platform.vault.sealing import UnableToUnseal

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
ALICE = NewSubscriber(
    name="王小明",
    phone="138 1234 8000",
    id_card="11010519491231002x",
    address="北京市朝阳区建国路88号",
    email="Alice@Example.cn",
    province="11",
    area="bj-cy",
    brand="plum",
)
FIELDS = ("name", "phone", "id_card", "address", "email")


def test_a_person_is_found_by_any_spelling_and_shown_without_personal_values() -> None:
    pseudonym = register(ALICE, now=NOW)
    for given in (
        {"phone": "+8613812348000"},
        {"phone": "(86) 138-1234-8000"},
        {"email": "alice@example.CN"},
        {"id_card": "110105 19491231 002X"},
    ):
        view = identify(**given)
        assert view is not None
        assert view.pseudonym == pseudonym
    assert "王" not in repr(view)
    assert identify(phone="13812348001") is None
    assert open_personal([pseudonym], FIELDS)[pseudonym] == {
        "name": "王小明",
        "phone": "138 1234 8000",
        "id_card": "11010519491231002x",
        "address": "北京市朝阳区建国路88号",
        "email": "Alice@Example.cn",
    }


def test_pseudonyms_are_random() -> None:
    assert register(ALICE, now=NOW) != register(ALICE, now=NOW)


def test_a_value_of_several_people_finds_nobody() -> None:
    """A shared mailbox must not open one person's file to another."""
    first = register(NewSubscriber(phone="13800000001", email="both@example.cn"), now=NOW)
    register(NewSubscriber(phone="13800000002", email="both@example.cn"), now=NOW)
    assert identify(email="both@example.cn") is None
    found = identify(phone="13800000001", email="both@example.cn")
    assert found is not None
    assert found.pseudonym == first


def test_many_lookups_take_few_queries(django_assert_max_num_queries) -> None:
    people = [NewSubscriber(phone=f"138{number:08}") for number in range(500)]
    pseudonyms = register_many(people, now=NOW)
    (ref, *_) = open_services([NewService(pseudonyms[7], "mobile", NOW)])
    lookups = [*(Lookup(phone=one.phone) for one in people), Lookup(service=ref), Lookup()]
    with django_assert_max_num_queries(4):
        found = identify_many(lookups)
    assert [view and view.pseudonym for view in found] == [*pseudonyms, pseudonyms[7], None]


def test_registering_is_all_or_none() -> None:
    taken = register(ALICE, now=NOW)
    with pytest.raises(UnableToRegister):
        register_many([NewSubscriber(phone="13900000000"), NewSubscriber(pseudonym=taken)], now=NOW)
    assert identify(phone="13900000000") is None


def test_sealed_values_moved_to_another_row_or_column_do_not_open() -> None:
    alice, bob = register_many([ALICE, NewSubscriber(name="Bob", phone="13900000000")], now=NOW)
    row = Subscriber.objects.get(pk=alice)
    Subscriber.objects.filter(pk=bob).update(phone=row.phone)
    with pytest.raises(UnableToUnseal):
        open_personal([bob], ["phone"])
    Subscriber.objects.filter(pk=alice).update(address=row.phone)
    with pytest.raises(UnableToUnseal):
        open_personal([alice], ["address"])


def test_erasing_destroys_key_index_and_values() -> None:
    pseudonym = register(ALICE, now=NOW)
    kept = bytes(Subscriber.objects.get(pk=pseudonym).phone)
    erase(pseudonym, now=NOW)
    erase(pseudonym, now=NOW + timedelta(days=1))
    assert identify(phone=ALICE.phone) is None
    assert open_personal([pseudonym], FIELDS) == {}
    assert not IndexEntry.objects.filter(subscriber=pseudonym).exists()
    assert data_keys([pseudonym]) == {}
    view = subscriber(pseudonym)
    assert view is not None
    assert view.status == "erased"
    # Even a copy of the row from a backup stays shut: its key is gone.
    Subscriber.objects.filter(pk=pseudonym).update(phone=kept)
    assert open_personal([pseudonym], ["phone"]) == {}


def test_a_legal_hold_refuses_erasure_with_its_reason() -> None:
    pseudonym = register(ALICE, now=NOW)
    place_hold(pseudonym, reason="申诉处理中", by="usr-1", now=NOW, reference="appeal-1")
    assert held(pseudonym) == "申诉处理中"
    with pytest.raises(UnableToErase, match="申诉处理中"):
        erase(pseudonym, now=NOW)
    assert identify(phone=ALICE.phone) is not None
    release_holds(pseudonym, by="usr-1", now=NOW)
    erase(pseudonym, now=NOW)
    assert identify(phone=ALICE.phone) is None


def test_holds_and_erasures_of_nobody_are_refused() -> None:
    with pytest.raises(UnableToFindSubscriber):
        erase("sub-nobody", now=NOW)
    with pytest.raises(UnableToHold):
        place_hold("sub-nobody", reason="x", by="usr-1", now=NOW)
    with pytest.raises(UnableToHold):
        place_hold(register(ALICE, now=NOW), reason=" ", by="usr-1", now=NOW)
    with pytest.raises(UnableToHold):
        release_holds("sub-nobody", by="usr-1", now=NOW)
    assert issubclass(UnableToErase, Refused)


def test_services_come_in_order_and_end() -> None:
    pseudonym = register(ALICE, now=NOW)
    later, earlier = open_services(
        [
            NewService(pseudonym, "value_added", NOW, offer="vas-1", provider="par-1"),
            NewService(pseudonym, "mobile", NOW - timedelta(days=9), offer="plan-1"),
        ]
    )
    assert [service.ref for service in services_of(pseudonym)] == [earlier, later]
    stop_service(later, at=NOW + timedelta(days=1))
    assert services_of(pseudonym)[1].stopped_at == NOW + timedelta(days=1)
    with pytest.raises(UnableToStopService):
        stop_service(later, at=NOW)


def test_services_of_some_kinds_are_found_however_many_are_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pseudonym = register(ALICE, now=NOW)
    refs = open_services([NewService(pseudonym, kind, NOW) for kind in ("m2m", "mobile", "m2m")])
    wanted = {refs[0]: "m2m", refs[2]: "m2m"}
    for many in (1, 100):
        monkeypatch.setattr(queries, "_MANY", many)
        assert services_of_kinds(["m2m"], among=refs) == wanted
        assert services_of_kinds(["m2m"], among=refs[1:]) == {refs[2]: "m2m"}
        assert services_of_kinds(["m2m"], among=[*refs[:1], *(f"x-{n}" for n in range(9))]) == {
            refs[0]: "m2m"
        }
    assert services_of_kinds(["m2m"]) == wanted


@pytest.mark.parametrize(("few", "most"), [(2_000, 4), (1, 4), (1, 0)])
def test_columns_of_many_are_the_same_however_many_there_are(
    monkeypatch: pytest.MonkeyPatch, few: int, most: int
) -> None:
    alice = register(ALICE, now=NOW)
    bob = register(replace(ALICE, phone="13912348000", brand="", area=""), now=NOW)
    refs = open_services(
        [
            NewService(alice, "mobile", NOW, offer="plan-1", area="bj-cy"),
            NewService(bob, "mobile", NOW, offer="plan-2"),
            NewService(bob, "mobile", NOW, offer="plan-2"),
        ]
    )
    monkeypatch.setattr(bulk, "_FEW", few)
    monkeypatch.setattr(bulk, "_MOST", most)
    asked = [refs[1], "svc-none", refs[0], refs[1]]
    assert queries.offers_and_areas(asked) == {
        refs[0]: ("plan-1", "bj-cy"),
        refs[1]: ("plan-2", ""),
    }
    assert queries.brands_and_areas([bob, alice, "sub-none"]) == {
        alice: ("plum", "bj-cy"),
        bob: ("", ""),
    }
    assert {ref: one.subscriber for ref, one in queries.allowances_of(asked).items()} == {
        refs[0]: alice,
        refs[1]: bob,
    }
    assert queries.brands_and_areas([]) == queries.offers_and_areas([]) == {}


def test_the_services_of_some_provinces_come_with_them() -> None:
    beijing, henan, nowhere = (
        register(replace(ALICE, phone=f"1391234800{number}", province=province), now=NOW)
        for number, province in enumerate(("11", "41", ""))
    )
    refs = open_services(
        [NewService(one, "mobile", NOW) for one in (beijing, henan, nowhere, henan)]
    )
    found = queries.services_in(["41", "50"]).sort("service")
    assert found.rows(named=True) == [
        {"service": ref, "province": "41"} for ref in sorted((refs[1], refs[3]))
    ]
    assert queries.services_in([]).is_empty()
    assert queries.services_in(["33"]).columns == found.columns


@pytest.mark.django_db(transaction=True)
def test_a_service_of_nobody_is_refused() -> None:
    with pytest.raises(UnableToOpenService):
        open_services([NewService("sub-nobody", "mobile", NOW)])


def test_one_database_dump_holds_none_of_the_values() -> None:
    pseudonym = register(ALICE, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM subscribers_subscriber")
        rows = repr([[bytes(v) if isinstance(v, memoryview) else v for v in r] for r in cursor])
    assert pseudonym in rows
    for value in ("王小明", "8000", "19491231", "建国路", "lice"):
        assert value not in rows
        assert value.encode("utf-8").hex() not in rows
