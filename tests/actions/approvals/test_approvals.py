"""Two people decide what binds others, or a published rule replaces the second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from amends.people.access.models import User
from amends.people.access.queries.staff import actor_of_user
from amends.platform import registry
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import Refused
from amends.work.approvals.actions import decide
from amends.work.approvals.actions.decide import UnableToDecide
from amends.work.approvals.actions.decide_by_rule import accepting_rule, decide_by_rule
from amends.work.approvals.actions.request_approval import UnableToRequestApproval, request_approval
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.jobs import lapse_overdue
from amends.work.approvals.models import WaitingItem
from amends.work.approvals.queries import (
    approvals_asked_by,
    approvals_for,
    approvals_on,
    deciders,
    item_for,
    may_decide,
)
from amends.work.approvals.refusals import UnableToFindItem
from tests.actions.approvals import acts

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
SUBJECT = Subject(kind="number", key="num-1", title="13812348000", path="/desk/protection/")
WHY = "It calls subscribers and asks for codes."


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    acts.performed.clear()
    acts.undone.clear()
    here = "tests.actions.approvals.acts"
    terms: dict[str, Any] = {
        "title": "Block a number",
        "effect": "block",
        "asks": "protection.read",
        "decides": "protection.decide",
        "perform": f"{here}.block",
        "consequence": "Its calls are blocked for 90 days.",
        "undo": f"{here}.unblock",
        "undo_note": "The block is lifted.",
    }
    decisions = (
        registry.BindingDecision(
            name="tests.block",
            hold_hours=24,
            rules=(
                registry.RuleInstead(
                    name="reports", title="Twenty reports", accepts=f"{here}.twenty_reports"
                ),
            ),
            **terms,
        ),
        registry.BindingDecision(name="tests.pay", also_needs=f"{here}.within_limit", **terms),
        registry.BindingDecision(name="tests.final", **{**terms, "undo": ""}),
    )
    monkeypatch.setattr(apps.get_app_config("approvals"), "decisions", decisions)


def colleague(name: str, *roles: str, brand: str = "") -> Actor:
    return actor_of_user(
        User.objects.create(username=name, first_name=name.title(), roles=list(roles), brand=brand)
    )


def ask(actor: Actor, **changes: Any) -> WaitingItem:
    terms: dict[str, Any] = {
        "decision": "tests.block",
        "subject": SUBJECT,
        "reason": WHY,
        "actor": actor,
        "now": NOW,
        "payload": {"days": 90},
        **changes,
    }
    return request_approval(terms.pop("decision"), **terms)


def test_a_second_person_approves_and_the_act_is_performed_with_its_payload() -> None:
    handler, senior = colleague("wei", "handler"), colleague("lin", "senior_handler")
    item = ask(handler)
    assert acts.performed == []
    assert [one.ref for one in approvals_for(senior, now=NOW)] == [item.ref]
    decide.approve(item.ref, actor=senior, now=NOW, reason="Confirmed")
    (act,) = acts.performed
    assert (act.payload, act.actor, act.asked_by) == ({"days": 90}, senior, handler.ref)
    stored = WaitingItem.objects.get()
    assert (stored.state, stored.answered_by, stored.outcome) == ("approved", senior.ref, "block-1")
    assert approvals_for(senior, now=NOW) == []


def test_personal_values_of_title_and_reason_are_masked() -> None:
    item = ask(colleague("wei", "handler"), reason="Reported by 13812348000 yesterday")
    assert "13812348000" not in item.subject_title + item.reason


def test_nobody_approves_or_refuses_what_they_asked_for() -> None:
    senior, other = colleague("lin", "senior_handler"), colleague("mei", "manager")
    item = ask(senior)
    assert not may_decide(item, senior, now=NOW)
    with pytest.raises(UnableToDecide, match="Ask Mei to decide"):
        decide.approve(item.ref, actor=senior, now=NOW)
    with pytest.raises(UnableToDecide):
        decide.refuse(item.ref, actor=senior, reason="It was a mistake", now=NOW)
    assert deciders(item, now=NOW) == {other.ref: "Mei"}
    assert acts.performed == []


def test_nobody_approves_what_benefits_them_nor_undoes_it() -> None:
    senior, author = colleague("lin", "senior_handler"), colleague("mei", "manager")
    third = colleague("tao", "manager")
    item = ask(senior, benefits=[author.ref])
    with pytest.raises(UnableToDecide, match="your own work"):
        decide.approve(item.ref, actor=author, now=NOW)
    decide.approve(item.ref, actor=third, now=NOW)
    with pytest.raises(UnableToDecide):
        decide.undo(item.ref, actor=author, reason="I want it back", now=NOW)


def test_an_installation_with_one_account_learns_to_add_a_second_person() -> None:
    alone = colleague("mei", "manager")
    item = ask(alone)
    assert deciders(item, now=NOW) == {}
    with pytest.raises(UnableToDecide, match="Settings → People"):
        decide.approve(item.ref, actor=alone, now=NOW)
    assert lapse_overdue(now=NOW + timedelta(days=8)) == 1
    assert WaitingItem.objects.get().state == "lapsed"
    assert acts.performed == []


@pytest.mark.parametrize(
    ("brand", "touched", "allowed"),
    [
        ("", ["aster", "birch"], True),
        ("aster", ["aster"], True),
        ("aster", ["aster", "birch"], False),
        ("birch", ["aster"], False),
        ("aster", [], False),
    ],
)
def test_authority_for_every_brand_is_needed(brand: str, touched: list[str], allowed: bool) -> None:
    item = ask(colleague("wei", "handler"), brands=touched)
    senior = colleague("lin", "senior_handler", brand=brand)
    assert bool(deciders(item, now=NOW)) is allowed
    if allowed:
        decide.approve(item.ref, actor=senior, now=NOW)
    else:
        with pytest.raises(UnableToDecide):
            decide.approve(item.ref, actor=senior, now=NOW)
    assert bool(acts.performed) is allowed


def test_a_reader_of_another_brand_finds_no_request() -> None:
    item = ask(colleague("wei", "handler"), brands=["aster"])
    with pytest.raises(UnableToFindItem):
        item_for(item.ref, colleague("lin", "senior_handler", brand="birch"))


@pytest.mark.parametrize(
    "actor",
    [
        Actor("subscriber", "ab12"),
        Actor("user", "usr-agent", ("senior_handler",), partner="p-1"),
        Actor("user", "usr-network", ("network",)),
    ],
)
def test_who_lacks_the_permission_neither_asks_nor_decides(actor: Actor) -> None:
    with pytest.raises(UnableToRequestApproval):
        ask(actor)
    item = ask(colleague("wei", "handler"))
    with pytest.raises(UnableToDecide):
        decide.approve(item.ref, actor=actor, now=NOW)


def test_a_job_asks_and_never_approves() -> None:
    item = ask(system("scores"))
    with pytest.raises(UnableToDecide):
        decide.approve(item.ref, actor=system("pipeline"), now=NOW)


def test_further_authority_such_as_a_limit_of_amounts_counts() -> None:
    item = ask(colleague("wei", "handler"), decision="tests.pay", payload={"amount_minor": 5000})
    senior, manager = colleague("lin", "senior_handler"), colleague("mei", "manager")
    assert deciders(item, now=NOW) == {manager.ref: "Mei"}
    with pytest.raises(UnableToDecide, match="limit"):
        decide.approve(item.ref, actor=senior, now=NOW)
    decide.approve(item.ref, actor=manager, now=NOW)


def test_a_performer_that_refuses_leaves_the_request_waiting() -> None:
    item = ask(colleague("wei", "handler"), payload={"fails": 1})
    with pytest.raises(Refused, match="emergency"):
        decide.approve(item.ref, actor=colleague("lin", "senior_handler"), now=NOW)
    assert WaitingItem.objects.get().state == "waiting"


def test_the_same_is_asked_once_at_a_time() -> None:
    handler = colleague("wei", "handler")
    ask(handler)
    with pytest.raises(UnableToRequestApproval, match="already"):
        ask(handler)
    assert len(approvals_on("number", "num-1")) == 1


def test_a_request_needs_a_reason_and_plain_arguments() -> None:
    handler = colleague("wei", "handler")
    with pytest.raises(UnableToRequestApproval, match="reason"):
        ask(handler, reason="ok")
    with pytest.raises(TypeError):
        ask(handler, payload={"share": 0.5})


def test_only_the_asker_withdraws_and_an_answer_is_final() -> None:
    handler, senior = colleague("wei", "handler"), colleague("lin", "senior_handler")
    item = ask(handler)
    with pytest.raises(UnableToDecide):
        decide.withdraw(item.ref, actor=senior, now=NOW)
    decide.withdraw(item.ref, actor=handler, now=NOW)
    with pytest.raises(UnableToDecide, match="does not wait"):
        decide.approve(item.ref, actor=senior, now=NOW)
    assert [one.state for one in approvals_asked_by(handler)] == ["withdrawn"]


def test_what_changed_underneath_is_overtaken() -> None:
    item = ask(colleague("wei", "handler"))
    assert decide.overtake("number", "num-1", actor=system("edit"), now=NOW) == 1
    item.refresh_from_db()
    assert item.state == "overtaken"


def test_an_approval_is_undone_once_with_a_reason() -> None:
    handler, senior = colleague("wei", "handler"), colleague("lin", "senior_handler")
    item = ask(handler)
    decide.approve(item.ref, actor=senior, now=NOW)
    decide.undo(item.ref, actor=senior, reason="The number is honest", now=NOW)
    assert [act.outcome for act in acts.undone] == ["block-1"]
    with pytest.raises(UnableToDecide):
        decide.undo(item.ref, actor=senior, reason="The number is honest", now=NOW)
    final = ask(handler, decision="tests.final")
    decide.approve(final.ref, actor=senior, now=NOW)
    with pytest.raises(UnableToDecide, match="cannot be undone"):
        decide.undo(final.ref, actor=senior, reason="The number is honest", now=NOW)


def test_an_urgent_act_of_one_person_holds_for_a_day_and_is_then_undone() -> None:
    alone = colleague("mei", "manager")
    item = ask(alone, urgent=True)
    assert [act.until for act in acts.performed] == [NOW + timedelta(hours=24)]
    assert item.is_in_force_alone
    assert lapse_overdue(now=NOW + timedelta(hours=23)) == 0
    assert lapse_overdue(now=NOW + timedelta(hours=24)) == 1
    item.refresh_from_db()
    assert (item.state, len(acts.undone)) == ("lapsed", 1)
    assert item.undone_at == NOW + timedelta(hours=24)
    # Nor again the next day, and the day after that.
    with pytest.raises(UnableToRequestApproval, match="before"):
        ask(alone, urgent=True, now=NOW + timedelta(hours=25))
    assert ask(alone, now=NOW + timedelta(hours=25)).in_force_since is None


def test_an_urgent_act_that_is_approved_stays_and_one_refused_is_undone() -> None:
    handler, senior = colleague("wei", "handler"), colleague("lin", "senior_handler")
    item = ask(handler, urgent=True)
    decide.approve(item.ref, actor=senior, now=NOW)
    assert (len(acts.performed), acts.undone) == (1, [])
    other = Subject(kind="number", key="num-2", title="another number")
    item = ask(handler, urgent=True, subject=other)
    decide.refuse(item.ref, actor=senior, reason="The number is honest", now=NOW)
    assert [act.subject for act in acts.undone] == ["num-2"]


def test_what_is_not_protective_is_never_urgent() -> None:
    with pytest.raises(UnableToRequestApproval):
        ask(colleague("wei", "handler"), decision="tests.final", urgent=True)


def test_a_published_rule_replaces_the_second_person_and_the_record_says_so() -> None:
    handler = colleague("wei", "handler")
    terms: dict[str, Any] = {"rule": "reports", "evidence": {"reports": 19}, "now": NOW}
    assert accepting_rule("tests.block", **terms) == ""
    with pytest.raises(UnableToDecide, match="does not accept"):
        decide_by_rule("tests.block", subject=SUBJECT, reason=WHY, actor=handler, **terms)
    assert acts.performed == []
    terms["evidence"] = {"reports": 20}
    decide_by_rule("tests.block", subject=SUBJECT, reason=WHY, actor=handler, **terms)
    stored = WaitingItem.objects.get()
    assert (stored.state, stored.answered_by) == ("approved", "")
    assert (stored.rule, stored.rule_version) == ("reports", "block@2026-01-01")
    assert stored.evidence == {"reports": 20}
    assert [act.rule for act in acts.performed] == ["reports"]


@pytest.mark.postgres_too
@pytest.mark.parametrize(
    "forged",
    [
        {"state": "approved", "answered_by": "ASKER"},
        {"state": "approved", "answered_by": "usr-benefits"},
        {"state": "refused", "answered_by": "usr-benefits"},
        {"state": "approved", "answered_by": ""},
        {"state": "approved", "answered_by": "usr-x", "rule": "reports", "rule_version": "b@1"},
        {"state": "approved", "answered_by": "", "rule": "reports"},
        {"state": "approved", "answered_by": "usr-x", "answered_at": None},
        {"payload": {"days": 9000}},
        {"excluded": []},
        {"due_at": NOW + timedelta(days=900)},
        {"in_force_since": NOW},
        {"undone_at": NOW, "undone_by": "usr-x"},
    ],
)
def test_the_database_refuses_what_the_actions_refuse(forged: dict[str, Any]) -> None:
    handler = colleague("wei", "handler")
    item = ask(handler, benefits=["usr-benefits"])
    if "state" in forged:
        forged = {"answered_at": NOW, **forged}
    if forged.get("answered_by") == "ASKER":
        forged = {**forged, "answered_by": handler.ref}
    with pytest.raises(IntegrityError), transaction.atomic():
        WaitingItem.objects.filter(ref=item.ref).update(**forged)


@pytest.mark.postgres_too
def test_an_answer_is_neither_changed_nor_deleted() -> None:
    item = ask(colleague("wei", "handler"))
    decide.refuse(
        item.ref, actor=colleague("lin", "senior_handler"), reason="The number is honest", now=NOW
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        WaitingItem.objects.filter(ref=item.ref).update(state="approved")
    with pytest.raises(IntegrityError), transaction.atomic():
        item.delete()
