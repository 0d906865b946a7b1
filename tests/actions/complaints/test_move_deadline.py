"""A deadline moves only as far as its rule lets it: with a reason, a fact, and a word to the user."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.correct import correct
from amends.cases.complaints.actions.extend_clock import extend_clock
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.mark_urgent import mark_urgent
from amends.cases.complaints.actions.pause_clock import pause_clock, resume_clock
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.running_clocks import UnableToMoveDeadline
from amends.cases.complaints.jobs import clocks
from amends.cases.complaints.models import Clock, Complaint, Event, Reply
from amends.cases.complaints.queries.movable_deadlines import movable
from amends.channels.models import OutboxMessage
from amends.engines.decisions import allowances
from amends.engines.decisions.allowances import ClockAllowance
from amends.engines.decisions.deadlines import UnableToExtend
from amends.platform.kit.actors import Actor
from amends.record.ledger.queries import facts_on

HANDLER = Actor("user", "usr-1", ("handler",))
WHY = "The archive of 2024 has to be brought from another house."
DAY = timedelta(days=1)
FILED = NOW + 4 * DAY


def _complaint(**fields: object) -> Complaint:
    said = {
        "channel": "app",
        "key": "k-1",
        "received_at": FILED,
        "phone": PHONE,
        "language": "en",
        "text": "Somebody at your company looked at my personal data and sold it.",
        "identity": "operator_login",
    }
    receipt = receive(Submission(**(said | fields)), now=FILED)  # type: ignore[arg-type]
    return Complaint.objects.get(id=receipt.complaint)


@pytest.fixture
def european(settings, world: World) -> Complaint:
    settings.JURISDICTION = "eu"
    complaint = _complaint()
    if complaint.code != "privacy.data_misuse":
        complaint = correct(complaint.id, code="privacy.data_misuse", actor=HANDLER, now=FILED)
    return complaint


@pytest.fixture
def pausable(monkeypatch: pytest.MonkeyPatch, world: World) -> Complaint:
    rule = ClockAllowance(
        "own.rule", "Own rule", "可以暂停。", "It may stand still.", 0, ("awaiting_user",)
    )
    for module in ("actions.running_clocks", "queries.movable_deadlines"):
        monkeypatch.setattr(f"amends.cases.complaints.{module}.allowance", lambda *_: rule)
    return _complaint()


def _clock(complaint: Complaint, step: str = "resolve") -> Clock:
    return Clock.objects.get(complaint=complaint, step=step, binding=True, met_at=None)


def _moved(complaint: Complaint) -> list[str]:
    stated = facts_on([complaint.id], kinds=["DeadlineMoved"])
    return [str(fact.payload["change"]) for fact in stated]


def test_an_extension_has_a_reason_a_fact_and_a_letter(european: Complaint) -> None:
    before = _clock(european).due_at
    extend_clock(
        european.id,
        "resolve",
        days=20,
        reason=WHY,
        customer_text=WHY,
        actor=HANDLER,
        now=FILED + DAY,
    )

    european.refresh_from_db()
    assert _clock(european).due_at == european.next_due_at == before + 20 * DAY
    event = Event.objects.get(complaint=european, verb="extended")
    assert (event.actor, event.reason, event.details["days"]) == ("usr-1", WHY, 20)
    assert _moved(european) == ["extended"]
    letter = Reply.objects.get(complaint=european, kind="deadline_extended")
    assert WHY in letter.body
    assert "Regulation (EU) 2016/679" in letter.body
    assert OutboxMessage.objects.filter(id=letter.message).exists()


def test_all_extensions_together_stay_within_the_rule(european: Complaint) -> None:
    asked = {"reason": WHY, "customer_text": WHY, "actor": HANDLER, "now": FILED + DAY}
    extend_clock(european.id, "resolve", days=50, **asked)
    assert movable(_clock(european), now=FILED + DAY).days_left == 9
    with pytest.raises(UnableToExtend):
        extend_clock(european.id, "resolve", days=10, **asked)
    extend_clock(european.id, "resolve", days=9, **asked)
    assert not movable(_clock(european), now=FILED + DAY).anyhow


@pytest.mark.parametrize(
    ("days", "reason", "after"),
    [(0, WHY, 1), (-3, WHY, 1), (5, "busy", 1), (5, WHY, 40)],
    ids=["none", "fewer", "no reason", "passed already"],
)
def test_a_refused_extension_changes_nothing(
    european: Complaint, days: int, reason: str, after: int
) -> None:
    before = _clock(european).due_at
    with pytest.raises(UnableToMoveDeadline):
        extend_clock(
            european.id,
            "resolve",
            days=days,
            reason=reason,
            customer_text=reason,
            actor=HANDLER,
            now=FILED + after * DAY,
        )
    assert _clock(european).due_at == before
    assert not Event.objects.filter(complaint=european, verb="extended").exists()
    assert _moved(european) == []


def test_a_rule_without_extension_allows_none(world: World) -> None:
    complaint = _complaint()
    with pytest.raises(UnableToExtend):
        extend_clock(
            complaint.id, "resolve", days=1, reason=WHY, customer_text=WHY, actor=HANDLER, now=FILED
        )
    with pytest.raises(UnableToMoveDeadline):
        pause_clock(
            complaint.id,
            "resolve",
            why="awaiting_user",
            reason=WHY,
            customer_text=WHY,
            actor=HANDLER,
            now=FILED,
        )


def test_marking_urgent_keeps_the_days_a_rule_gave(european: Complaint) -> None:
    until = extend_clock(
        european.id, "resolve", days=20, reason=WHY, customer_text=WHY, actor=HANDLER, now=FILED
    )
    mark_urgent(european.id, urgent=True, reason=WHY, actor=HANDLER, now=FILED)
    assert _clock(european).due_at == until


def test_a_clock_that_stands_still_warns_nobody_and_runs_on_later(pausable: Complaint) -> None:
    before = _clock(pausable).due_at
    asked = {"actor": HANDLER, "now": FILED + DAY}
    pause_clock(pausable.id, "resolve", why="awaiting_user", reason=WHY, customer_text=WHY, **asked)
    pausable.refresh_from_db()
    assert (pausable.next_step, pausable.next_due_at) == ("", None)
    report = clocks.check_clocks(now=before + 5 * DAY)
    assert (report.warned, report.breached, report.escalated) == (0, 0, 0)

    until = resume_clock(pausable.id, "resolve", actor=HANDLER, now=FILED + 4 * DAY + DAY / 2)
    pausable.refresh_from_db()
    assert until == pausable.next_due_at == before + 4 * DAY
    assert _moved(pausable) == ["paused", "resumed"]
    kinds = Reply.objects.filter(complaint=pausable, kind__startswith="deadline_")
    assert list(kinds.values_list("kind", flat=True)) == ["deadline_paused", "deadline_resumed"]


def test_the_clock_runs_on_when_the_user_writes(pausable: Complaint) -> None:
    before = _clock(pausable).due_at
    pause_clock(
        pausable.id,
        "resolve",
        why="awaiting_user",
        reason=WHY,
        customer_text=WHY,
        actor=HANDLER,
        now=FILED + DAY,
    )
    again = Submission(
        channel="app",
        key="k-2",
        text="Here is the number you asked for.",
        phone=PHONE,
        received_at=FILED + 3 * DAY,
        language="en",
        identity="operator_login",
        thread=pausable.code_public,
    )
    assert receive(again, now=FILED + 3 * DAY).complaint == pausable.id
    clock = _clock(pausable)
    assert (clock.paused_at, clock.due_at) == (None, before + 2 * DAY)


@pytest.mark.parametrize("verb", ["twice", "for another reason", "resume what runs"])
def test_a_refused_pause_changes_nothing(pausable: Complaint, verb: str) -> None:
    asked = {"reason": WHY, "customer_text": WHY, "actor": HANDLER, "now": FILED + DAY}
    again = {
        "twice": lambda: pause_clock(pausable.id, "resolve", why="awaiting_user", **asked),
        "for another reason": lambda: pause_clock(
            pausable.id, "resolve", why="with_authority", **asked
        ),
        "resume what runs": lambda: resume_clock(
            pausable.id, "resolve", actor=HANDLER, now=FILED + DAY
        ),
    }
    if verb == "twice":
        pause_clock(pausable.id, "resolve", why="awaiting_user", **asked)
    with pytest.raises(UnableToMoveDeadline):
        again[verb]()
    assert len(_moved(pausable)) == (verb == "twice")


def test_the_clocks_follow_a_corrected_class(world: World) -> None:
    complaint = _complaint(text="Your shop was rude to me.")
    assert not complaint.clocks.filter(step="repair").exists()
    correct(complaint.id, code="network.outage", actor=HANDLER, now=FILED + DAY)
    complaint.refresh_from_db()
    repair = _clock(complaint, "repair")
    assert (complaint.next_step, complaint.next_due_at) == ("repair", repair.due_at)
    assert repair.due_at == FILED + 2 * DAY

    correct(complaint.id, code="service.support", actor=HANDLER, now=FILED + DAY)
    complaint.refresh_from_db()
    assert not complaint.clocks.filter(step="repair", binding=True).exists()
    assert complaint.next_step == "resolve"


def test_what_is_not_in_this_installation_allows_nothing() -> None:
    assert allowances.allowance("deadlines-xx@2001-01-01", "resolve", "1 day") == ClockAllowance()
    assert allowances.allowance("own table", "resolve", "1 day") == ClockAllowance()
