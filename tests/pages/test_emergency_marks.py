"""What the pages of issues say of a level that is reached, of causes, and after the end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from amends.problems.emergencies.actions.declare import Declaration, declare
from amends.problems.emergencies.models import Affected, Emergency, EmergencyStep
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.find_causes import find_causes, judge_cause
from amends.problems.hotissues.actions.open_issue import close_issue
from amends.problems.hotissues.models import HotIssue
from amends.record.catalogue.queries import is_frozen
from tests.actions.complaints.conftest import NOW
from tests.actions.hotissues.conftest import Crowd, crowd
from tests.markup import squeezed
from tests.pages.test_emergency import OPENING, Led

__all__ = ["crowd"]


def declared(crowd: Crowd, level: str = "level4") -> None:
    declare(
        crowd.issue,
        Declaration("thirdparty", level, "x"),
        actor=crowd.manager,
        now=timezone.now(),
    )


@pytest.mark.parametrize(
    ("language", "reaches", "sentence"),
    [
        ("en", "reaches Level 3", "By the plan it reaches Level 3: 150 persons"),
        ("zh-hans", "达到三级", "按预案已达到三级：已知涉及150人"),
    ],
)
def test_a_level_that_is_reached_stands_on_every_page(
    crowd: Crowd, language: str, reaches: str, sentence: str
) -> None:
    HotIssue.objects.filter(id=crowd.issue).update(persons=150)
    led = Led(crowd.issue, language)
    for listed in ("/desk/hotissues/", "/desk/hotissues/emergencies/"):
        assert reaches in led.manager.get(listed).content.decode()
    assert sentence in led.page("")
    declared(crowd)
    for listed in ("/desk/hotissues/", "/desk/hotissues/emergencies/"):
        assert reaches in led.manager.get(listed).content.decode()
    page = led.page()
    assert sentence in page
    assert '<option value="level3" selected>' in page
    led.act("level", level="level3", reason="it grew")
    assert sentence not in led.page()


@pytest.mark.parametrize(("language", "words"), [("en", "2 steps late"), ("zh-hans", "2项已超期")])
def test_the_board_says_what_is_late(crowd: Crowd, language: str, words: str) -> None:
    declared(crowd, "level3")
    soon = timezone.now() - timedelta(minutes=1)
    EmergencyStep.objects.filter(step__in=("assign", "freeze")).update(due_at=soon)
    led = Led(crowd.issue, language)
    assert words in led.manager.get("/desk/hotissues/").content.decode()


def test_a_candidate_cause_says_who_is_hit(crowd: Crowd) -> None:
    update_cube()
    find_causes([crowd.issue], now=NOW)
    led = Led(crowd.issue)
    page = squeezed(led.page())
    # The likeliest one is chosen: the page counts as that of the issue does.
    assert re.search('name="causes" value="campaign:spring"[^>]* checked', page)
    assert "Affected, no complaint</dt><dd>2" in page
    asked = "?kind=thirdparty&offers=&areas="
    assert "Affected, no complaint</dt><dd>0" in squeezed(led.page(f"emergency/{asked}"))
    led.act(
        "declare",
        kind="thirdparty",
        level="level2",
        reason="many",
        offers="",
        areas="",
        causes=["campaign:spring"],
    )
    assert Emergency.objects.get().causes == ["campaign:spring"]
    assert Affected.objects.count() == 2
    assert "Who counts as affected</dt><dd>spring" in squeezed(led.page())


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Said to be the cause"), ("zh-hans", "确认为原因")]
)
def test_what_was_said_of_a_cause_stands_in_words(crowd: Crowd, language: str, words: str) -> None:
    update_cube()
    find_causes([crowd.issue], now=NOW)
    issue = HotIssue.objects.get(id=crowd.issue)
    first = issue.causes.order_by("rank").first()
    assert first is not None
    judge_cause(crowd.issue, str(first.id), "confirmed", actor=crowd.manager, now=NOW)
    page = Led(crowd.issue, language).page("")
    assert words in page
    assert "cause_confirmed" not in page


def test_what_is_frozen_is_given_back_after_the_end(crowd: Crowd) -> None:
    led = Led(crowd.issue)
    declared(crowd)
    led.act("freeze", what="offer:offer-ring", reason="unasked")
    led.act("publish", title_zh="彩铃", title_en="Ringtones", **OPENING)
    asked = led.manager.post(
        f"/desk/hotissues/{crowd.issue}/emergency/close/", {"reason": "over"}
    ).content.decode()
    assert "Still suspended from sale, until it is resumed on this page: offer-ring." in asked
    close_issue(crowd.issue, because="over", actor=crowd.manager, now=timezone.now())
    page = led.page()
    assert "emergency/resume/" in page
    assert "emergency/freeze/" not in page
    assert "emergency/withdraw/" in page
    again = led.manager.post(
        f"/desk/hotissues/{crowd.issue}/emergency/freeze/",
        {"what": "offer:offer-ring", "reason": "again"},
    )
    assert again.status_code == 403
    led.act("resume", kind="offer", ref="offer-ring", reason="mended")
    assert not is_frozen("offer", "offer-ring")


def test_an_offer_nobody_knows_is_not_said_to_be_frozen(crowd: Crowd) -> None:
    led = Led(crowd.issue)
    declared(crowd, "level3")
    answer = led.manager.post(
        f"/desk/hotissues/{crowd.issue}/emergency/freeze/",
        {"what": "offer:offer-rign", "reason": "unasked"},
    )
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Not in the list: offer:offer-rign" in page
    assert 'value="unasked"' in page
    assert EmergencyStep.objects.get(step="freeze").done_at is None


def test_to_take_an_issue_names_its_owner_in_the_plan(crowd: Crowd) -> None:
    led = Led(crowd.issue)
    declared(crowd)
    led.manager.post(f"/desk/hotissues/{crowd.issue}/act/take/")
    assert EmergencyStep.objects.get(step="assign").done_at is not None


def test_an_owner_named_before_stands_in_the_plan(crowd: Crowd) -> None:
    led = Led(crowd.issue)
    led.manager.post(f"/desk/hotissues/{crowd.issue}/act/take/")
    declared(crowd)
    assert EmergencyStep.objects.get(step="assign").done_at is not None


def test_the_page_sends_only_what_was_read_on_it(crowd: Crowd) -> None:
    led = Led(crowd.issue)
    declared(crowd)
    led.act("draft", by=led.senior, **OPENING)
    page = led.page("emergency/answers/")
    seen = page.split('name="seen" value="')[1].split('"')[0]
    led.act("draft", by=led.senior, zh="别的话。", en="Other words.")
    answer = led.manager.post(f"/desk/hotissues/{crowd.issue}/emergency/send/", {"seen": seen})
    assert answer.status_code == 403
    assert "changed since you read it" in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "nobody", "cause"),
    [
        ("en", "nothing on record says who", "by its likeliest cause: campaign"),
        ("zh-hans", "没有记录能说明涉及谁", "按最可能的原因：营销活动"),
    ],
)
def test_whom_it_hits_says_by_what(crowd: Crowd, language: str, nobody: str, cause: str) -> None:
    led = Led(crowd.issue, language)
    assert nobody in led.page("")
    update_cube()
    find_causes([crowd.issue], now=NOW)
    page = squeezed(led.page(""))
    assert cause in page
    # Who complained and who is silent are together who is hit.
    shown = re.findall(r'data-figure="hotissue\.(\w+)"[^>]* data-value="([^"]*)"', page)
    assert {("complained", "3"), ("affected", "5"), ("silent", "2")} <= set(shown)
    assert cause in led.manager.get("/desk/hotissues/?view=cards").content.decode()


def test_the_facts_of_a_cause_say_what_they_are_and_name_nobody(crowd: Crowd) -> None:
    update_cube()
    find_causes([crowd.issue], now=NOW)
    page = Led(crowd.issue).page("")
    facts = page.split("Its facts", 1)[1].split("</details>", 1)[0]
    assert "Service activated" in facts
    assert not any(person in facts for person in crowd.silent)
