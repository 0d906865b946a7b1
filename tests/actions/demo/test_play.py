"""A small world played through the real desk: what it decides agrees with what is true."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.db.models import F
from django.utils import timezone, translation
from rich.console import Console

from amends.cases.complaints.models import Clock, Event
from amends.cases.complaints.queries import complaint, standings
from amends.cases.complaints.queries import inbox as listing
from amends.causes.confirmations.actions.open_refunds import preview
from amends.causes.confirmations.queries import audits, found_by
from amends.record.ledger.queries import facts_about_many
from amends.work.remedies.queries import totals
from amends_demo.actions.audit import Audited, audit_weeks
from amends_demo.actions.cure import Cured, cure
from amends_demo.actions.play import DeskProgress, play, put_away
from amends_demo.actions.show import show, show_audited, show_cure, show_sign_in
from amends_demo.actions.staff import Staff, add_staff
from amends_demo.rules.comparison import Report
from amends_demo.rules.simulate import World, simulate

pytestmark = pytest.mark.django_db
END = datetime(2026, 11, 24, 2, tzinfo=UTC)
_GRANTED = ("approved", "exported", "acknowledged")


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(size=400, seed=3, end=END)


def test_a_small_world_is_decided_as_it_is_true_and_leaves_a_lively_desk(world: World) -> None:
    staff = add_staff()
    desk, report = play(world, staff=staff)
    assert report.contacts == world.contacts.num_rows == len(desk.receipts)
    assert report.complaints + report.enquiries + report.repeats == report.contacts
    assert report.decided_alone.count > 0
    assert report.verdict_right.share >= 0.9
    assert report.amount_exact.share >= 0.99
    assert report.wrongly_upheld.share <= 0.05
    assert report.in_time.share > 0.9
    assert report.left_to_person.share > 0.9
    _nothing_is_given_twice(desk)
    _money_is_what_remedies_say(report)
    _every_complaint_can_be_read(desk)
    _something_is_left_to_do(desk, report)
    _faults_are_mended_and_noted(desk)
    _complainants_have_answered(desk, report)
    _it_can_be_shown(report, world)
    put_away(desk)
    assert not desk.loaded.world.facts
    assert desk.loaded.world.usage.num_rows == 0 < world.usage.num_rows
    audited = audit_weeks(desk)
    _the_auditor_finds_the_week_without_notices(audited, world)
    _the_audit_finds_the_campaign_and_no_journey(world)
    _the_silent_have_not_complained(audited, desk)
    _audits_can_be_shown(audited)
    _an_emergency_is_led_and_a_measure_judged(cure(desk, staff.actors))


def _an_emergency_is_led_and_a_measure_judged(cured: Cured) -> None:
    """What the plan asks for at once is done, the rest is still to do; the verdict is there."""
    assert cured.issue
    assert 0 < cured.done < cured.steps
    assert cured.verdict in ("works", "not_shown_to_work", "worse", "not_yet_judgeable")
    show_cure(cured, Console(file=io.StringIO()))


def _the_auditor_finds_the_week_without_notices(audited: Audited, world: World) -> None:
    """As many notices at the cap are missing as people passed it untold; those told count not."""
    caps = [row for row in world.marks.to_pylist() if row["duty"] == "cn.roaming_cap"]
    untold = [row for row in caps if not row["told"]]
    total = next(one.total for one in audited.duties if one.duty == "cn.roaming_cap")
    assert untold
    assert (total.due, total.missing) == (len(caps), len(untold))
    assert audited.untold.amount_minor > 0
    known = {one.duty for one in audited.duties}
    absent = {one.duty: one.reason for one in audited.absent}
    assert known >= {"cn.new_charge", "cn.best_yearly", "cn.contract_end"}
    assert known.isdisjoint(absent)
    assert absent["cn.plan_terms"] == "by_contract"


def _the_audit_finds_the_campaign_and_no_journey(world: World) -> None:
    """Exactly the charged services that the campaign opened without a confirmation."""
    confirmed = set(world.facts["ConfirmationGiven"]["order"].to_pylist())
    charged = set(world.facts["ChargeMade"]["subject"].to_pylist())
    forced = {
        row["subject"]
        for row in world.facts["ServiceOrdered"].to_pylist()
        if row["campaign"] == world.scenario.campaign and row["order"] not in confirmed
    }
    rows = found_by(audits()[0].id, limit=None)
    assert forced & charged
    assert {row["service"] for row in rows if row["campaign"]} == forced & charged
    assert all(row["offer"] != "roam-standard" for row in rows)


def _the_silent_have_not_complained(audited: Audited, desk: DeskProgress) -> None:
    people = {
        desk.loaded.pseudonyms[file.contact["subscriber"]]
        for file in desk.files.values()
        if file.contact["subscriber"] >= 0 and file.contact["complaint"]
    }
    owed = {one.subscriber: 0 for one in preview(audits()[0].id)}
    for one in preview(audits()[0].id):
        owed[one.subscriber] += one.amount_minor
    silent = owed.keys() - people
    found = audited.unconfirmed
    assert 0 < found.silent == len(silent) < found.people == len(owed)
    assert found.silent_minor == sum(owed[one] for one in silent)
    assert found.amount_minor == sum(owed.values())


def _audits_can_be_shown(audited: Audited) -> None:
    for language, words in (("en", "Still owed"), ("zh-hans", "尚待退还")):
        written = io.StringIO()
        with translation.override(language):
            show_audited(audited, "CNY", Console(file=written, width=120))
            show_audited(audited, "CNY", Console(file=written, width=80))
        assert words in written.getvalue()
        assert "cn." not in written.getvalue(), "duties are named, not coded"


def _nothing_is_given_twice(desk: DeskProgress) -> None:
    """Whatever people say twice, no charge is refunded beyond itself."""
    facts = facts_about_many(desk.loaded.pseudonyms, kinds=["ChargeMade", "RefundMade"])
    charged: dict[str, int] = {}
    refunded: dict[str, int] = {}
    for fact in (fact for some in facts.values() for fact in some):
        book = charged if fact.kind == "ChargeMade" else refunded
        charge = str(fact.payload["charge"])
        book[charge] = book.get(charge, 0) + int(fact.payload["amount_minor"])
    assert refunded
    assert all(amount <= charged[charge] for charge, amount in refunded.items())


def _money_is_what_remedies_say(report: Report) -> None:
    granted = sum(amount for state, (_, amount) in totals().items() if state in _GRANTED)
    assert report.refunded_minor == granted > 0


def _every_complaint_can_be_read(desk: DeskProgress) -> None:
    for receipt in list(desk.receipts.values())[:20]:
        found = complaint(receipt.complaint)
        assert found is not None
        assert found.contacts
    # Nothing happens to a complaint before it is there.
    early = Event.objects.filter(at__lt=F("complaint__received_at"))
    assert not list(early.values_list("verb", "at", "complaint__received_at"))


def _faults_are_mended_and_noted(desk: DeskProgress) -> None:
    limits = Clock.objects.filter(complaint__in=list(desk.files), step="repair", binding=True)
    met = limits.filter(met_at__isnull=False)
    assert met.count() >= 0.7 * limits.count() > 0
    noted = Event.objects.filter(complaint__in=met.values("complaint"), verb="repaired")
    assert noted.count() == met.values("complaint").distinct().count()


def _something_is_left_to_do(desk: DeskProgress, report: Report) -> None:
    """The last contacts are untouched, and more waits; what is nobody's and somebody's."""
    found = standings(desk.files)
    assert sum(report.standing.values()) == len(found) == len(desk.files)
    fresh = [ref for ref, one in found.items() if one.state == "received"]
    last_sitting_ms = desk.sittings[-1]
    assert fresh
    assert all(desk.files[ref].contact["received_ms"] >= last_sitting_ms for ref in fresh)
    assert report.standing["investigating"] >= 3
    handler = desk.handlers.actors["handler"].ref
    mine = listing.count(listing.InboxFilter(view="mine", handler=handler), now=timezone.now())
    assert mine > 0


def _complainants_have_answered(desk: DeskProgress, report: Report) -> None:
    assert report.standing["confirmed"] > 10
    said = facts_about_many(desk.loaded.pseudonyms, kinds=["OutcomeAnswered"])
    answers = {fact.payload["answer"] for some in said.values() for fact in some}
    assert {"solved", "not_solved"} <= answers
    by_mail = [file for file in desk.files.values() if file.contact["channel"] == "mail"]
    assert by_mail
    assert all(file.contact["email"].endswith("@mail.example.com") for file in by_mail)


def _it_can_be_shown(report: Report, world: World) -> None:
    for language, words in (("en", ("slow line", "≥ 95%")), ("zh-hans", ("网速不达标", "目标"))):
        written = io.StringIO()
        with translation.override(language):
            show(report, world.scenario, Console(file=written, width=120))
        assert all(word in written.getvalue() for word in words)


@pytest.fixture
def staff() -> Staff:
    return add_staff()


def test_the_staff_have_passwords_that_differ(staff: Staff) -> None:
    assert {account.role for account in staff.accounts} == staff.actors.keys()
    assert len({account.password for account in staff.accounts}) == len(staff.accounts)
    assert all("password" not in repr(account) for account in staff.accounts)


def test_the_summary_says_where_to_sign_in_and_as_whom(staff: Staff) -> None:
    written = io.StringIO()
    show_sign_in("http://127.0.0.1:8000/", staff.accounts, Console(file=written, width=100))
    assert "http://127.0.0.1:8000/" in written.getvalue()
    for account in staff.accounts:
        assert account.username in written.getvalue()
        assert account.password in written.getvalue()
