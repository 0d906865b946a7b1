"""The inbox: order, pages, filters, search, saved views, bulk actions, and who sees what."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache, caches
from django.test import Client
from django.utils import timezone

from amends.cases.complaints.actions.approve_later import UNDO_WITHIN, approve_due
from amends.cases.complaints.models import Complaint, SavedView
from amends.cases.complaints.queries.inbox import PAGE
from amends.channels import senders
from tests.markup import squeezed
from tests.pages.conftest import Desk, colleague, complain, signed_in

pytestmark = pytest.mark.postgres_too


def many(count: int, **fields: object) -> list[str]:
    """Open complaints whose deadlines lie an hour apart, two of them at the same moment."""
    now = timezone.now()
    rows = [
        Complaint(
            channel="web",
            jurisdiction="cn",
            first_words=f"complaint number {at}",
            code="billing.wrong_charge",
            classified_by="test",
            state="investigating",
            state_since=now,
            received_at=now - timedelta(days=1),
            recorded_at=now,
            next_step="resolve",
            next_due_at=now + timedelta(hours=2 + at - at % 2),
            **fields,
        )
        for at in range(count)
    ]
    Complaint.objects.bulk_create(rows)
    ordered = sorted(rows, key=lambda row: (row.next_due_at, row.id))
    return [row.id for row in ordered]


def refs(html: str) -> list[str]:
    return re.findall(r'<tr data-row="([0-9a-f]+)"', html)


@pytest.fixture
def handler(db: None) -> Client:
    return signed_in(colleague("qiao.lin", "handler"))


def test_pages_follow_the_deadline_and_neither_skip_nor_repeat(handler: Client) -> None:
    expected = many(2 * PAGE + 7)
    seen: list[str] = []
    address, pages = "/desk/", []
    while address:
        html = handler.get(address).content.decode()
        pages.append(refs(html))
        seen += pages[-1]
        following = re.search(r'rel="next" href="(\?[^"]+)"', html)
        address = f"/desk/{following[1].replace('&amp;', '&')}" if following else ""
        last = html
    assert seen == expected
    back = re.search(r'rel="prev" href="(\?[^"]+)"', last)
    assert back is not None
    html = handler.get(f"/desk/{back[1].replace('&amp;', '&')}").content.decode()
    assert refs(html) == pages[-2]


def test_the_number_of_queries_does_not_grow(
    handler: Client, django_assert_max_num_queries
) -> None:
    # Names of areas are kept for a minute; which of the two views asks for them is not the matter.
    many(2)
    cache.clear()
    caches["process"].clear()
    with django_assert_max_num_queries(12) as few:
        handler.get("/desk/")
    many(3 * PAGE)
    cache.clear()
    caches["process"].clear()
    with django_assert_max_num_queries(12) as lots:
        handler.get("/desk/")
    assert len(lots) == len(few)


def test_a_filter_stands_in_the_address_and_can_be_taken_away(handler: Client) -> None:
    many(3)
    many(2, province="11")
    Complaint.objects.filter(province="11").update(channel="mail")
    html = handler.get("/desk/?channel=mail").content.decode()
    assert len(refs(html)) == 2
    assert "Channel: Email" in html
    chip = re.search(r'<a class="chip on" href="([^"]*)"', html)
    assert chip is not None
    assert len(refs(handler.get(f"/desk/{chip[1]}").content.decode())) == 5


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_gave_no_contact_is_shown_by_the_end_of_their_pseudonym(
    desk: Desk, language: str
) -> None:
    pseudonym = Complaint.objects.get(id=desk.complaint).subscriber
    Complaint.objects.filter(id=desk.complaint).update(person_shown="")
    client = signed_in(desk.handler, language)
    told = {"en": "pseudonym", "zh-hans": "仅有假名"}[language]
    html = client.get("/desk/").content.decode()
    shown = re.search(r'<td class="who" title="([^"]+)">([^<]+)<', squeezed(html))
    assert shown is not None
    assert told in shown[1]
    assert shown[2] == f"sub-…{pseudonym[-6:]}"
    assert pseudonym not in html
    Complaint.objects.filter(id=desk.complaint).update(person="")
    assert '<td class="who">—' in squeezed(client.get("/desk/").content.decode()), "forgotten"


def test_tabs_count_what_they_show(handler: Client) -> None:
    many(4)
    Complaint.objects.filter(first_words="complaint number 0").update(
        next_due_at=timezone.now() - timedelta(hours=2)
    )
    html = handler.get("/desk/?view=late").content.decode()
    assert len(refs(html)) == 1
    assert re.search(r'view=late"[^>]*>Overdue<span class="count late">1<', squeezed(html))


def test_what_is_seldom_looked_into_stands_in_a_menu_that_bears_its_name(handler: Client) -> None:
    tabs, menu = tabs_and_menu(handler.get("/desk/").content.decode())
    assert {"open", "late", "wrote", "closed"} < set(tabs)
    assert menu == ["escalated", "enquiries", "waiting"]
    html = handler.get("/desk/?view=escalated").content.decode()
    assert tabs_and_menu(html) == (tabs, menu), "nothing moves"
    assert re.search(r'<summary class="chip on"><span[^>]*>More:</span>Escalated', squeezed(html))
    assert 'href="?view=escalated" aria-current="page"' in html


def test_what_has_no_clock_is_counted_and_is_the_days_work_where_nothing_has_one(
    handler: Client,
) -> None:
    many(3)
    Complaint.objects.filter(first_words="complaint number 0").update(next_due_at=None)
    html = handler.get("/desk/").content.decode()
    assert "waiting" in tabs_and_menu(html)[1]
    assert re.search(
        r'view=waiting"[^>]*>No deadline running<span class="count">1<', squeezed(html)
    )
    Complaint.objects.update(next_due_at=None)
    html = handler.get("/desk/").content.decode()
    assert "waiting" in tabs_and_menu(html)[0]
    assert re.search(
        r'view=waiting"[^>]*>No deadline running<span class="count">3<', squeezed(html)
    )


def tabs_and_menu(html: str) -> tuple[list[str], list[str]]:
    row = re.search(r'class="tab-row".*?</nav>', html, re.S)
    assert row is not None
    tabs, menu = row[0].split("<details")
    return tuple(re.findall(r"view=(\w+)", part) for part in (tabs, menu))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/desk/", "No complaint waits"),
        ("/desk/?view=late", "Nothing is overdue"),
        ("/desk/?view=mine", "Nothing is assigned to you"),
        ("/desk/?view=today", "Nothing falls due in 24 hours"),
        ("/desk/?view=person", "No complaint needs a person to decide"),
        ("/desk/?view=approve", "Nothing is waiting for approval"),
        ("/desk/?view=escalated", "Nothing was escalated"),
        ("/desk/?view=unreached", "No reply is known to be undelivered"),
        ("/desk/?view=enquiries", "No enquiry is waiting for an answer"),
        ("/desk/?view=waiting", "Every open complaint has a running deadline"),
        ("/desk/?view=closed", "Nothing is closed yet"),
        ("/desk/?channel=mail", "Nothing matches these filters"),
        ("/desk/?words=zebra", "Nothing found for this text"),
    ],
)
def test_every_emptiness_says_why_and_what_to_do(handler: Client, address: str, said: str) -> None:
    html = handler.get(address).content.decode()
    assert said in html
    assert re.search(r'class="empty".*?<a class="button"', html, re.S)


def test_a_number_or_a_mailbox_that_is_searched_for_stands_in_no_address(desk: Desk) -> None:
    for words in ("13900001234", "ann@example.org"):
        sent = desk.client.post("/desk/search/", {"words": words})
        assert words not in sent["Location"]
        page = desk.client.get(sent["Location"]).content.decode()
        assert f'value="{words}"' in page
        assert not re.search(f'(href|action)="[^"]*{words}', page)
    again = desk.client.post("/desk/search/", {"words": "13900001234"})
    assert again["Location"] == "/desk/?search=1"
    plain = desk.client.post("/desk/search/", {"words": "彩铃"})
    assert plain["Location"].startswith("/desk/?words=")
    assert 'value=""' in desk.client.get("/desk/?search=99").content.decode()
    stranger = signed_in(colleague("other.one"), "en")
    assert "13900001234" not in stranger.get("/desk/?search=1").content.decode()


@pytest.mark.parametrize(
    ("language", "said"), [("en", "without a deadline: 1."), ("zh-hans", "不计时的投诉：1 件")]
)
def test_what_has_no_clock_is_not_said_to_wait_for_nothing(
    desk: Desk, language: str, said: str
) -> None:
    """Union-wide no days are set for a line without signal; the complaint is open all the same."""
    Complaint.objects.filter(id=desk.complaint).update(next_due_at=None, next_step="")
    desk.client.cookies["amends_language"] = language
    html = desk.client.get("/desk/").content.decode()
    assert said in html
    assert 'href="?view=waiting"' in html
    assert "No complaint waits" not in html


def test_search_finds_code_number_and_words(desk: Desk) -> None:
    row = Complaint.objects.get(id=desk.complaint)
    for words in (row.code_public, row.code_public.lower(), "13900001234", "彩铃"):
        html = desk.client.get("/desk/", {"words": words}).content.decode()
        assert refs(html) == [desk.complaint], words


def test_a_broken_page_mark_is_refused_with_a_way_out(handler: Client) -> None:
    for mark in ("x", "1.2.3.4", "99999999999999999999999.a"):
        response = handler.get("/desk/", {"after": mark})
        assert response.status_code == 400
        assert "Start at the first page" in response.content.decode()


def test_nobody_sees_another_brand(desk: Desk) -> None:
    Complaint.objects.update(brand="plum")
    stranger = signed_in(colleague("wang.mo", "handler", brand="peach"))
    assert refs(stranger.get("/desk/").content.decode()) == []
    assert stranger.get(f"/desk/c/{desk.complaint}/").status_code == 404
    picked = {"verb": "take", "confirmed": "yes", "picked": desk.complaint}
    stranger.post("/desk/bulk/", picked)
    assert Complaint.objects.get(id=desk.complaint).handler == ""


def test_without_a_role_there_is_no_inbox_and_without_sign_in_a_door(desk: Desk) -> None:
    officer = signed_in(colleague("he.yan", "privacy_officer"))
    assert officer.get("/desk/").headers["Location"] == "/desk/day/"
    answer = Client().get("/desk/")
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


def test_a_view_is_kept_under_its_name_and_forgotten_again(handler: Client) -> None:
    handler.post("/desk/views/save/", {"name": "Mail", "address": "channel=mail&after=9.x"})
    html = handler.get("/desk/?channel=mail").content.decode()
    assert re.search(r'href="\?channel=mail" aria-current="page"', html)
    handler.post("/desk/views/forget/", {"name": "Mail"})
    assert ">Mail</a>" not in handler.get("/desk/").content.decode()


def test_a_view_follows_its_user_to_another_device_and_nobody_else(handler: Client) -> None:
    handler.post("/desk/views/save/", {"name": "Mail", "address": "channel=mail"})
    elsewhere = Client()
    elsewhere.force_login(get_user_model().objects.get(pk=handler.session["_auth_user_id"]))
    assert ">Mail</a>" in elsewhere.get("/desk/").content.decode()
    other = signed_in(colleague("mei.zhou", "handler"))
    assert ">Mail</a>" not in other.get("/desk/").content.decode()
    other.post("/desk/views/forget/", {"name": "Mail"})
    assert ">Mail</a>" in handler.get("/desk/").content.decode()


def test_views_are_few_and_hold_no_number(handler: Client) -> None:
    for number in range(10):
        handler.post(
            "/desk/views/save/", {"name": f"v{number} 13900001234", "address": "words=13900001234"}
        )
    kept = SavedView.objects.all()
    assert kept.count() == 8
    assert not any("13900001234" in one.title + one.query for one in kept)


@pytest.mark.parametrize(
    ("language", "tab", "empty"),
    [
        ("en", "Wrote again", "No messages since the answer"),
        ("zh-hans", "又来信", "答复之后没有人又来信"),
    ],
)
def test_what_users_added_has_a_tab_of_its_own(
    desk: Desk, language: str, tab: str, empty: str
) -> None:
    desk.client.cookies["amends_language"] = language
    html = desk.client.get("/desk/", {"view": "wrote"}).content.decode()
    assert tab in html
    assert empty in html
    Complaint.objects.filter(id=desk.complaint).update(state="proposed")
    complain(key="k2", answers=desk.complaint, text="同意，但是要快一点")
    html = desk.client.get("/desk/", {"view": "wrote"}).content.decode()
    assert refs(html) == [desk.complaint]


def test_bulk_shows_what_will_happen_and_then_does_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    undecided = complain(key="k2", text="宽带断了三天没人修", phone="", identity="")
    picked = {"verb": "approve", "picked": [desk.complaint, undecided]}
    html = desk.client.post("/desk/bulk/", picked).content.decode()
    assert "1 proposal is approved" in html
    assert "¥30.00" in html
    assert "there is no proposal to approve" in html
    assert Complaint.objects.get(id=desk.complaint).state == "investigating"
    answer = desk.client.post("/desk/bulk/", picked | {"confirmed": "yes"}, follow=True)
    assert "approved: the reply is held, no channel is switched on" in answer.content.decode()
    monkeypatch.setitem(senders.SWITCHES, "mail", senders.Switch(lambda: True, None))
    assert "approved: the reply is sent at" in desk.client.get("/desk/").content.decode()
    assert Complaint.objects.get(id=desk.complaint).state == "investigating"
    approve_due(now=timezone.now() + UNDO_WITHIN)
    assert Complaint.objects.get(id=desk.complaint).state == "implementing"
    assert Complaint.objects.get(id=undecided).state == "received"


def test_taking_over_puts_complaints_into_my_hands(desk: Desk) -> None:
    desk.client.post("/desk/bulk/", {"verb": "take", "picked": desk.complaint, "confirmed": "y"})
    assert refs(desk.client.get("/desk/?view=mine").content.decode()) == [desk.complaint]
    desk.client.post(f"/desk/c/{desk.complaint}/take/")
    assert refs(desk.client.get("/desk/?view=mine").content.decode()) == []


def test_a_lead_assigns_picked_complaints_and_approves_none(desk: Desk) -> None:
    other = complain(key="k2", text="宽带断了三天没人修", phone="", identity="")
    manager = signed_in(colleague("wu.di", "manager"))
    page = manager.get("/desk/").content.decode()
    assert 'value="assign"' in page
    assert 'value="approve"' not in page
    assert 'value="take"' not in page
    picked = {"verb": "assign", "picked": [desk.complaint, other]}
    preview = manager.post("/desk/bulk/", picked).content.decode()
    assert "2 complaints will be assigned to whom you choose" in preview
    assert not Complaint.objects.exclude(handler="").exists()
    # Nobody was chosen: the preview says so and nothing changes.
    unchosen = manager.post("/desk/bulk/", picked | {"confirmed": "yes"}).content.decode()
    assert "This field is required." in unchosen
    chosen = picked | {"confirmed": "yes", "to": desk.handler.ref, "reason": "absent colleague"}
    manager.post("/desk/bulk/", chosen)
    assert set(Complaint.objects.values_list("handler", flat=True)) == {desk.handler.ref}
    assert manager.post("/desk/bulk/", picked | {"verb": "approve"}).status_code == 403


def test_a_lead_reassigns_from_the_page_of_a_complaint(desk: Desk) -> None:
    manager = signed_in(colleague("wu.di", "manager"))
    page = manager.get(f"/desk/c/{desk.complaint}/").content.decode()
    assert 'data-dialog="assign"' in page
    assert "Take over" not in page
    manager.post(f"/desk/c/{desk.complaint}/assign/", {"to": desk.handler.ref, "reason": ""})
    assert Complaint.objects.get(id=desk.complaint).handler == desk.handler.ref
    engineer = signed_in(colleague("li.na", "network"))
    answer = engineer.post(f"/desk/c/{desk.complaint}/assign/", {"to": "queue", "reason": ""})
    assert answer.status_code == 403
    assert Complaint.objects.get(id=desk.complaint).handler == desk.handler.ref


def test_a_picked_nothing_is_refused_with_what_to_do(handler: Client) -> None:
    response = handler.post("/desk/bulk/", {"verb": "take"})
    assert response.status_code == 400
    assert "Pick complaints with the boxes" in response.content.decode()


def test_a_hot_issue_narrows_the_inbox(handler: Client) -> None:
    of_three, of_four, _ = many(2, hot_issue=3), many(1, hot_issue=4), many(2)
    assert refs(handler.get("/desk/?issue=3").content.decode()) == of_three
    assert len(refs(handler.get("/desk/?issue=any").content.decode())) == 3
    page = handler.get("/desk/").content.decode()
    assert "issue=any" in page
    assert "issue=4" in page
    chip = handler.get("/desk/?issue=4").content.decode()
    assert refs(chip) == of_four
    assert "Hot issue" in chip
    assert "issue 4" in chip
    chinese = signed_in(colleague("wen", "handler"), "zh-hans")
    assert "第4号热点问题" in chinese.get("/desk/?issue=4").content.decode()


def test_a_hot_issue_that_is_no_number_is_refused(handler: Client) -> None:
    answer = handler.get("/desk/?issue=three")
    assert answer.status_code == 400
    assert "A hot issue has a number." in answer.content.decode()


def test_what_was_escalated_has_its_tab_its_mark_and_its_tile(handler: Client) -> None:
    (ref,) = many(1, escalated_to="manager")
    Complaint.objects.filter(id=ref).update(next_due_at=timezone.now() - timedelta(hours=30))
    many(3)
    html = handler.get("/desk/?view=escalated").content.decode()
    assert refs(html) == [ref]
    assert "Escalated" in html
    assert ">escalated<" in re.sub(r"<svg.*?</svg>", "", html, flags=re.S).replace(" <", "<")
    day = handler.get("/desk/day/").content.decode()
    assert "?view=escalated" in day
    assert "escalated: Service-quality manager" in handler.get(f"/desk/c/{ref}/").content.decode()
    handler.cookies["amends_language"] = "zh-hans"
    assert "已上报：服务质量经理" in handler.get(f"/desk/c/{ref}/").content.decode()
    Complaint.objects.filter(id=ref).update(escalated_to="")
    assert "?view=escalated" not in handler.get("/desk/day/").content.decode()


def test_a_fresh_installation_asks_whose_rules_hold(handler: Client, settings: Any) -> None:
    asked = "Which country's rules apply here?"
    assert asked not in handler.get("/desk/").content.decode()
    settings.JURISDICTION_CHOSEN = False
    assert asked in handler.get("/desk/").content.decode()
