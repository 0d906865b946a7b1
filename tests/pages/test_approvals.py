"""Requests for a second person on pages and from the shell."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from amends.channels.models import OutboxMessage
from amends.channels.queries.contacts import opened_column
from amends.people.access.queries.staff import actor_of_user
from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.work.approvals.actions.decide import refuse
from amends.work.approvals.actions.request_approval import request_approval
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.models import WaitingItem
from tests.actions.approvals import acts
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db
HERE = "tests.actions.approvals.acts"


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    acts.performed.clear()
    decision = registry.BindingDecision(
        name="tests.block",
        title="Block a number",
        effect="block",
        asks="protection.read",
        decides="protection.decide",
        perform=f"{HERE}.block",
        consequence="Its calls are blocked for 90 days.",
        undo=f"{HERE}.unblock",
        undo_note="The block is lifted.",
        hold_hours=24,
        preview=f"{HERE}.preview",
    )
    monkeypatch.setattr(apps.get_app_config("approvals"), "decisions", (decision,))


def ask(actor: Actor, **changes: Any) -> WaitingItem:
    return request_approval(
        "tests.block",
        subject=Subject(kind="number", key="num-1", title="Number <b>one</b>", path="/desk/day/"),
        reason="It calls <i>subscribers</i> and asks for codes.",
        actor=actor,
        now=timezone.now(),
        payload={"days": 90},
        **changes,
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_second_person_sees_what_will_happen_and_approves(language: str) -> None:
    wei, lin = colleague("w.ei", "handler"), colleague("l.in", "senior_handler")
    item = ask(actor_of_user(wei))
    asker, approver = signed_in(wei, language), signed_in(lin, language)
    page = approver.get("/desk/approvals/").content.decode()
    assert "Its calls are blocked for 90 days." in page
    assert "Number &lt;b&gt;one&lt;/b&gt;" in page
    assert "<i>subscribers" not in page
    assert 'value="approve"' in page
    own = asker.get(f"/desk/approvals/{item.ref}/").content.decode()
    assert 'value="withdraw"' in own
    assert 'value="approve"' not in own
    assert asker.get("/desk/approvals/").status_code == 200
    assert asker.get("/desk/day/").content.decode().count(f"/desk/approvals/{item.ref}/") == 1
    assert approver.get("/desk/day/").content.decode().count(f"/desk/approvals/{item.ref}/") == 1
    answer = {"verb": "approve", "reason": ""}
    assert asker.post(f"/desk/approvals/{item.ref}/answer/", answer).status_code == 403
    assert acts.performed == []
    assert approver.post(f"/desk/approvals/{item.ref}/answer/", answer).status_code == 302
    assert len(acts.performed) == 1
    ended = asker.get(f"/desk/approvals/{item.ref}/").content.decode()
    assert 'value="withdraw"' not in ended


def test_a_refusal_needs_a_reason_and_an_unknown_answer_is_refused() -> None:
    item = ask(actor_of_user(colleague("w.ei", "handler")))
    approver = signed_in(colleague("l.in", "senior_handler"))
    address = f"/desk/approvals/{item.ref}/answer/"
    assert approver.post(address, {"verb": "refuse", "reason": ""}).status_code == 403
    assert approver.post(address, {"verb": "shred"}).status_code == 400
    reason = "The number belongs to a bank"
    assert approver.post(address, {"verb": "refuse", "reason": reason}).status_code == 302
    assert WaitingItem.objects.get().state == "refused"


def test_the_only_person_is_led_to_add_a_second_one() -> None:
    alone = colleague("m.ei", "manager", "administrator")
    item = ask(actor_of_user(alone), urgent=True)
    page = signed_in(alone).get(f"/desk/approvals/{item.ref}/").content.decode()
    assert "Add a second person under Settings → People." in page
    assert 'href="/desk/settings/people/"' in page
    assert "without a second person until" in page


def test_a_colleague_of_another_brand_finds_no_request() -> None:
    item = ask(actor_of_user(colleague("w.ei", "handler")), brands=["aster"])
    other = signed_in(colleague("l.in", "senior_handler", brand="birch"))
    address = f"/desk/approvals/{item.ref}/"
    assert other.get(address).status_code == 404
    assert other.post(f"{address}answer/", {"verb": "approve"}).status_code == 404
    assert item.ref not in other.get("/desk/approvals/").content.decode()


def test_colleagues_are_mailed_where_the_operator_wants_it(settings) -> None:
    wei, lin = colleague("w.ei", "handler"), colleague("l.in", "senior_handler")
    for person, address in ((wei, "wei@operator.example"), (lin, "lin@operator.example")):
        person.email, person.language = address, "en"
        person.save()
    settings.NOTIFY_STAFF_BY_MAIL = True
    item = ask(actor_of_user(wei))
    mails = OutboxMessage.objects.filter(reference=item.ref).order_by("posted_at", "id")
    request = mails.get()
    body = opened_column(request, "body_sealed")
    assert opened_column(request, "recipient_sealed") == "lin@operator.example"
    assert body.startswith("Block a number: w.ei requests your approval")
    assert f"/desk/approvals/{item.ref}/" in body
    assert "subscribers" not in body
    refuse(item.ref, actor=actor_of_user(lin), reason="It is a bank's number", now=timezone.now())
    answer = mails.exclude(pk=request.pk).get()
    assert opened_column(answer, "recipient_sealed") == "wei@operator.example"
    assert opened_column(answer, "body_sealed").startswith("Block a number: refused")


def test_nobody_is_mailed_without_the_setting() -> None:
    item = ask(actor_of_user(colleague("w.ei", "handler")))
    assert not OutboxMessage.objects.filter(reference=item.ref).exists()
