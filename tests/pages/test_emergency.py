"""The pages of emergencies: a whole drill by hand, a real one, and who may not."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from amends.channels.models import OutboxMessage
from amends.people.access.models import User
from amends.people.access.queries.staff import actor_of_user
from amends.problems.emergencies.actions.declare import Declaration, declare
from amends.problems.emergencies.actions.end_emergency import end_cause
from amends.problems.emergencies.actions.publish import Wording, publish
from amends.problems.emergencies.jobs.timers import check_timers
from amends.problems.emergencies.models import Emergency, EmergencyStep
from amends.problems.emergencies.queries import public_statements
from amends.problems.emergencies.rules.emergency import plan_on
from amends.problems.emergencies.web.step_controls import controls
from amends.problems.hotissues.actions.open_issue import close_issue, reopen_issue
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries import issues
from amends.record.catalogue.models import SaleFreeze
from amends.work.remedies.models import Remedy
from tests.actions.hotissues.conftest import Crowd, crowd
from tests.markup import squeezed
from tests.pages.conftest import colleague, signed_in

__all__ = ["crowd"]

OPENING = {"zh": "系统重复扣费，我们正在退还。", "en": "Our system charged twice; it goes back."}


class Led:
    """An issue and the clients of its manager and of a senior handler."""

    def __init__(self, issue: str, language: str = "en") -> None:
        self.issue = issue
        self.manager = signed_in(colleague("mei.lin", "manager"), language)
        self.senior = signed_in(colleague("bo.wei", "senior_handler"), language)

    def act(self, verb: str, by: Client | None = None, **fields: Any) -> Any:
        """Post one act, confirmed where it asks first."""
        answer = (by or self.manager).post(
            f"/desk/hotissues/{self.issue}/emergency/{verb}/", {"confirmed": "yes", **fields}
        )
        assert answer.status_code == 302, answer.content.decode()[:3000]
        return answer

    def page(self, part: str = "emergency/") -> str:
        answer = self.manager.get(f"/desk/hotissues/{self.issue}/{part}")
        assert answer.status_code == 200
        return answer.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_whole_drill_by_hand_leaves_nothing_outside_its_sandbox(db: None, language: str) -> None:
    led = Led("", language)
    colleague("an.admin", "administrator")
    began = led.manager.post(
        "/desk/hotissues/drills/", {"title": "重复扣费", "kind": "billing", "persons": "1100"}
    )
    led.issue = HotIssue.objects.get(drill=True).id
    assert began.url == f"/desk/hotissues/{led.issue}/emergency/"
    mark = "演练" if language == "zh-hans" else "Drill"
    assert mark in led.page()
    owner = HotIssue.objects.get().opened_by
    led.act("assign", owner=owner)
    led.act("freeze", what="offer:drill", reason="it charges twice")
    led.act("publish", title_zh="说明", title_en="Words", **OPENING)
    led.act("draft", by=led.senior, **OPENING)
    assert "drill-1-1" in led.page("emergency/answers/")
    led.act("send")
    led.act("notice", zh="您可能被重复扣费。", en="You may have been charged twice.")
    led.act("tell", by=led.senior, most="2000")
    led.act("relieve", amount="5.00", zh="补偿", en="Compensation")
    late = timezone.now() + timedelta(days=15)
    assert check_timers(now=late) >= 1
    led.act("review", review="The charge was made twice because a job ran twice; it is keyed now.")
    led.act("close", reason="drill over")
    said = led.page("after-action/")
    assert "keyed now" in said
    closed = HotIssue.objects.get()
    assert (closed.state, closed.persons, closed.affected.count()) == ("closed", 110, 990)
    # Nothing left the sandbox, nothing real was touched, and no figure counts it.
    posted = OutboxMessage.objects.all()
    assert posted.count() > 1100
    assert set(posted.values_list("channel", "state")) == {("drill", "held")}
    assert not SaleFreeze.objects.exists()
    assert not Remedy.objects.exists()
    assert public_statements() == []
    assert issues() == []
    open_steps = EmergencyStep.objects.filter(done_at=None, dropped_at=None)
    assert {one.step for one in open_steps} <= {"tell_regulator", "tell_privacy"}
    listed = led.manager.get("/desk/hotissues/drills/").content.decode()
    assert "重复扣费" in listed


def test_a_drill_without_a_title_is_called_so_in_each_readers_language(db: None) -> None:
    led = Led("", "en")
    chinese = signed_in(colleague("yan.li", "manager"), "zh-hans")
    led.manager.post("/desk/hotissues/drills/", {"kind": "billing", "persons": "100"})
    issue = HotIssue.objects.get(drill=True)
    assert issue.title == ""
    address = f"/desk/hotissues/{issue.id}/emergency/"
    for reader, word in ((led.manager, "Drill"), (chinese, "演练")):
        for page in ("/desk/hotissues/drills/", address):
            assert f">{word}<" in reader.get(page).content.decode().replace(
                f">{word} <", f">{word}<"
            )
        assert f"<title>{word} · Amends" in reader.get(address).content.decode()
    # As versions before this one kept it, in the language of who began it.
    HotIssue.objects.update(title="Drill")
    assert "<title>演练 · Amends" in chinese.get(address).content.decode()
    HotIssue.objects.update(title="演练")
    assert "<title>Drill · Amends" in led.manager.get(address).content.decode()


def test_no_sender_is_ever_registered_for_the_channel_of_drills() -> None:
    from amends.channels.senders import SWITCHES, sends
    from amends.problems.emergencies.queries.steps import SANDBOX

    assert SANDBOX not in SWITCHES
    assert not sends(SANDBOX)


def test_a_real_issue_from_its_declaration_to_the_public_page(crowd: Crowd) -> None:
    led = Led(crowd.issue)
    before = led.page()
    assert "Declare the emergency" in before
    seen = led.manager.get(
        f"/desk/hotissues/{crowd.issue}/emergency/?kind=thirdparty&offers=offer-ring"
    ).content.decode()
    assert "Affected, no complaint</dt><dd>2" in squeezed(seen)
    led.act(
        "declare", kind="thirdparty", offers="offer-ring", level="level2", reason="many", areas=""
    )
    listed = led.manager.get("/desk/hotissues/emergencies/").content.decode()
    assert "Level 2" in listed
    assert "Name one owner" in listed or "Tell the" in listed
    first = led.manager.post(
        f"/desk/hotissues/{crowd.issue}/emergency/publish/",
        {"title_zh": "彩铃", "title_en": "Ringtones", **OPENING},
    )
    assert "Everybody can read this" in first.content.decode()
    assert public_statements() == []
    led.act("publish", title_zh="彩铃", title_en="Ringtones", **OPENING)
    led.act("publish", title_zh="彩铃二", title_en="Ringtones 2", **OPENING)
    public = Client().get("/statements/", headers={"accept-language": "en"}).content.decode()
    assert "Ringtones 2" in public
    assert "Earlier versions" in public
    led.act("freeze", what="offer:offer-ring", reason="unasked")
    assert "frozen" in led.page()
    led.act("draft", by=led.senior, **OPENING)
    answers = led.page("emergency/answers/")
    assert OPENING["zh"] in answers
    assert "¥30.00" in answers
    led.act("send")
    led.act("notice", zh="请看", en="Look")
    assert "You drafted this message" in led.page()
    address = f"/desk/hotissues/{crowd.issue}/emergency/tell/"
    assert led.manager.post(address).status_code == 403
    asked = led.senior.post(address).content.decode()
    assert "2 users who have not complained" in asked
    assert "请看" in asked
    sent = dict(re.findall(r'name="(most|seen)" value="(\w+)"', asked))
    assert led.senior.post(address, {"confirmed": "yes", **sent}).status_code == 302
    assert OutboxMessage.objects.filter(key__startswith="silent:").count() == 2


@pytest.mark.parametrize("role", ["manager", "senior_handler", "handler"])
def test_every_step_of_the_plan_has_its_control_or_says_who_does_it(
    crowd: Crowd, role: str
) -> None:
    rules = plan_on(timezone.localdate())
    asked: set[str] = set()
    client = signed_in(colleague("some.body", role))
    reader = actor_of_user(User.objects.get(username="some.body"))
    for kind in ("privacy", "outage"):
        Emergency.objects.all().delete()
        HotIssue.objects.update(level="")
        declare(
            crowd.issue, Declaration(kind, "level1", "x"), actor=crowd.manager, now=timezone.now()
        )
        page = client.get(f"/desk/hotissues/{crowd.issue}/emergency/").content.decode()
        known = controls(Emergency.objects.get(), rules, actor=reader, now=timezone.now())
        for step, control in known.items():
            asked.add(rules.step(step).act)
            if not control.anchor:
                assert escape(control.first) in page, step
                assert control.first
                continue
            assert f'href="#{control.anchor}"' in page, step
            section = page.partition(f'id="{control.anchor}"')[2].partition("</section>")[0]
            assert "<form" in section or "No message is drafted" in section, step
        ids = set(re.findall(r'id="([\w-]+)"', page))
        assert set(re.findall(r'href="#([\w-]+)"', page)) <= ids
    assert asked == {one.act for one in rules.steps}


def test_a_role_that_nobody_holds_names_who_assigns_it(crowd: Crowd) -> None:
    led = Led(crowd.issue)
    led.act("declare", kind="outage", level="level2", reason="many", offers="", areas="")
    page = led.page()
    assert "an administrator assigns it under Settings" in page
    assert 'href="#tell-tell_regulator"' in page
    led.act("told", step="tell_regulator", reason="Rang the duty officer at 14:10")
    assert "Rang the duty officer at 14:10" in led.page()
    assert "tell-tell_regulator" not in led.page()


def test_the_page_of_an_issue_does_not_close_past_the_rule(crowd: Crowd) -> None:
    from amends.problems.emergencies.actions.declare import Declaration, declare

    led = Led(crowd.issue)
    declare(
        crowd.issue,
        Declaration("thirdparty", "level4", "x"),
        actor=crowd.manager,
        now=timezone.now(),
    )
    answer = led.manager.post(f"/desk/hotissues/{crowd.issue}/act/close/", {"reason": "enough"})
    assert answer.status_code == 403
    assert "cannot be closed yet" in answer.content.decode()
    assert HotIssue.objects.get(id=crowd.issue).state == "open"


def test_a_complaint_after_the_end_is_asked_about(crowd: Crowd) -> None:
    from amends.cases.complaints.models import Complaint
    from amends.problems.emergencies.actions.declare import Declaration, declare
    from amends.problems.hotissues.actions.join import UnableToJoin, join, leave
    from amends.problems.hotissues.actions.open_issue import close_issue
    from amends.problems.hotissues.queries import members

    now = timezone.now()
    declare(crowd.issue, Declaration("thirdparty", "level4", "x"), actor=crowd.manager, now=now)
    ref = crowd.complaints[0]
    leave(crowd.issue, [ref], because="another cause", actor=crowd.manager, now=now)
    close_issue(crowd.issue, because="over", actor=crowd.manager, now=now)
    with pytest.raises(UnableToJoin):
        join(crowd.issue, [ref], because="x", actor=crowd.manager, now=now)
    led = Led(crowd.issue)
    assert "This issue is closed" in led.page()
    complaint = Complaint.objects.get(id=ref)
    led.act("join", complaints=complaint.code_public, reason="it is the same after all")
    assert ref in {one.complaint for one in members(crowd.issue)}
    again = Complaint.objects.get(id=ref)
    assert (again.next_due_at, again.state) == (complaint.next_due_at, complaint.state)


@pytest.mark.parametrize("role", ["handler", "regulator", "privacy_officer", "agent"])
def test_who_may_not_act_is_refused_before_anything_happens(crowd: Crowd, role: str) -> None:
    client = signed_in(colleague("some.body", role))
    for verb in ("declare", "freeze", "publish", "send", "tell", "relieve", "close"):
        answer = client.post(f"/desk/hotissues/{crowd.issue}/emergency/{verb}/", {"confirmed": 1})
        assert answer.status_code == 403
    assert client.post("/desk/hotissues/drills/", {"title": "x"}).status_code == 403
    assert HotIssue.objects.get(id=crowd.issue).level == ""


def test_a_senior_handler_answers_and_leads_nothing(crowd: Crowd) -> None:
    led = Led(crowd.issue)
    for verb in ("declare", "publish", "notice", "told", "tell", "relieve", "close"):
        answer = led.senior.post(
            f"/desk/hotissues/{crowd.issue}/emergency/{verb}/",
            {
                "confirmed": "yes",
                "zh": "x",
                "en": "x",
                "amount": "1",
                "title_zh": "x",
                "title_en": "x",
            },
        )
        assert answer.status_code == 403, verb
    led.act("draft", by=led.senior, **OPENING)


def test_known_problems_say_what_the_issue_says_of_its_end(crowd: Crowd) -> None:
    now = timezone.now()
    declare(crowd.issue, Declaration("outage", "level3", "x"), actor=crowd.manager, now=now)
    publish(
        crowd.issue,
        Wording("断网", "Outage", "正在抢修。", "Repairs are under way."),
        actor=crowd.manager,
        now=now,
    )

    def public() -> str:
        return Client().get("/statements/", headers={"accept-language": "en"}).content.decode()

    assert "not over yet" in public()
    end_cause(crowd.issue, because="spliced", actor=crowd.manager, now=now)
    assert "not over yet" not in public()
    assert "The cause ended" in public()
    close_issue(crowd.issue, because="over", actor=crowd.manager, now=now)
    reopen_issue(crowd.issue, because="it came back", actor=crowd.manager, now=now)
    assert "not over yet" in public()


def test_each_form_is_on_the_page_once_and_in_the_step_that_it_does(crowd: Crowd) -> None:
    terms = Declaration("thirdparty", "level2", "many")
    declare(crowd.issue, terms, actor=crowd.manager, now=timezone.now())
    page = Led(crowd.issue).page()
    ids = re.findall(r'id="([\w-]+)"', page)
    assert len(ids) == len(set(ids)), "no id twice"
    for act in ("assign", "statement", "answer", "silent", "relief", "review"):
        assert ids.count(act) == 1, act
        step = page.partition(f'id="step-{act}"')[2].partition("</li>")[0]
        assert f'id="{act}"' in step, act
    assert page.count('<details class="step-form" open') <= 1
