"""Who waits for whom: *My day* of both sides, the page of the subject, the list of approvals."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from amends.causes.launches.models import Launch
from amends.causes.vetting.models import AppCheck
from amends.people.access.queries.staff import actor_of_user
from amends.work.approvals.queries.waiting import asked_by, both_sides, waiting_for, waiting_on
from amends.work.approvals.texts.waiting import ask_text
from amends.work.casework.models import FollowUp
from tests.pages.conftest import colleague, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]


def assessed(owner: str, *, name: str = "Pod Video", brand: str = "") -> Launch:
    return Launch.objects.create(
        id=f"l-{name}".replace(" ", "-"),
        name=name,
        offer=name.lower().replace(" ", "-"),
        brand=brand,
        case={},
        document={},
        verdict="pass",
        inputs_sha256="0" * 64,
        state=Launch.State.ASSESSED,
        owner=owner,
        assessed_at=timezone.now() - timedelta(days=2),
    )


def unfit_app() -> AppCheck:
    return AppCheck.objects.create(
        ref="app-1",
        file_name="player.apk",
        size=1,
        sha256="0" * 64,
        state="checked",
        package="com.pod.player",
        version="1.0",
        certificates=[],
        verdict="reject",
        rules={},
        refusal={},
        received_at=timezone.now(),
        received_by="",
        is_open=True,
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_launch_stands_in_my_day_of_both_sides_and_on_its_page(language: str) -> None:
    lead, marketer = colleague("chen.li", "manager"), colleague("m.arketer", "marketing")
    launch = assessed(marketer.ref)
    for person, heading in ((lead, "waits-for-me"), (marketer, "asked-by-me")):
        page = signed_in(person, language).get("/desk/day/").content.decode()
        section = page.split(f'id="{heading}"')[1].split("</section>")[0]
        assert "Pod Video" in section, heading
        assert f"/desk/launches/{launch.id}/" in section
    since = timezone.localtime(launch.assessed_at)
    mine = signed_in(marketer, language).get("/desk/day/").content.decode()
    assert f"Waits for {lead.get_full_name() or lead.username}" in mine or language != "en"
    if language == "en":
        assert f"since {since:%A}" in mine


def test_what_ends_stands_nowhere_any_more() -> None:
    lead, marketer = colleague("chen.li", "manager"), colleague("m.arketer", "marketing")
    launch = assessed(marketer.ref)
    now = timezone.now()
    assert [row.subject for row in waiting_for(actor_of_user(lead), now=now)] == ["Pod Video"]
    Launch.objects.filter(pk=launch.pk).update(state=Launch.State.STOPPED)
    assert waiting_for(actor_of_user(lead), now=now) == []
    assert asked_by(actor_of_user(marketer), now=now) == []


def test_one_brand_sees_only_its_own() -> None:
    plum = colleague("p.lum", "manager", brand="plum")
    assessed("", name="Of plum", brand="plum")
    assessed("", name="Of pear", brand="pear")
    rows = waiting_for(actor_of_user(plum), now=timezone.now())
    assert [row.subject for row in rows] == ["Of plum"]


def test_a_follow_up_waits_for_its_person_only_and_a_customer_is_named() -> None:
    handler, other = colleague("h.andler", "handler"), colleague("o.ther", "handler")
    now = timezone.now()
    for key, customer in (("c1", False), ("c2", True)):
        FollowUp.objects.create(
            kind="complaint",
            key=key,
            due_on=timezone.localdate(now),
            reason=f"About {key}",
            waits_for_customer=customer,
            set_by=handler.ref,
            set_at=now,
        )
    me = actor_of_user(handler)
    assert [row.subject for row in waiting_for(me, now=now)] == ["About c1"]
    assert waiting_for(actor_of_user(other), now=now) == []
    asked = asked_by(me, now=now)
    assert [(row.subject, row.addressee) for row in asked] == [("About c2", "customer")]
    on_page = waiting_on("complaint", "c2", actor_of_user(other), now=now)
    assert [row.addressee for row in on_page] == ["customer"]


def test_both_sides_are_one_statement(django_assert_max_num_queries) -> None:
    """The union, the people it names, the items of approvals; never one for each kind."""
    lead = actor_of_user(colleague("chen.li", "manager"))
    assessed(lead.ref)
    with django_assert_max_num_queries(3):
        for_me, asked = both_sides(lead, now=timezone.now())
    assert [row.subject for row in for_me] == ["Pod Video"]
    assert asked == [], "it waits for the requester too, and is listed once"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("role", "most"),
    [("handler", 13), ("marketing", 13), ("network", 14), ("partner_manager", 12), ("manager", 24)],
)
def test_my_day_has_few_statements(role: str, most: int, django_assert_max_num_queries) -> None:
    assessed("")
    client = signed_in(colleague("r.ole", role))
    client.get("/desk/day/")
    with django_assert_max_num_queries(most):
        assert client.get("/desk/day/").status_code == 200


def test_the_list_of_approvals_has_everything_that_waits_and_keys() -> None:
    lead, marketer = colleague("chen.li", "manager"), colleague("m.arketer", "marketing")
    launch = assessed(marketer.ref)
    page = signed_in(lead).get("/desk/approvals/").content.decode()
    row = page.split(f'data-row="{launch.id}"')[1].split("</tr>")[0]
    assert f'href="/desk/launches/{launch.id}/"' in row
    assert "m.arketer" in row
    mine = signed_in(marketer).get("/desk/approvals/").content.decode()
    assert "Waits for chen.li since" in mine.split('id="asked"')[1]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_subject_says_whose_turn_it_is_and_whom_to_ask(language: str) -> None:
    lead, engineer = colleague("chen.li", "manager"), colleague("e.ngineer", "network")
    reader = signed_in(colleague("r.eader", "senior_handler"), language)
    page = reader.get(f"/desk/apps/{unfit_app().ref}/").content.decode()
    since = f"{timezone.localtime():%H:}"
    waits = f"Waits for chen.li since {since}" if language == "en" else f"自{since}"
    assert waits in page
    plans = signed_in(engineer, language).get("/desk/network/notices/").content.decode()
    assert ("Ask chen.li" if language == "en" else "请联系chen.li") in plans
    own = signed_in(lead, language).get("/desk/network/notices/").content.decode()
    assert "Ask chen.li" not in own


def test_an_open_app_that_the_check_rejects_is_not_called_rejected() -> None:
    unfit_app()
    client = signed_in(colleague("p.artner", "partner_manager"))
    page = client.get("/desk/apps/").content.decode()
    cell = page.split("com.pod.player")[1].split("</td>")[0]
    assert "to decide; suggested" in cell
    assert "com.pod.player" in client.get("/desk/day/").content.decode()


def test_one_of_several_acts() -> None:
    with translation.override("en"):
        assert ask_text(["Chen Li"]) == "Ask Chen Li."
        assert ask_text(["Chen Li", "Wu Fang"]) == "Ask Chen Li or Wu Fang."
        assert ask_text(["A", "B", "C", "D", "E"]) == "Ask A, B, C or 2 more."
        assert "Settings → People" in ask_text([])
