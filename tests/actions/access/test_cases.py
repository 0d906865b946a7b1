"""No grant, no data: Alice owns a case, Bob is let in, Charlie is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from access_desk import NOW, SYSTEM, Desk
from amends.people.access.actions.close_case import close_case
from amends.people.access.actions.evidence import evidence, evidence_many
from amends.people.access.actions.look import UnableToLook, look, look_many
from amends.people.access.actions.open_case import (
    NewCase,
    UnableToOpenCase,
    open_case,
    open_cases,
)
from amends.people.access.actions.reach import ContactOnRecord, UnableToReach, reach
from amends.people.access.actions.share_case import UnableToShare, share_case, unshare_case
from amends.people.access.actions.unmask import UnableToUnmask, unmask
from amends.people.access.models import User
from amends.people.access.queries import case as case_view
from amends.people.access.queries import cases_for, cases_of, looks_at, looks_in
from amends.people.access.refusals import UnableToAccess, UnableToFindAccessCase
from amends.people.partners.actions.sanction import impose
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.platform.kit.actors import Actor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres_too]
REASON = "来电核对本人身份"


def _own_case(desk: Desk, actor: Actor | None = None) -> str:
    return open_case(
        actor or desk.alice,
        subscriber=desk.subscriber,
        purpose="complaint",
        reference="complaint-1",
        now=NOW,
    )


def test_alice_looks_bob_is_let_in_charlie_is_refused(desk: Desk) -> None:
    case = _own_case(desk)
    assert look(desk.alice, case, ["phone"], now=NOW)["phone"].text == "138****8000"
    for stranger in (desk.bob, desk.charlie):
        with pytest.raises(UnableToAccess) as refused:
            look(stranger, case, ["phone"], now=NOW)
        assert refused.value.reason == "not_shared"
    share_case(desk.alice, case, user=desk.bob.ref, now=NOW)
    assert look(desk.bob, case, ["phone"], now=NOW)["phone"].text == "138****8000"
    with pytest.raises(UnableToAccess):
        look(desk.charlie, case, ["phone"], now=NOW)
    with pytest.raises(UnableToAccess):
        share_case(desk.charlie, case, user=desk.charlie.ref, now=NOW)
    unshare_case(desk.alice, case, user=desk.bob.ref, now=NOW)
    with pytest.raises(UnableToAccess):
        look(desk.bob, case, ["phone"], now=NOW)


def test_a_grant_ends_at_its_moment(desk: Desk) -> None:
    case = _own_case(desk)
    share_case(desk.alice, case, user=desk.bob.ref, until=NOW + timedelta(hours=1), now=NOW)
    look(desk.bob, case, ["name"], now=NOW + timedelta(minutes=59))
    with pytest.raises(UnableToAccess):
        look(desk.bob, case, ["name"], now=NOW + timedelta(hours=1))


def test_a_case_of_the_platform_is_shared_with_its_desk(desk: Desk) -> None:
    case = _own_case(desk, SYSTEM)
    for handler in (desk.alice, desk.charlie, desk.senior):
        look(handler, case, ["name"], now=NOW)
    for stranger in (desk.privacy, desk.admin, desk.agent_a):
        with pytest.raises(UnableToAccess):
            look(stranger, case, ["name"], now=NOW)


def test_everything_is_masked_by_default(desk: Desk) -> None:
    case = _own_case(desk, SYSTEM)
    fields = ["name", "phone", "id_card", "address", "email"]
    shown = look(desk.senior, case, fields, now=NOW)
    assert {field: value.text for field, value in shown.items()} == {
        "name": "王**",
        "phone": "138****8000",
        "id_card": "110***********002X",
        "address": "北京市朝阳区****",
        "email": "w***@example.cn",
    }


def test_a_partner_sees_only_what_was_shared_with_it(desk: Desk) -> None:
    case = _own_case(desk, SYSTEM)
    share_case(SYSTEM, case, partner="par-a", now=NOW)
    assert look(desk.agent_a, case, ["name", "phone"], now=NOW)["name"].text == "王**"
    with pytest.raises(UnableToAccess) as refused:
        look(desk.agent_b, case, ["name"], now=NOW)
    assert refused.value.reason == "not_shared"
    with pytest.raises(UnableToAccess) as refused:
        look(desk.agent_a, case, ["address"], now=NOW)
    assert refused.value.reason == "field_not_allowed"
    with pytest.raises(UnableToAccess) as refused:
        look(desk.agent_a, case, ["name"], now=NOW + timedelta(days=31))
    assert refused.value.reason == "contract_ended"
    impose("par-a", kind="suspension", reason="泄露用户信息", now=NOW)
    with pytest.raises(UnableToAccess):
        look(desk.agent_a, case, ["name"], now=NOW)


def test_a_case_is_not_shared_with_a_partner_without_contract(desk: Desk) -> None:
    case = _own_case(desk)
    with pytest.raises(UnableToAccess):
        share_case(desk.alice, case, partner="par-a", now=NOW + timedelta(days=60))
    User.objects.filter(ref=desk.bob.ref).update(is_active=False)
    for grantee in ({"user": desk.bob.ref}, {"role": "king"}, {}, {"user": "a", "role": "b"}):
        with pytest.raises(UnableToShare):
            share_case(desk.alice, case, now=NOW, **grantee)


def test_a_person_of_one_brand_opens_no_case_of_another(desk: Desk) -> None:
    plum = Actor("user", desk.alice.ref, ("handler",), brand="plum")
    _own_case(desk, plum)
    with pytest.raises(UnableToAccess) as refused:
        open_case(plum, subscriber=desk.other, purpose="complaint", reference="c", now=NOW)
    assert refused.value.reason == "other_brand"


def test_a_closed_case_opens_nothing(desk: Desk) -> None:
    case = _own_case(desk)
    close_case(desk.alice, case, now=NOW)
    view = case_view(case)
    assert view is not None
    assert view.closed_at == NOW
    for act in (
        lambda: look(desk.alice, case, ["name"], now=NOW),
        lambda: unmask(desk.alice, case, ["name"], reason=REASON, now=NOW),
        lambda: evidence(desk.alice, case, now=NOW),
        lambda: close_case(desk.alice, case, now=NOW),
        lambda: share_case(desk.alice, case, user=desk.bob.ref, now=NOW),
    ):
        with pytest.raises(UnableToAccess) as refused:
            act()
        assert refused.value.reason == "case_closed"
    assert looks_at(desk.subscriber) == []


def test_subscribers_see_their_own_data_and_who_looked(desk: Desk) -> None:
    case = _own_case(desk, SYSTEM)
    look(desk.alice, case, ["name", "phone"], now=NOW)
    unmask(
        desk.alice, case, ["phone"], reason="联系13812348000核对", now=NOW + timedelta(minutes=1)
    )
    me = Actor("subscriber", desk.subscriber, ("subscriber",))
    assert look(me, case, ["phone"], now=NOW)["phone"].text == "138****8000"
    someone = Actor("subscriber", desk.other, ("subscriber",))
    with pytest.raises(UnableToAccess) as refused:
        look(someone, case, ["phone"], now=NOW)
    assert refused.value.reason == "not_yours"
    newest, *_ = looks_at(desk.subscriber)
    assert (newest.user, newest.role, newest.fields) == (desk.alice.ref, "handler", ("phone",))
    assert newest.unmasked
    assert newest.reason == "联系138****8000核对", "a typed reason enters the ledger masked"
    assert [one.case for one in looks_in(case)] == [case] * 3


def test_unmasking_needs_a_reason_and_a_right(desk: Desk) -> None:
    case = _own_case(desk, SYSTEM)
    with pytest.raises(UnableToUnmask):
        unmask(desk.alice, case, ["phone"], reason="  x   y ", now=NOW)
    with pytest.raises(UnableToAccess) as refused:
        unmask(desk.alice, case, ["id_card"], reason=REASON, now=NOW)
    assert refused.value.reason == "field_not_allowed"
    assert looks_at(desk.subscriber) == []
    assert unmask(desk.alice, case, ["phone"], reason=REASON, now=NOW) == {"phone": "13812348000"}


def test_the_platform_reaches_a_person_by_a_full_number(desk: Desk) -> None:
    case = _own_case(desk, SYSTEM)
    reached = unmask(SYSTEM, case, ["phone"], reason="challenge to the contact on record", now=NOW)
    assert reached == {"phone": "13812348000"}
    with pytest.raises(UnableToAccess):
        unmask(SYSTEM, case, ["id_card"], reason="challenge to the contact", now=NOW)
    assert looks_at(desk.subscriber)[0].by_platform


def test_checking_an_identity_uses_the_contact_on_record_and_opens_no_file(desk: Desk) -> None:
    contact = reach(
        SYSTEM,
        subscriber=desk.subscriber,
        reference="complaint-1",
        reason="code to check an identity",
        now=NOW,
    )
    assert contact == ContactOnRecord("phone", "13812348000")
    (case,) = cases_of(desk.subscriber)
    assert case.closed_at == NOW
    for handler in (desk.alice, desk.senior):
        with pytest.raises(UnableToAccess):
            look(handler, case.ref, ["name"], now=NOW)
    (seen,) = looks_at(desk.subscriber)
    assert (seen.purpose, seen.case) == ("identity", case.ref)
    nobody = register(NewSubscriber(name="无联系方式"), now=NOW)
    with pytest.raises(UnableToReach):
        reach(SYSTEM, subscriber=nobody, reference="c", reason="code to check", now=NOW)
    with pytest.raises(UnableToAccess):
        reach(desk.senior, subscriber=nobody, reference="c", reason="code to check", now=NOW)


def test_unknown_cases_fields_and_people_are_refused(desk: Desk) -> None:
    with pytest.raises(UnableToFindAccessCase):
        look(desk.alice, "case-none", ["name"], now=NOW)
    case = _own_case(desk)
    for fields in (["shoe_size"], []):
        with pytest.raises(UnableToLook):
            look(desk.alice, case, fields, now=NOW)
    for subscriber, reference in (("sub-none", "c-1"), (desk.subscriber, "")):
        with pytest.raises(UnableToOpenCase):
            open_case(
                desk.alice, subscriber=subscriber, purpose="complaint", reference=reference, now=NOW
            )
    with pytest.raises(UnableToAccess):
        open_case(
            desk.alice, subscriber=desk.subscriber, purpose="curiosity", reference="c", now=NOW
        )


def test_batches_leave_one_fact_for_each_case(desk: Desk) -> None:
    new = [NewCase(one, "complaint", f"c-{one}") for one in (desk.subscriber, desk.other)]
    cases = open_cases(SYSTEM, new, now=NOW)
    assert [view.ref for view in cases_for(f"c-{desk.other}")] == [cases[1]]
    assert [view.ref for view in cases_of(desk.subscriber)] == [cases[0]]
    shown = look_many(desk.senior, cases, ["name"], now=NOW)
    assert [shown[case]["name"].text for case in cases] == ["王**", "李*"]
    evidence_many(SYSTEM, cases, now=NOW)
    for subscriber, case in zip((desk.subscriber, desk.other), cases, strict=True):
        assert [one.case for one in looks_at(subscriber)] == [case, case]


def test_one_refusal_in_a_batch_refuses_it_whole(desk: Desk) -> None:
    mine, theirs = _own_case(desk), _own_case(desk, desk.bob)
    with pytest.raises(UnableToAccess):
        look_many(desk.alice, [mine, theirs], ["name"], now=NOW)
    assert looks_at(desk.subscriber) == []
