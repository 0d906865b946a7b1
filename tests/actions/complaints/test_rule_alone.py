"""No rule rejects alone where the class is uncertain, or where the record supports the person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.actions.complaints.conftest import ACTIVATED, BORN, NOW, PHONE, World, covered

from amends.cases.audits.models import ChargeWithoutNotice, MissedNotice
from amends.cases.complaints.actions import build_matter
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint, Decision, Reply
from amends.causes.confirmations.models import Audit, AuditFinding, RunningService
from amends.engines.decisions.decide import decide
from amends.engines.decisions.dossier import Dossier
from amends.engines.decisions.evidence import Matter
from amends.network.quality.models import IncidentComplaint, IncidentPerson, NetworkIncident
from amends.platform.kit.packs import day_in
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.work.remedies.actions.propose import Proposal, propose

pytestmark = pytest.mark.postgres_too

RINGTONE = "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！"
ROAMING = (
    "你们领导好，我今年六十八了，跟团去日本，导游让发定位，就这么¥205.28没了，一条到顶的短信都没见着，"
    "说好到了数会发短信的，按封顶收，多的退。麻烦你们了，谢谢。本人王建国，身份证号码："
)
NO_ANSWER = "答应回电从来不回，我的事到底有没有人管。辛苦了。本人王建国，身份证号码："
DUE = NOW - timedelta(days=20)


def complain(text: str = RINGTONE, key: str = "k1", **fields: object) -> Complaint:
    said = Submission(
        channel="app",
        key=key,
        text=text,
        received_at=NOW,
        phone=PHONE,
        identity="operator_login",
        **fields,  # type: ignore[arg-type]
    )
    return Complaint.objects.get(id=receive(said, now=NOW).complaint)


def certain(complaint: Complaint) -> Complaint:
    """The class is certain: no other one is possible."""
    Complaint.objects.filter(id=complaint.id).update(plausible=[], ask_for_words=False)
    return complaint


def run_desk(complaint: Complaint) -> Decision:
    while pipeline.process(now=NOW).did_something:
        pass
    complaint.refresh_from_db()
    return Decision.objects.filter(complaint=complaint).latest("at", "id")


def state(*facts: Fact) -> None:
    with transaction.atomic():
        append(list(facts), now=NOW - timedelta(hours=1))


def confirmation(world: World) -> Fact:
    """The ringtone was confirmed five minutes before it began."""
    return Fact(
        "ConfirmationGiven",
        world.person,
        world.ringtone,
        ACTIVATED - timedelta(minutes=5),
        "confirmations",
        {"order": "", "offer": "offer-ring", "channel": "sms", "method": "sms_reply"},
    )


@pytest.fixture
def clean(world: World) -> World:
    """The ringtone was confirmed before it began, and all records are complete."""
    state(
        covered("auditor", "NoticeDue"),
        covered("notices", "NoticeSent,NoticeDelivered,NoticeFailed"),
        covered("access", "DataAccessed", until=NOW + timedelta(days=1)),
        confirmation(world),
    )
    return world


@pytest.fixture
def abroad(clean: World) -> World:
    """¥205.28 abroad under a cap of ¥100; no notice came before it."""
    state(
        Fact(
            "NoticeDue",
            clean.person,
            clean.plan,
            DUE,
            "auditor",
            {
                "duty": "cn.roaming_cap",
                "duty_version": "2012-07-01",
                "key": "n-cap",
                "due_at_ms": to_ms(DUE),
                "threshold_minor": 10000,
                "currency": "CNY",
            },
        ),
        *(
            Fact(
                "ChargeMade",
                clean.person,
                clean.plan,
                at,
                "billing",
                {
                    "charge": charge,
                    "charge_kind": "roaming_data",
                    "offer": "offer-plan",
                    "amount_minor": minor,
                    "currency": "CNY",
                },
            )
            for charge, at, minor in (
                ("chg-before", DUE - timedelta(hours=2), 10000),
                ("chg-after", DUE + timedelta(hours=2), 10528),
            )
        ),
    )
    return clean


def test_a_clean_record_is_rejected_alone_and_nothing_more_is_asked(clean: World) -> None:
    complaint = certain(complain())
    decision = run_desk(complaint)
    assert (decision.verdict, decision.alone) == ("not_upheld", True)
    assert complaint.state == "not_upheld"
    assert decision.dossier["record"]["rows"], "what was read is stored with the decision"


# ------------------------------------------------------------------ the two reproduced complaints


def test_a_roaming_charge_without_notice_is_not_rejected_as_misuse_of_data(abroad: World) -> None:
    complaint = complain(ROAMING)
    assert complaint.code == "privacy.data_misuse", "the classifier takes it for another matter"
    assert not complaint.ask_for_words
    decision = run_desk(complaint)
    assert (decision.verdict, decision.amount_minor) == ("upheld", 10528)
    assert decision.alone, "the record proves one of the possible classes and answers the others"
    assert decision.decision["answers"] == "reminder.missing"
    letters = Reply.objects.filter(complaint=complaint, posted_at__isnull=False)
    assert not [one.kind for one in letters if one.kind.startswith("not_upheld")]


def test_nobody_calls_back_is_not_rejected_as_misuse_of_data(clean: World) -> None:
    complaint = complain(NO_ANSWER)
    assert complaint.code == "privacy.data_misuse"
    assert not complaint.ask_for_words
    decision = run_desk(complaint)
    assert (decision.verdict, decision.alone) == ("person_must_decide", False)
    assert decision.decision["why_person"] == "plausible_class"
    assert complaint.state == "investigating"


def test_an_uncertain_class_is_left_to_a_person_where_a_question_is_open(clean: World) -> None:
    complaint = complain()
    Complaint.objects.filter(id=complaint.id).update(
        plausible=[[complaint.code, 570], ["handling.no_resolution", 300]], ask_for_words=False
    )
    decision = run_desk(complaint)
    assert decision.decision["why_person"] == "plausible_class"
    assert not decision.alone


def test_a_complaint_classified_before_this_was_kept_is_left_to_a_person(clean: World) -> None:
    complaint = complain()
    Complaint.objects.filter(id=complaint.id).update(plausible=None, ask_for_words=False)
    assert run_desk(complaint).decision["why_person"] == "plausible_class"


# ------------------------------------------------------------------ what other apps have on record


def stopped(complaint: Complaint, kind: str) -> None:
    """A person must decide, and the page names the question that stopped the rule."""
    decision = run_desk(complaint)
    assert (decision.verdict, decision.alone) == ("person_must_decide", False)
    assert decision.decision["why_person"] == "record_supports"
    rows = [one for one in decision.dossier["record"]["rows"] if one["question"] == kind]
    assert rows
    assert f"“{rows[0]['asked_zh']}”" in decision.decision["why_zh"]


def test_an_open_finding_of_the_audit_of_notices_stops_the_rule(clean: World) -> None:
    missed = MissedNotice.objects.create(
        key="n-1",
        duty="cn.roaming_cap",
        period="2026-11-01",
        subscriber=clean.person,
        service=clean.plan,
        due_at_ms=to_ms(DUE),
        state=MissedNotice.State.MISSING,
    )
    ChargeWithoutNotice.objects.create(
        owed=missed,
        rule="cn.beyond_cap",
        charge="chg-x",
        charged_at_ms=to_ms(DUE),
        amount_minor=5000,
        excess_minor=5000,
        currency="CNY",
    )
    stopped(certain(complain()), "support.missed_notice")


def test_what_the_audit_gave_back_stops_nothing(clean: World) -> None:
    missed = MissedNotice.objects.create(
        key="n-1",
        duty="cn.roaming_cap",
        period="2026-11-01",
        subscriber=clean.person,
        service=clean.plan,
        due_at_ms=to_ms(DUE),
        state=MissedNotice.State.MISSING,
    )
    ChargeWithoutNotice.objects.create(
        owed=missed,
        rule="cn.beyond_cap",
        charge="chg-x",
        charged_at_ms=to_ms(DUE),
        amount_minor=5000,
        excess_minor=5000,
        elsewhere_minor=5000,
        currency="CNY",
    )
    assert run_desk(certain(complain())).verdict == "not_upheld"


def test_an_open_finding_of_the_audit_of_confirmations_stops_the_rule(clean: World) -> None:
    audit = Audit.objects.create(
        pack="cn", period_start=BORN, period_end=NOW, made_at=NOW, made_by="auditor"
    )
    AuditFinding.objects.create(
        audit=audit,
        subscriber=clean.person,
        service="svc-other",
        offer="offer-other",
        verdict="unconfirmed",
        charges=1,
        amount_minor=1200,
        currency="CNY",
    )
    stopped(certain(complain()), "support.unconfirmed_charges")


def test_a_service_that_runs_unconfirmed_stops_the_rule(clean: World) -> None:
    RunningService.objects.create(
        service="svc-other",
        subscriber=clean.person,
        kind="value_added",
        offer="offer-other",
        origin="observed",
        source="crm",
        source_ref="o-1",
        covered=False,
        since=DUE,
        recorded_at=NOW,
    )
    stopped(certain(complain()), "support.running_unconfirmed")


def incident(**fields: object) -> NetworkIncident:
    values = {
        "number": 7,
        "kind": "outage",
        "cause": "power",
        "severity": "major",
        "state": "ended",
        "areas": ["north"],
        "started_at": DUE,
        "found_at": DUE,
        "found_by": "alarm",
        "last_sign_at": DUE,
        "ended_at": DUE + timedelta(hours=5),
    }
    return NetworkIncident.objects.create(**(values | fields))


def test_a_credit_for_an_incident_stops_the_rule(clean: World) -> None:
    row = incident()
    IncidentPerson.objects.create(
        incident=row, subscriber=clean.person, credit_minor=300, currency="CNY"
    )
    credit = Proposal(
        cause=f"{row.ref}:{clean.person}",
        kind="credit",
        subscriber=clean.person,
        amount_minor=300,
        currency="CNY",
        reason_zh="减免",
        reason_en="credit",
        rule="credits",
    )
    propose([credit], by="quality", now=NOW)
    stopped(certain(complain()), "support.incident_credit")


def test_a_known_incident_that_explains_the_complaint_stops_the_rule(clean: World) -> None:
    complaint = certain(complain())
    IncidentComplaint.objects.create(
        complaint=complaint.id, incident=incident(), came_at=NOW, score=0.9, joined_at=NOW
    )
    stopped(complaint, "support.network_incident")


def test_an_incident_that_is_only_suspected_stops_nothing(clean: World) -> None:
    complaint = certain(complain())
    IncidentComplaint.objects.create(
        complaint=complaint.id,
        incident=incident(state="suspected"),
        came_at=NOW,
        score=0.9,
        joined_at=NOW,
    )
    assert run_desk(complaint).verdict == "not_upheld"


def test_another_open_complaint_stops_the_rule(clean: World) -> None:
    other = complain("小区附近手机一直没有信号，打不通电话", key="k2")
    assert other.person == clean.person
    complaint = certain(complain())
    assert complaint.id != other.id
    stopped(complaint, "support.open_complaint")


# ------------------------------------------------------------------ replay and cost


def test_a_stored_decision_replays(abroad: World) -> None:
    decision = run_desk(certain(complain(ROAMING)))
    again = decide(
        Dossier.from_dict(decision.dossier),
        Matter.from_dict(decision.matter),
        on=day_in("cn", NOW),
    )
    assert (again.verdict, again.why_person) == ("person_must_decide", "record_supports")


def statements_of(complaint: Complaint) -> int:
    with CaptureQueriesContext(connection) as seen:
        investigate_many([complaint.id], actor=pipeline.DESK, now=NOW)
    return len(seen)


def test_only_a_rejection_costs_more_statements(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is upheld is decided as before; a rejection asks each app in one or two statements."""
    complaint = certain(complain())
    pipeline.acknowledge_waiting(now=NOW)
    statements_of(complaint)
    upheld = statements_of(complaint)
    with monkeypatch.context() as before:
        before.setattr(build_matter, "possible_classes", lambda _item: None)
        assert statements_of(complaint) == upheld
    state(confirmation(world))
    with monkeypatch.context() as before:
        before.setattr(build_matter, "possible_classes", lambda _item: None)
        unread = statements_of(complaint)
    assert statements_of(complaint) - unread == 7
