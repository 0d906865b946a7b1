"""Following a complaint: plain steps for the code, everything else for who shows who they are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from amends.cases.complaints.actions.attach import NewFile, attach
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.jobs.identity_codes import send_codes
from amends.cases.complaints.models import Challenge, Complaint, Contact, Event
from amends.entrances.portals.actions.drafts import DraftText
from amends.entrances.portals.models import Draft
from amends.entrances.portals.public.send import submission
from amends.people.access.web.limits import WRONG_CODES
from amends.people.subscribers.models import Subscriber
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_about
from amends.work.remedies.models import Remedy
from tests.actions.complaints.conftest import NOW, PHONE, World, world
from tests.pages.portals.conftest import HANDLER, INSIDE, SECRET, code_sent_for, propose

__all__ = ["world"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor_(client: Client) -> Client:
    """Somebody with a browser that speaks English."""
    client.cookies["amends_language"] = "en"
    return client


def complain(**fields: object) -> Complaint:
    said = Submission(
        channel="web",
        key="k1",
        text="每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！",
        received_at=NOW,
        phone=PHONE,
        language="en",
    )
    receipt = receive(replace(said, **fields), now=NOW)  # type: ignore[arg-type]
    return Complaint.objects.get(id=receipt.complaint)


def at(complaint: Complaint, page: str = "") -> str:
    return f"/follow/{complaint.code_public}/{page}"


def show_identity(browser: Client, complaint: Complaint) -> None:
    """Ask for the code, read it, type it in."""
    browser.post(at(complaint, "identity/"), {"ask": "1"})
    done = browser.post(
        at(complaint, "identity/"), {"digits": code_sent_for(complaint.code_public)}
    )
    assert done["Location"] == at(complaint)


def text_of(response) -> str:
    return response.content.decode()


# ---------------------------------------------------------------- the code


def test_a_code_typed_by_hand_leads_to_the_complaint(visitor_: Client, world: World) -> None:
    complaint = complain()
    typed = complaint.code_public.lower().replace("-", " ")
    assert visitor_.post("/follow/", {"code": typed})["Location"] == at(complaint)
    page = text_of(visitor_.get(at(complaint)))
    assert "We have your complaint and are confirming it." in page
    assert "You get our answer" in page


def test_every_unknown_code_gets_the_same_page(visitor_: Client) -> None:
    shapes = set()
    for code in ("ABCD-EFGH-JKMN", "nonsense", "x" * 60, "ABCD"):
        response = visitor_.get(f"/follow/{code}/")
        page = re.sub(r'value="[^"]*"|csrfmiddlewaretoken.*?>', "", text_of(response))
        shapes.add((response.status_code, page.replace(code, "")))
    assert len(shapes) == 1
    assert next(iter(shapes))[0] == 404
    assert "We have no complaint under this code." in next(iter(shapes))[1]


def test_after_many_wrong_codes_even_a_right_one_waits(visitor_: Client, world: World) -> None:
    complaint = complain()
    for n in range(WRONG_CODES.times):
        visitor_.get(f"/follow/AAAA-AAAA-{n:04d}/")
    page = visitor_.get(at(complaint))
    assert page.status_code == 404
    assert "Too many codes from your connection" in text_of(page)
    assert visitor_.get(at(complaint), REMOTE_ADDR="198.51.100.7").status_code == 200


# ---------------------------------------------------------------- before identity is shown


def test_with_the_code_alone_nothing_personal_is_shown(visitor_: Client, world: World) -> None:
    complaint = complain()
    propose(complaint)
    page = text_of(visitor_.get(at(complaint)))
    assert "We have proposed a solution" in page
    for secret in ("彩铃", "20.00", SECRET, "139", "Withdraw"):
        assert secret not in page
    assert "Show that it is you" in page


@pytest.mark.parametrize(
    "page", ["proposal/", "solved/", "withdraw/", "reopen/", "looks/", "letters/x/", "files/x/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_needs_identity_leads_to_showing_it(
    visitor_: Client, world: World, page: str, method: str
) -> None:
    complaint = complain()
    propose(complaint)
    response = getattr(visitor_, method)(at(complaint, page), {"answer": "accept"})
    assert response["Location"] == at(complaint, "identity/")
    complaint.refresh_from_db()
    assert complaint.state == "proposed"


def test_that_it_was_verified_elsewhere_opens_nothing_here(visitor_: Client, world: World) -> None:
    complaint = complain(channel="app", identity="operator_login")
    propose(complaint)
    assert complaint.identity == "verified"
    assert SECRET not in text_of(visitor_.get(at(complaint)))


# ---------------------------------------------------------------- showing who one is


def test_the_code_goes_to_the_contact_on_record_and_opens_the_page(
    visitor_: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.entrances.portals.public.identity.codes_can_leave", lambda: True)
    complaint = complain()
    asked = visitor_.post(at(complaint, "identity/"), {"ask": "1"})
    assert "Enter the six digits of our newest message." in text_of(asked)
    assert PHONE not in text_of(asked)
    old_session = visitor_.cookies.get("sessionid")
    show_identity(visitor_, complaint)
    assert visitor_.cookies["sessionid"] != old_session
    complaint.refresh_from_db()
    assert (complaint.identity, complaint.identity_by) == ("verified", "challenge")


def test_where_no_message_can_be_sent_none_is_promised(visitor_: Client, world: World) -> None:
    asked = text_of(visitor_.post(at(complain(), "identity/"), {"ask": "1"}))
    assert "We cannot send codes at present" in asked
    assert "our newest message" not in asked


def test_nothing_about_the_person_is_in_the_session(visitor_: Client, world: World) -> None:
    complaint = complain(name="林小满", email="lin@example.org")
    show_identity(visitor_, complaint)
    assert set(visitor_.session["shown"]) == {complaint.id}
    stored = repr(dict(visitor_.session.items()))
    assert PHONE not in stored
    assert "lin@" not in stored


def test_what_one_browser_has_shown_opens_nothing_in_another(
    visitor_: Client, world: World
) -> None:
    complaint = complain()
    propose(complaint)
    show_identity(visitor_, complaint)
    assert SECRET in text_of(visitor_.get(at(complaint)))
    assert SECRET not in text_of(Client().get(at(complaint)))
    other = complain(key="k2", text="宽带断了三天", phone="13900007777")
    assert "Show that it is you" in text_of(visitor_.get(at(other)))


def test_it_ends_after_an_hour_and_on_leaving(visitor_: Client, world: World, monkeypatch) -> None:
    complaint = complain()
    propose(complaint)
    show_identity(visitor_, complaint)
    later = timezone.now() + timedelta(hours=1, minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr("amends.entrances.portals.public.follow.timezone.now", lambda: later)
        assert SECRET not in text_of(visitor_.get(at(complaint)))
    assert SECRET in text_of(visitor_.get(at(complaint)))
    visitor_.post(at(complaint, "leave/"))
    assert SECRET not in text_of(visitor_.get(at(complaint)))


def test_wrong_digits_run_out_and_say_the_same_as_no_challenge(
    visitor_: Client, world: World
) -> None:
    complaint = complain()
    before = text_of(visitor_.post(at(complaint, "identity/"), {"digits": "123456"}))
    visitor_.post(at(complaint, "identity/"), {"ask": "1"})
    right = code_sent_for(complaint.code_public)
    wrong = "000000" if right != "000000" else "111111"
    pages = [
        text_of(visitor_.post(at(complaint, "identity/"), {"digits": wrong})) for _ in range(5)
    ]
    tidy = [re.sub(r'value="[^"]*"', "", page) for page in (before, *pages)]
    assert len(set(tidy)) == 1
    assert "This is not the code we sent" in before
    spent = visitor_.post(at(complaint, "identity/"), {"digits": right})
    assert "This is not the code we sent" in text_of(spent)
    complaint.refresh_from_db()
    assert complaint.identity != "verified"


@pytest.mark.parametrize(
    "given", [{}, {"phone": "13700004444"}, {"email": "me@example.org"}], ids=["", "sms", "mail"]
)
def test_known_and_unknown_numbers_have_one_page_before_identity_is_shown(
    visitor_: Client, world: World, given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The province decides the deadline, the regulator and the letters: none of it is told yet."""
    monkeypatch.setattr("amends.entrances.portals.public.identity.codes_can_leave", lambda: True)
    Subscriber.objects.update(province="41")
    seen, letters = [], []
    for about in (PHONE, "13711112222"):
        browser = Client(headers={"Accept-Language": "en"})
        words = DraftText(text="宽带晚上特别慢，视频转圈。", about=about, **given)
        draft = Draft.objects.create(made_at=NOW)
        said = submission(draft, words)
        complaint = Complaint.objects.get(id=receive(said, now=NOW).complaint)
        assert bool(complaint.subscriber) == (about == PHONE)
        pipeline.process(now=NOW)
        pages = [browser.get(at(complaint)), browser.get(at(complaint, "identity/"))]
        pages.append(browser.post(at(complaint, "identity/"), {"ask": "1"}))
        pages.append(browser.post(at(complaint, "identity/"), {"digits": "000000"}))
        told = "\n".join(text_of(page) for page in pages).replace(complaint.code_public, "CODE")
        seen.append(re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", told))
        sent = [one.subject + one.body for one in complaint.replies.order_by("drafted_at", "id")]
        letters.append([one.replace(complaint.code_public, "CODE") for one in sent])
    assert seen[0] == seen[1]
    assert letters[0] == letters[1]
    assert "Show that it is you" in seen[0]
    assert "Henan" not in seen[0]


def test_at_most_five_codes_a_day_to_who_asks_from_one_connection(
    visitor_: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.entrances.portals.public.identity.codes_can_leave", lambda: True)
    complaint = complain()
    for n in range(7):
        page = visitor_.post(at(complaint, "identity/"), {"ask": "1"}, REMOTE_ADDR=f"2001:db8::{n}")
    send_codes(now=timezone.now())
    assert "five codes went there today" in text_of(page)
    assert Challenge.objects.count() == 5
    answer = {"digits": code_sent_for(complaint.code_public)}
    assert visitor_.post(at(complaint, "identity/"), answer).status_code == 302


def test_a_complaint_of_nobody_we_know_opens_by_the_address_given(
    visitor_: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.channels.templatetags.held.codes_can_leave", lambda: True)
    complaint = complain(phone="", email="wang@example.org", text="宽带晚上特别慢，视频转圈。")
    pipeline.acknowledge_waiting(now=NOW)
    page = text_of(visitor_.get(at(complaint)))
    assert "to the one given with the complaint" in page
    assert "宽带晚上特别慢" not in page
    show_identity(visitor_, complaint)
    opened = text_of(visitor_.get(at(complaint)))
    assert "宽带晚上特别慢" in opened
    assert "Our letters" in opened
    assert "See who looked at your data" not in opened
    complaint.refresh_from_db()
    assert complaint.identity == "unverified"
    assert visitor_.get(at(complaint, "looks/")).status_code == 404


def test_an_address_that_was_only_given_opens_nothing_once_the_subscriber_is_known(
    visitor_: Client, world: World
) -> None:
    complaint = complain(phone="", email="stranger@example.org")
    show_identity(visitor_, complaint)
    assert "What you told us" in text_of(visitor_.get(at(complaint)))
    Complaint.objects.update(subscriber=world.person)
    assert "What you told us" not in text_of(visitor_.get(at(complaint)))
    visitor_.post(at(complaint, "identity/"), {"ask": "1"})
    send_codes(now=timezone.now())
    assert [one.to_given for one in Challenge.objects.order_by("asked_at")] == [True, False]


def test_an_address_nothing_is_sent_to_keeps_the_page_closed(visitor_: Client) -> None:
    complaint = complain(phone="", email="robot@example.org", text="宽带很慢", silent=True)
    page = text_of(visitor_.get(at(complaint)))
    assert "Our letters" not in page
    visitor_.post(at(complaint, "identity/"), {"ask": "1"})
    send_codes(now=timezone.now())
    assert [one.sent_on for one in Challenge.objects.all()] == ["none"]


def test_who_left_no_address_reads_the_letters_by_the_code(visitor_: Client) -> None:
    complaint = complain(phone="", text="营业厅不给我打印账单。")
    pipeline.acknowledge_waiting(now=NOW)
    page = text_of(visitor_.get(at(complaint)))
    assert "Our letters" in page
    assert complaint.code_public in page
    assert "Show that it is you" not in page


# ---------------------------------------------------------------- what was found, and answering


def test_a_decision_nobody_has_told_yet_is_not_shown(visitor_: Client, world: World) -> None:
    complaint = complain()
    pipeline.acknowledge_waiting(now=NOW)
    show_identity(visitor_, complaint)
    complaint.refresh_from_db()
    investigate_many([complaint.id], actor=pipeline.DESK, now=NOW)
    overrule(
        complaint.id,
        verdict="partly_upheld",
        amount_minor=2000,
        currency="CNY",
        reason=SECRET,
        customer_text=SECRET,
        actor=HANDLER,
        now=NOW,
    )
    page = text_of(visitor_.get(at(complaint)))
    assert "We are still looking." in page
    assert SECRET not in page
    assert "20.00" not in page


def test_the_proposal_is_read_and_accepted(visitor_: Client, world: World) -> None:
    complaint = complain()
    propose(complaint)
    show_identity(visitor_, complaint)
    page = text_of(visitor_.get(at(complaint)))
    assert "¥20.00" in page
    assert SECRET in page
    assert INSIDE not in page, "a reason for colleagues stays at the desk"
    assert "Read our proposal and answer" in page
    assert "Do you agree with our proposal?" in text_of(visitor_.get(at(complaint, "proposal/")))
    missing = text_of(visitor_.post(at(complaint, "proposal/"), {}))
    assert "Choose yes or no." in missing
    done = visitor_.post(at(complaint, "proposal/"), {"answer": "accept"}, follow=True)
    assert "You agreed." in text_of(done)
    complaint.refresh_from_db()
    assert complaint.state == "implementing"
    event = Event.objects.get(verb="accept")
    assert event.actor == world.person
    assert "if you agree" in page
    assert "approved, on its way to billing" in text_of(done)
    # Before, the step “Done” bore the mark of one that goes on.
    assert "Being carried out" in text_of(done)
    assert "Done" not in text_of(done)


def test_answered_twice_is_answered_once(visitor_: Client, world: World) -> None:
    complaint = complain()
    propose(complaint)
    show_identity(visitor_, complaint)
    visitor_.post(at(complaint, "proposal/"), {"answer": "refuse", "words": "还差一个月"})
    again = visitor_.post(at(complaint, "proposal/"), {"answer": "accept"})
    assert again["Location"] == at(complaint)
    complaint.refresh_from_db()
    assert complaint.state == "refused_by_user"
    assert set(Remedy.objects.values_list("state", flat=True)) == {"rejected"}


def test_withdrawn_after_its_consequence_is_read_and_reopened(
    visitor_: Client, world: World
) -> None:
    complaint = complain()
    show_identity(visitor_, complaint)
    asked = text_of(visitor_.get(at(complaint, "withdraw/")))
    assert "nothing is paid or repaired" in asked
    complaint.refresh_from_db()
    assert complaint.state == "received"
    visitor_.post(at(complaint, "withdraw/"))
    complaint.refresh_from_db()
    assert complaint.state == "withdrawn"
    page = text_of(visitor_.get(at(complaint)))
    assert "Add something to your complaint" not in page
    visitor_.post(at(complaint, "reopen/"), {"words": "又扣了一次"})
    complaint.refresh_from_db()
    assert (complaint.state, complaint.reopened_count) == ("reopened", 1)


@pytest.mark.parametrize(
    ("answer", "state"),
    [("solved", "confirmed"), ("partly", "resolved"), ("not_solved", "reopened")],
)
def test_weeks_later_it_is_said_whether_it_is_solved(
    visitor_: Client, world: World, answer: str, state: str
) -> None:
    complaint = complain()
    show_identity(visitor_, complaint)
    Complaint.objects.update(state="resolved", is_open=False, resolved_at=NOW)
    assert "Is it really solved?" in text_of(visitor_.get(at(complaint)))
    said = {"answer": answer, "words": "谢谢", "satisfaction": "9"}
    refused = visitor_.post(at(complaint, "solved/"), said)
    assert refused.status_code == 200, "only 1 to 5 can be said"
    visitor_.post(at(complaint, "solved/"), said | {"satisfaction": "4"})
    complaint.refresh_from_db()
    assert complaint.state == state
    assert complaint.outcomes.get().satisfaction == 4
    said = [fact for fact in facts_about(world.person) if fact.kind == "OutcomeAnswered"]
    assert said[0].payload["answer"] == answer


@pytest.mark.parametrize("page", ["proposal/", "solved/", "reopen/"])
def test_what_is_not_possible_now_is_not_offered(visitor_: Client, world: World, page: str) -> None:
    complaint = complain()
    show_identity(visitor_, complaint)
    assert visitor_.get(at(complaint, page))["Location"] == at(complaint)
    assert visitor_.post(at(complaint, page), {"answer": "accept"})["Location"] == at(complaint)
    complaint.refresh_from_db()
    assert complaint.state == "received"


def test_words_added_by_code_join_the_complaint_once(visitor_: Client, world: World) -> None:
    complaint = complain()
    form = text_of(visitor_.get(at(complaint, "more/")))
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert key is not None
    for _ in range(2):
        added = visitor_.post(at(complaint, "more/"), {"text": "补充：是九月开始的", "key": key[1]})
        assert added["Location"] == at(complaint)
    complaint.refresh_from_db()
    assert complaint.contacts_count == 2
    joined = Contact.objects.get(text="补充：是九月开始的")
    assert (joined.complaint_id, joined.joined_because) == (complaint.id, "thread")
    assert complaint.identity == "unverified"


def test_words_changed_after_going_back_are_not_lost(visitor_: Client, world: World) -> None:
    complaint = complain()
    sent = {"text": "补充：是九月开始的", "key": "k1"}
    visitor_.post(at(complaint, "more/"), sent)
    asked = visitor_.post(at(complaint, "more/"), sent | {"text": "还扣了我的流量费"})
    assert "What you sent from this page before is saved." in text_of(asked)
    key = re.search(r'name="key" value="([^"]+)"', text_of(asked))
    assert key is not None
    visitor_.post(at(complaint, "more/"), {"text": "还扣了我的流量费", "key": key[1]})
    assert Contact.objects.filter(complaint=complaint).count() == 3


# ---------------------------------------------------------------- letters, files, looks


def test_letters_are_read_and_printed_by_the_person_only(visitor_: Client, world: World) -> None:
    complaint = complain()
    propose(complaint)
    show_identity(visitor_, complaint)
    page = text_of(visitor_.get(at(complaint)))
    letters = re.findall(rf'href="({re.escape(at(complaint))}letters/[0-9a-f]+/)"', page)
    assert len(letters) == 2
    printed = visitor_.get(letters[0])
    assert SECRET in text_of(printed)
    assert "no-store" in printed["Cache-Control"]
    assert Client().get(letters[0])["Location"] == at(complaint, "identity/")
    other = complain(key="k2", text="宽带断了三天", phone="13900007777")
    show_identity_not_needed = letters[0].replace(complaint.code_public, other.code_public)
    assert visitor_.get(show_identity_not_needed).status_code == 302


def test_a_file_is_saved_never_shown(visitor_: Client, world: World) -> None:
    complaint = complain()
    contact = Contact.objects.get()
    (file,) = attach(contact.id, [NewFile("账单 “九月”.txt", b"<b>plain</b> words")], now=NOW)
    show_identity(visitor_, complaint)
    response = visitor_.get(at(complaint, f"files/{file}/"))
    assert response.content == b"<b>plain</b> words"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert "sandbox" in response["Content-Security-Policy"]
    assert Event.objects.get(verb="file_opened").actor == world.person
    assert visitor_.get(at(complaint, "files/nothing/")).status_code == 404


def test_a_file_of_another_complaint_does_not_open(visitor_: Client, world: World) -> None:
    other = complain(key="k2", text="宽带断了三天", phone="13900007777")
    (file,) = attach(Contact.objects.get(complaint=other).id, [NewFile("a.txt", b"hers")], now=NOW)
    complaint = complain()
    show_identity(visitor_, complaint)
    assert visitor_.get(at(complaint, f"files/{file}/")).status_code == 404


def test_the_subscriber_reads_who_looked(visitor_: Client, world: World) -> None:
    complaint = complain()
    from django.db import transaction

    with transaction.atomic():
        append(
            [
                Fact(
                    "DataAccessed",
                    world.person,
                    "",
                    NOW,
                    "access",
                    {
                        "user": "usr-9",
                        "role": "handler",
                        "case": "",
                        "purpose": "complaint",
                        "fields": "ChargeMade,ServiceOrdered",
                        "unmasked": 0,
                    },
                )
            ],
            now=NOW,
        )
    show_identity(visitor_, complaint)
    page = text_of(visitor_.get(at(complaint, "looks/")))
    assert "Complaint handler" in page
    assert "charges, services" in page
    assert "without a case" in page
    assert "usr-9" not in page


# ---------------------------------------------------------------- headers and languages


@pytest.mark.parametrize("page", ["", "identity/", "more/"])
def test_pages_of_a_complaint_are_kept_by_nobody(visitor_: Client, world: World, page: str) -> None:
    response = visitor_.get(at(complain(), page))
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert "unsafe" not in response["Content-Security-Policy"]
    html = text_of(response)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", html)


def test_late_is_said_with_who_else_there_is(visitor_: Client, world: World, monkeypatch) -> None:
    complaint = complain()
    assert complaint.next_due_at is not None
    late = complaint.next_due_at + timedelta(days=1)
    monkeypatch.setattr("amends.entrances.portals.public.follow.timezone.now", lambda: late)
    page = text_of(visitor_.get(at(complaint)))
    assert "We are late, and we are sorry." in page
    assert "You can turn to" in page


def test_the_page_speaks_chinese_with_chinese_dates(client: Client, world: World) -> None:
    complaint = complain()
    page = text_of(client.get(at(complaint)))
    assert "我们已收到您的投诉，正在确认。" in page
    assert "2026年11月24日 10:00" in page
    assert "请先确认是您本人" in page or "确认是您本人" in page
    assert not re.search(
        r">[A-Za-z][a-z]+ [a-z]+ [a-z]+", re.sub(r"<(title|script|style).*?</\1>", "", page)
    )
