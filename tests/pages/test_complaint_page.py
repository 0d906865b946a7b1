"""The complaint page: evidence and its absence, the decision, and every button on it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from amends.cases.complaints.actions.approve_later import approve_due
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.jobs.clocks import check_clocks
from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.models import Complaint, Contact, Event, PendingApproval, Reply
from amends.cases.complaints.queries.status import newest_decisions
from amends.people.access.queries import looks_in
from amends.platform.kit.actors import system
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.offline.verify_bundle import verify
from amends.record.ledger.queries import facts_about
from amends.record.ledger.queries.keys import verifier_key
from amends.work.casework.models import InternalNote
from amends.work.remedies.actions.propose import Proposal, propose
from amends.work.remedies.models import Remedy
from tests.actions.complaints.conftest import ACTIVATED, NOW, World
from tests.clock import begin_at
from tests.markup import squeezed
from tests.pages.conftest import Desk, approve, colleague, complain, complaint_page, signed_in


def page(desk: Desk) -> str:
    return squeezed(complaint_page(desk.client, desk.complaint))


def test_what_is_missing_is_shown_as_loudly_as_what_is_there(desk: Desk) -> None:
    html = page(desk)
    assert re.search(
        r'<li id="row-\d+" class="weighs"><span class="answer">'
        r'<span class="badge nothing">',
        html,
    )
    assert "Nothing found" in html
    assert '<rect class="gap"' in html
    assert "Upheld" in html or "upheld" in html
    assert "¥30.00" in html


def test_opening_the_page_is_a_look_and_is_written_down_first(desk: Desk) -> None:
    case = Complaint.objects.get(id=desk.complaint).case

    def shown() -> set[str]:
        mine = [one for one in looks_in(case) if one.user == desk.handler.ref]
        return {field for one in mine for field in one.fields}

    desk.client.get(f"/desk/c/{desk.complaint}/")
    assert shown() == {"facts"}, "the person is looked at when their tab is opened"
    desk.client.get(f"/desk/c/{desk.complaint}/tab/customer/")
    assert shown() >= {"name", "phone", "facts"}
    html = page(desk)
    assert "Data access" in html
    assert "qiao.lin" in html


def test_each_clock_leads_to_the_rule_it_comes_from(desk: Desk) -> None:
    rule = "/desk/rules/decisions/deadlines-cn@2016-07-30/"
    assert f'href="{rule}"' in page(desk)
    assert "The operator answers within 15 days" in desk.client.get(rule).content.decode()


def test_reloading_is_the_same_visit_and_unmasking_a_look_of_its_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Complaint.objects.get(id=desk.complaint).case

    def looks() -> int:
        return sum(one.user == desk.handler.ref for one in looks_in(case))

    for _time in range(5):
        page(desk)
    assert looks() == 2, "the page, and the tab of the customer"
    url = f"/desk/c/{desk.complaint}/unmask/"
    for reason in ("to call back about the refund", "to call back once more"):
        desk.client.post(url, {"personal_fields": "phone", "reason": reason})
    page(desk)
    assert looks() == 4
    begin_at(monkeypatch, timezone.now() + timedelta(minutes=31))
    page(desk)
    assert looks() == 6, "half an hour later it is another visit"


def test_a_reason_for_colleagues_and_a_text_for_the_customer_never_mix(desk: Desk) -> None:
    inside, outside = "别让他再闹", "您这三个月的彩铃费，我们退给您一半。"
    url = f"/desk/c/{desk.complaint}/"
    said = {"verdict": "partly_upheld", "amount": "15", "reason": inside, "customer_text": outside}
    desk.client.post(url + "overrule/", said)
    html = page(desk)
    letter = html.split('id="reply-body"')[1].split("</textarea>")[0]
    assert outside in letter
    assert inside not in letter
    assert inside in html, "colleagues read it on the page"
    seen = newest_decisions([desk.complaint])[desk.complaint].id
    preview = desk.client.post(url + "approve/", {"seen": seen}).content.decode()
    assert outside in preview
    assert "¥15.00" in preview
    assert inside not in preview
    approve(desk.client, desk.complaint)
    sent = Reply.objects.get(complaint=desk.complaint, kind__startswith="partly_upheld")
    assert outside in sent.body
    assert inside not in sent.body


def test_nothing_is_sent_before_the_preview_and_the_time_to_undo(desk: Desk) -> None:
    url, seen = f"/desk/c/{desk.complaint}/", newest_decisions([desk.complaint])[desk.complaint].id

    def untouched() -> bool:
        return (
            Complaint.objects.get(id=desk.complaint).state == "investigating"
            and not Remedy.objects.exists()
            and not Reply.objects.filter(complaint=desk.complaint, kind__startswith="upheld")
            and not facts_about(desk.world.person, kinds=["DecisionMade"])
        )

    letter = {"subject": "关于您的投诉", "body": "已退还 30.00 元。", "seen": seen}
    preview = desk.client.post(url + "approve/", letter).content.decode()
    assert "¥30.00" in preview
    assert "已退还 30.00 元。" in preview
    assert "You can undo it for 20 seconds." in preview
    assert untouched()
    shown = desk.client.post(url + "approve/", letter | {"confirmed": "yes"}, follow=True)
    assert "Undo" in shown.content.decode()
    assert 'id="approve"' not in shown.content.decode(), "it is not approved twice"
    assert not approve_due(now=PendingApproval.objects.get().due_at - timedelta(seconds=1))
    assert untouched()
    undone = desk.client.post(
        "/desk/approvals/undo/", {"complaint": desk.complaint, "on_page": "yes"}, follow=True
    )
    assert "Nothing was sent." in undone.content.decode()
    assert not approve_due(now=timezone.now() + timedelta(minutes=1))
    assert untouched()
    approve(desk.client, desk.complaint)
    assert Complaint.objects.get(id=desk.complaint).state == "implementing"
    late = desk.client.post("/desk/approvals/undo/", {"complaint": desk.complaint}, follow=True)
    assert "Too late to undo" in late.content.decode()


def test_the_card_says_who_decided(desk: Desk) -> None:
    assert "proposed by rule; the rule may act alone" in page(desk)
    seen = newest_decisions([desk.complaint])[desk.complaint].id
    url = f"/desk/c/{desk.complaint}/approve/"
    desk.client.post(url, {"confirmed": "yes", "seen": seen})
    assert "proposed by rule, approved by qiao.lin" in page(desk), "while it can be undone"
    approve_due(now=timezone.now() + timedelta(minutes=1))
    assert "proposed by rule, approved by qiao.lin" in page(desk)
    desk.client.cookies["amends_language"] = "zh-hans"
    assert "由规则提出，经qiao.lin批准" in page(desk)


def test_a_refusal_names_what_was_refunded_before(desk: Desk) -> None:
    decision = newest_decisions([desk.complaint])[desk.complaint]
    charge = next(one["charge"] for one in decision.decision["remedies"] if one["charge"])
    first = complain(
        key="other", text="宽带断了没人修", phone="", identity="", email="a@example.org"
    )
    propose(
        [
            Proposal(
                cause=f"complaint:{first}",
                kind="refund",
                charge=charge,
                charge_minor=1_000,
                amount_minor=1_000,
                currency="CNY",
            )
        ],
        by="test",
        now=timezone.now(),
    )
    url = f"/desk/c/{desk.complaint}/"
    refused = desk.client.post(url + "approve/", {"seen": decision.id}).content.decode()
    assert "more than what is left of the charge" in refused
    assert f'href="/desk/c/{first}/"' in refused
    assert Complaint.objects.get(id=first).code_public in refused
    desk.client.post(url + "again/", {"seen": decision.id})
    html = page(desk)
    assert Complaint.objects.get(id=desk.complaint).amount_minor == 2_000
    assert "¥10.00 is being refunded already" in html
    approve(desk.client, desk.complaint)
    assert Complaint.objects.get(id=desk.complaint).state == "implementing"


def test_the_person_is_masked(desk: Desk) -> None:
    html = page(desk)
    assert "139****1234" in html
    assert "13900001234" not in html
    assert "林小满" not in html


def test_without_a_grant_there_are_no_records(desk: Desk) -> None:
    manager = signed_in(colleague("zhao.an", "manager"))
    html = complaint_page(manager, desk.complaint)
    assert "The records are closed to you" in html
    assert '<ol class="dossier">' not in html
    assert '<ol class="reasons">' not in html, "reasons quote the records"
    assert "What would be done" not in html
    assert "approve/" not in html
    approve(desk.client, desk.complaint, subject="关于您的投诉", body="已退还 30.00 元。")
    sent = Reply.objects.filter(complaint=desk.complaint, posted_at__isnull=False).latest(
        "posted_at"
    )
    closed = complaint_page(manager, desk.complaint)
    assert "已退还" not in closed
    assert "Nothing was sent yet" not in closed, "a letter was, though not to be read by them"
    assert "proposed by rule, approved by" not in closed
    assert manager.get(f"/desk/c/{desk.complaint}/letter/{sent.id}/").status_code == 403
    assert manager.get(f"/desk/c/{desk.complaint}/evidence/").status_code == 403
    assert desk.client.get(f"/desk/c/{desk.complaint}/letter/{sent.id}/").status_code == 200


def test_who_it_is_escalated_to_reads_and_decides(desk: Desk) -> None:
    manager = signed_in(colleague("zhao.an", "manager"))
    url = f"/desk/c/{desk.complaint}/"
    seen = newest_decisions([desk.complaint])[desk.complaint].id
    letter = {"subject": "关于您的投诉", "body": "已退还 30.00 元。", "seen": seen}
    assert manager.post(url + "approve/", letter).status_code == 403
    due = Complaint.objects.get(id=desk.complaint).next_due_at
    assert due is not None
    check_clocks(now=due + timedelta(hours=25))
    html = complaint_page(manager, desk.complaint)
    assert "The records are closed to you" not in html
    assert '<ol class="dossier">' in html
    assert 'id="approve"' in html
    case = Complaint.objects.get(id=desk.complaint).case
    assert "the complaint was escalated to this role" in (
        manager.get(f"/desk/cases/{case}/").content.decode()
    )
    assert manager.post(url + "approve/", letter).status_code == 200
    manager.post(url + "approve/", letter | {"confirmed": "yes"})
    undone = manager.post(
        "/desk/approvals/undo/", {"complaint": desk.complaint, "on_page": "yes"}, follow=True
    )
    assert "Nothing was sent." in undone.content.decode()
    manager.post(url + "approve/", letter | {"confirmed": "yes"})
    approve_due(now=timezone.now() + timedelta(minutes=1))
    assert Complaint.objects.get(id=desk.complaint).state == "implementing"
    assert manager.post(url + "approve/", letter).status_code == 403, "it is settled"


def test_an_amount_is_asked_in_the_sign_people_know(desk: Desk) -> None:
    assert "Amount (¥)" in page(desk)
    desk.client.cookies["amends_language"] = "zh-hans"
    assert "金额（¥）" in page(desk)
    desk.client.cookies["amends_language"] = "en"


def test_approving_sends_the_reply_as_it_was_edited(desk: Desk) -> None:
    html = page(desk)
    body = re.search(r'<textarea id="reply-body"[^>]*>(.*?)</textarea>', html, re.S)
    assert body is not None
    assert "30.00" in body[1]
    written = {"subject": "关于您的投诉", "body": "已退还 30.00 元，抱歉给您添麻烦了。"}
    approve(desk.client, desk.complaint, **written)
    assert Complaint.objects.get(id=desk.complaint).state == "implementing"
    sent = Reply.objects.get(complaint=desk.complaint, posted_at__isnull=False)
    assert sent.body.startswith("已退还 30.00 元")
    assert approve(desk.client, desk.complaint, **written).status_code == 403


def test_overruling_needs_a_reason_and_a_readable_amount(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/overrule/"
    wrong = {
        "verdict": "upheld",
        "amount": "twelve",
        "reason": "别让他再闹",
        "customer_text": "您反映的情况属实。",
    }
    for amount in ("twelve", "-3", "NaN", "1e999"):
        answer = desk.client.post(url, wrong | {"amount": amount})
        assert answer.status_code == 422, amount
        html = answer.content.decode()
        assert "for example 12.50" in html
        assert 'aria-invalid="true"' in html, "the error stands at its field"
        assert all(
            typed in html for typed in (f'value="{amount}"', "别让他再闹", "您反映的情况属实。")
        )
    assert desk.client.post(url, wrong | {"amount": "12.50", "reason": "no"}).status_code == 422
    answer = desk.client.post(url, wrong | {"amount": "12.50"}, follow=True)
    assert "Your verdict is recorded: upheld." in answer.content.decode()
    row = Complaint.objects.get(id=desk.complaint)
    assert (row.verdict, row.amount_minor) == ("upheld", 1250)
    assert Event.objects.filter(complaint=row, verb="overruled").exists()


def test_a_corrected_class_is_looked_at_anew(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/correct/"
    before = Complaint.objects.get(id=desk.complaint).code
    assert desk.client.post(url, {"code": before}).status_code == 422
    assert desk.client.post(url, {"code": "no.such"}).status_code == 422
    answer = desk.client.post(url, {"code": "consent.unauthorised_change"}, follow=True)
    assert "The records were checked again and a verdict is proposed." in answer.content.decode()
    row = Complaint.objects.get(id=desk.complaint)
    assert row.code == "consent.unauthorised_change" != before
    assert row.verdict
    shown = page(desk)
    assert "Corrected by" in shown
    words = re.sub(r'value="[^"]*"', "", shown)
    assert row.classified_by not in words, "a reference of ours is no name"
    corrections = desk.client.get("/desk/corrections/").content.decode()
    assert row.first_words[:10] in corrections
    assert "amends classify --from-desk takes these up" in corrections


def test_full_values_cost_a_reason_and_are_shown_once(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/unmask/"
    short = desk.client.post(url, {"personal_fields": "phone", "reason": "why"})
    assert short.status_code == 422
    assert "13900001234" not in short.content.decode()
    answer = desk.client.post(
        url, {"personal_fields": "phone", "reason": "to call back about the refund"}
    )
    assert "13900001234" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    case = Complaint.objects.get(id=desk.complaint).case
    shown = [one for one in looks_in(case) if one.unmasked]
    assert [one.reason for one in shown] == ["to call back about the refund"]
    html = page(desk)
    assert "13900001234" not in html
    assert "in full" in html


def test_a_deadlock_is_a_letter_that_prints(desk: Desk) -> None:
    desk.client.post(
        f"/desk/c/{desk.complaint}/move/",
        {
            "verb": "deadlock",
            "reason": "Third time this month.",
            "confirmed": "yes",
            "customer_text": "You want damages we do not owe.",
        },
    )
    row = Complaint.objects.get(id=desk.complaint)
    assert row.state == "deadlocked"
    letter = Reply.objects.get(complaint=row, kind="deadlock")
    html = desk.client.get(f"/desk/c/{row.id}/letter/{letter.id}/").content.decode()
    assert row.code_public in html
    assert "附：记录核查情况" in html
    assert "letter.css" in html


def test_a_letter_of_another_complaint_is_not_handed_out(desk: Desk) -> None:
    other = complain(key="k9", text="宽带断了", phone="", identity="")
    desk.client.post(
        f"/desk/c/{desk.complaint}/move/",
        {"verb": "deadlock", "customer_text": "no agreement here", "confirmed": "yes"},
    )
    letter = Reply.objects.get(complaint=desk.complaint, kind="deadlock")
    answer = desk.client.get(f"/desk/c/{other}/letter/{letter.id}/")
    assert answer.status_code == 404


def test_an_illegal_move_is_refused_with_what_is_possible(desk: Desk) -> None:
    answer = desk.client.post(
        f"/desk/c/{desk.complaint}/move/", {"verb": "close", "reason": "done with it"}
    )
    assert answer.status_code == 403
    assert "Possible now" in answer.content.decode()
    assert desk.client.post(f"/desk/c/{desk.complaint}/move/", {"verb": "x"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_proved_with_a_file_a_stranger_verifies(desk: Desk) -> None:
    sequence(now=timezone.now(), holder="test")
    html = page(desk)
    row = re.search(r'href="(/desk/c/\w+/prove/\d+/)"', html)
    assert row is not None
    shown = desk.client.get(row[1]).content.decode()
    assert "Place in the log" in shown
    bundle = desk.client.get(f"{row[1]}?file=1")
    assert "attachment" in bundle["Content-Disposition"]
    proved = verify(bundle.content.decode(), str(verifier_key()))
    assert len(proved) == shown.count("Place in the log")
    assert all(json.loads(line)["id"] for line in proved)


@pytest.mark.django_db(transaction=True)
def test_silence_is_proved_by_the_statements_it_rests_on(desk: Desk) -> None:
    sequence(now=timezone.now(), holder="test")
    silent = re.search(r'href="(/desk/c/\w+/prove/\d+/)"[^>]*>proof of completeness', page(desk))
    assert silent is not None
    shown = desk.client.get(silent[1]).content.decode()
    assert "Why silence counts" in shown
    proved = verify(desk.client.get(f"{silent[1]}?file=1").content.decode(), str(verifier_key()))
    assert {json.loads(line)["kind"] for line in proved} == {"SourceCovered"}
    assert len(proved) == shown.count("Place in the log")


def test_the_file_for_the_regulator_is_one_archive(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/evidence/"
    early = desk.client.get(url, headers={"accept-language": "en"})
    assert early.status_code == 403
    assert "not numbered yet" in early.content.decode()
    sequence(now=timezone.now(), holder="test")
    assert url in page(desk)
    answer = desk.client.get(url)
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].endswith('.zip"')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert verify(packed.read("proof.json").decode(), str(verifier_key()))
        assert "13900001234" not in packed.read("letters.txt").decode()


def test_an_enquiry_offers_no_file_and_refuses_in_both_languages(desk: Desk) -> None:
    ref = complain(key="k-ask", text="请问在哪里可以查询话费余额？")
    assert Complaint.objects.get(id=ref).kind == "enquiry"
    assert f"/desk/c/{ref}/evidence/" not in complaint_page(desk.client, ref)
    for language, words in (
        ("en", "Take it up as a complaint first"),
        ("zh-hans", "请先作为投诉受理"),
    ):
        desk.client.cookies["amends_language"] = language
        answer = desk.client.get(f"/desk/c/{ref}/evidence/")
        assert answer.status_code == 403
        assert words in answer.content.decode()


def test_what_cannot_be_proved_says_why(desk: Desk) -> None:
    answer = desk.client.get(f"/desk/c/{desk.complaint}/prove/999/")
    assert answer.status_code == 404
    assert "There is no fact behind this answer" in answer.content.decode()


def test_a_complaint_is_turned_down_with_a_reason_and_a_way_on(desk: Desk) -> None:
    url = f"/desk/c/{desk.complaint}/move/"
    half = {
        "verb": "declare_inadmissible",
        "reason": "又打错了",
        "customer_text": "这是对其他公司的投诉",
        "confirmed": "yes",
    }
    assert desk.client.post(url, half).status_code == 422
    assert Complaint.objects.get(id=desk.complaint).state == "investigating"
    desk.client.post(url, half | {"next_step": "请联系收款的公司，或拨打12315。"})
    assert Complaint.objects.get(id=desk.complaint).state == "inadmissible"
    letter = Reply.objects.get(complaint=desk.complaint, kind="inadmissible")
    html = desk.client.get(f"/desk/c/{desk.complaint}/letter/{letter.id}/").content.decode()
    assert "这是对其他公司的投诉" in html
    assert "又打错了" not in html
    assert "12315" in html


@pytest.mark.parametrize("verb", ["grant", "not_uphold", "implement", "resolve", "confirm"])
def test_no_button_moves_a_complaint_past_its_decision(desk: Desk, verb: str) -> None:
    html = page(desk)
    assert f'id="move-{verb}"' not in html
    answer = desk.client.post(
        f"/desk/c/{desk.complaint}/move/", {"verb": verb, "reason": "let us be done with it"}
    )
    assert answer.status_code == 403
    assert Complaint.objects.get(id=desk.complaint).state == "investigating"


def test_words_of_strangers_stay_words(desk: Desk) -> None:
    evil = complain(
        key="k3",
        text="<script>alert(1)</script> <img src=x onerror=alert(2)> 流量扣费不对",
        phone="",
        identity="",
    )
    html = complaint_page(desk.client, evil)
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    # The words that decided the class are marked.
    assert "&lt;script&gt;" in re.sub("</?mark>", "", html)


def test_a_stranger_gets_a_code_not_a_dossier(desk: Desk) -> None:
    stranger = complain(
        key="k4",
        text="彩铃费乱扣，从来没订过",
        identity="",
        channel="web",
        service=desk.world.plan,
        phone="",
        email="someone@example.org",
    )
    html = complaint_page(desk.client, stranger)
    assert "Identity is not verified yet" in html
    answer = desk.client.post(f"/desk/c/{stranger}/identity/", follow=True)
    assert "A code went to the contact on record" in answer.content.decode()


def test_a_complaint_nobody_has_is_not_found(desk: Desk) -> None:
    answer = desk.client.get("/desk/c/ffffffffffffffffffffffffffffffff/")
    assert answer.status_code == 404
    assert "search for it in the inbox" in answer.content.decode()


def test_the_page_speaks_chinese(desk: Desk) -> None:
    html = complaint_page(signed_in(desk.handler, "zh-hans"), desk.complaint)
    for words in ("查无记录", "批准并答复", "身份已核实", "结论", "其他投诉", "内部备注"):
        assert words in html


def test_the_history_says_each_move_once(desk: Desk) -> None:
    html = page(desk)
    assert "Investigation begun" in html
    assert "<strong>Investigate<" not in html
    assert "→" not in html


def test_the_proof_reads_in_money_and_moments(desk: Desk) -> None:
    number = re.search(r"/prove/(\d+)/", page(desk))
    assert number is not None
    url = f"/desk/c/{desk.complaint}/prove/{number[1]}/"
    html = desk.client.get(url).content.decode()
    assert not re.search(r"<dd>\d{13}</dd>", html), "no raw milliseconds"
    assert "_minor</dt>" not in html
    zh = desk.client.get(url, headers={"accept-language": "zh-hans"}).content.decode()
    assert "<dl" in zh


def test_above_ones_own_limit_somebody_with_a_higher_one_is_asked(desk: Desk) -> None:
    colleague("zhou.qing", "senior_handler")
    url = f"/desk/c/{desk.complaint}/"
    desk.client.post(
        url + "overrule/",
        {
            "verdict": "upheld",
            "amount": "500",
            "reason": "长期误扣，一次退清。",
            "customer_text": "多扣的全部退还给您。",
        },
    )
    html = page(desk)
    assert "Who may: zhou.qing" in html
    assert 'id="approve"' not in html, "no button that leads to a refusal"
    refused = approve(desk.client, desk.complaint, subject="s", body="b")
    assert refused.status_code == 403
    assert "above your limit" in refused.content.decode()
    asked = desk.client.post(url + "ask-approval/", follow=True).content.decode()
    assert "To approve" in asked
    desk.client.post(url + "ask-approval/")
    assert Event.objects.filter(verb="approval_asked").count() == 1
    senior = signed_in(colleague("chen.bo", "senior_handler"))
    assert desk.complaint in senior.get("/desk/?view=approve").content.decode()
    Complaint.objects.get(id=desk.complaint)
    approve(senior, desk.complaint, subject="关于您的投诉", body="退还 500.00 元。")
    done = Complaint.objects.get(id=desk.complaint)
    assert (done.state, done.approval_role) == ("implementing", "")


def test_nothing_is_asked_for_that_does_not_wait(desk: Desk) -> None:
    Complaint.objects.filter(id=desk.complaint).update(verdict="not_upheld")
    answer = desk.client.post(f"/desk/c/{desk.complaint}/ask-approval/")
    assert answer.status_code == 403


def test_an_enquiry_is_answered_on_its_page_or_taken_for_a_complaint(desk: Desk) -> None:
    ref = complain(key="ask-1", text="请问办理宽带移机需要带什么证件？")
    html = complaint_page(desk.client, ref)
    assert "Only a question" in html
    assert "Treat as a complaint" in html
    assert ref in desk.client.get("/desk/?view=enquiries").content.decode()
    answered = desk.client.post(f"/desk/c/{ref}/answer/", {"words": "带身份证。"}, follow=True)
    assert "Answered." in answered.content.decode()
    other = complain(key="ask-2", text="请问携号转网的流程是什么，需要多久？")
    desk.client.post(f"/desk/c/{other}/complaint/")
    taken = Complaint.objects.get(id=other)
    assert (taken.kind, taken.next_due_at is not None) == ("complaint", True)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Choose a verdict", "Say it in a few words")),
        ("zh-hans", ("请选择结论", "请简要写明")),
    ],
)
def test_a_refusal_is_read_in_the_handler_s_language(
    desk: Desk, language: str, words: tuple[str, ...]
) -> None:
    desk.client.cookies["amends_language"] = language
    url = f"/desk/c/{desk.complaint}/overrule/"
    answer = desk.client.post(url, {"verdict": "", "amount": "", "reason": "the user was told so"})
    assert answer.status_code == 422
    assert all(word in answer.content.decode() for word in words)
    moved = desk.client.post(f"/desk/c/{desk.complaint}/move/", {"verb": "close", "reason": "x"})
    assert moved.status_code == 403
    assert ("cannot be moved by" in moved.content.decode()) == (language == "en")


def test_a_handler_marks_urgent_with_a_reason_and_takes_it_back(desk: Desk) -> None:
    assert 'data-dialog="urgent"' in page(desk)
    url = f"/desk/c/{desk.complaint}/urgent/"
    assert desk.client.post(url, {"urgent": "1", "reason": ""}).status_code == 422
    assert not Complaint.objects.get(id=desk.complaint).urgent
    reason = "The caller is on a ventilator."
    said = desk.client.post(url, {"urgent": "1", "reason": reason}, follow=True).content.decode()
    assert "Marked urgent." in said
    assert reason in said
    assert "Remove “urgent”" in said
    desk.client.post(url, {"urgent": "0", "reason": "It is repaired."})
    assert not Complaint.objects.get(id=desk.complaint).urgent


def test_a_call_that_cannot_wait_is_urgent_even_where_it_joins(desk: Desk) -> None:
    words = "家里有病人，宽带和电话全断了，急需恢复。"
    for number, ticked in ((1, {}), (2, {"urgent": "on"})):
        form = {"call": f"c{number}", "caller": "13900005678", "words": words}
        desk.client.post("/desk/call/", form | ticked)
    row = Complaint.objects.filter(contacts__text=words).distinct().get()
    assert row.contacts_count == 2
    assert row.urgent
    assert Event.objects.filter(complaint=row, verb="urgent").count() == 1


def test_words_of_a_call_changed_after_going_back_are_not_lost(desk: Desk) -> None:
    form = {"call": "c1", "caller": "13900005678", "words": "宽带和电话全断了，急需恢复。"}
    desk.client.post("/desk/call/", form)
    asked = desk.client.post("/desk/call/", form | {"words": "每月还扣我10块钱彩铃费。"})
    assert asked.status_code == 409
    assert not Contact.objects.filter(text="每月还扣我10块钱彩铃费。").exists()
    html = asked.content.decode()
    key = re.search(r'name="call" value="([^"]+)"', html)
    assert key is not None
    desk.client.post("/desk/call/", form | {"words": "每月还扣我10块钱彩铃费。", "call": key[1]})
    assert Contact.objects.filter(text="每月还扣我10块钱彩铃费。").exists()


@pytest.mark.parametrize(
    ("language", "button", "said"),
    [
        ("en", "Name the subscriber", "The subscriber is named. A code went to the contact"),
        ("zh-hans", "登记用户", "已登记是哪位用户。 验证码已发到登记的联系方式"),
    ],
)
def test_a_complaint_of_nobody_known_gets_its_subscriber(
    desk: Desk, language: str, button: str, said: str
) -> None:
    desk.client.cookies["amends_language"] = language
    words = {"call": "c9", "caller": "", "words": "每月扣我10块钱彩铃费，我没订过。"}
    taken = desk.client.post("/desk/call/", words)
    ref = taken["Location"].split("/")[-2]
    process(now=timezone.now())
    url = f"/desk/c/{ref}/subscriber/"
    assert button in complaint_page(desk.client, ref)
    assert desk.client.post(url, {"number": "13811112222"}).status_code == 422
    html = desk.client.post(url, {"number": "13900001234"}, follow=True).content.decode()
    assert said in html
    assert "林小满" not in html
    assert '<ol class="dossier">' not in html
    privacy = signed_in(colleague("shen.yu", "privacy_officer"))
    assert privacy.post(url, {"number": "13900001234"}).status_code == 403


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Identity shown by a document."),
        ("zh-hans", "已凭证件核实身份。 已通知登记的联系方式。"),
    ],
)
def test_a_document_is_taken_at_the_counter(desk: Desk, language: str, said: str) -> None:
    desk.client.cookies["amends_language"] = language
    ref = complain(key="c-2", identity="", channel="web", text="宽带断了三天，没人修。")
    process(now=timezone.now())
    url = f"/desk/c/{ref}/document/"
    assert desk.client.post(url, {}).status_code == 422
    assert said in desk.client.post(url, {"compared": "on"}, follow=True).content.decode()
    privacy = signed_in(colleague("shen.yu", "privacy_officer"))
    assert privacy.post(url, {"compared": "on"}).status_code == 403


def test_a_refusal_leads_back_to_the_complaint_it_is_about(desk: Desk) -> None:
    back = f'href="/desk/c/{desk.complaint}/"'
    refused = desk.client.post(f"/desk/c/{desk.complaint}/urgent/", {"urgent": "1", "reason": ""})
    assert back in refused.content.decode()
    nowhere = desk.client.get("/desk/c/0000-0000-0000/")
    assert nowhere.status_code == 404
    assert 'href="/desk/c/' not in nowhere.content.decode()


def test_no_clock_ticks_over_a_closed_complaint(desk: Desk) -> None:
    def head() -> str:
        return page(desk).partition('class="menu peek deadlines">')[2].partition("</summary>")[0]

    assert "answer or resolve" in head()
    Complaint.objects.filter(id=desk.complaint).update(state="withdrawn", is_open=False)
    assert "answer or resolve" not in head()


def test_a_number_nobody_knows_is_promised_no_money(desk: Desk) -> None:
    unknown = complain(key="unknown", text="宽带断了没人修", phone="13911112222", identity="")
    process(now=timezone.now())
    assert not Complaint.objects.get(id=unknown).subscriber
    url = f"/desk/c/{unknown}/overrule/"
    assert (
        "No subscriber is known, so no money can be paid" in desk.client.get(url).content.decode()
    )
    said = {
        "verdict": "upheld",
        "amount": "10",
        "reason": "A gesture of goodwill.",
        "customer_text": "我们补偿您十元。",
    }
    refused = desk.client.post(url, said).content.decode()
    assert "No subscriber is known, so no money can be paid" in refused
    assert not newest_decisions([unknown])
    desk.client.post(url, said | {"amount": ""})
    approve(desk.client, unknown)
    assert Complaint.objects.get(id=unknown).state != "investigating"
    assert not Remedy.objects.exists()


def test_every_answer_fits_its_question(desk: Desk) -> None:
    html = page(desk)
    rows = re.findall(
        r'<span class="badge (\w+)">(?:<svg.*?</svg>)?([^<]*)</span></span>'
        r'<p class="question">([^<]*)</p>',
        html,
        re.S,
    )
    answers = {question: (tone, word.strip()) for tone, word, question in rows}
    assert answers["What was charged in this period?"] == ("info", "Charges found")
    asked = [question for _tone, _word, question in rows]
    assert asked
    assert len(asked) == len(set(asked)), "no question is asked twice without saying about what"


def test_the_page_names_the_question_that_stopped_the_rule(world: World) -> None:
    """A complaint that may be about two classes, one of which no records answer."""
    ref = complain()
    service = Fact(
        "ConfirmationGiven",
        world.person,
        world.ringtone,
        ACTIVATED - timedelta(minutes=5),
        "confirmations",
        {"order": "", "offer": "offer-ring", "channel": "sms", "method": "sms_reply"},
    )
    with transaction.atomic():
        append([service], now=NOW - timedelta(hours=1))
    code = Complaint.objects.get(id=ref).code
    Complaint.objects.filter(id=ref).update(
        plausible=[[code, 570], ["handling.no_resolution", 300]], ask_for_words=False
    )
    investigate_many([ref], actor=system("desk"), now=NOW)
    handler = colleague("qiao.lin", "handler")
    html = squeezed(complaint_page(signed_in(handler), ref))
    assert "complaint not resolved 30%" in html
    assert "Below 95.5% a class is uncertain" in html
    assert "it may be about “complaint not resolved”, which no records answer" in html
    assert "more answers read before a rule rejects alone" in html
    html = squeezed(complaint_page(signed_in(handler, "zh-hans"), ref))
    assert "规则没有自行驳回" in html


def test_a_long_case_shows_the_first_and_the_newest_entries(desk: Desk) -> None:
    ref, author = desk.complaint, desk.handler.ref
    begun = timezone.now()
    InternalNote.objects.bulk_create(
        InternalNote(
            kind="complaint",
            key=ref,
            at=begun + timedelta(seconds=number),
            author=author,
            text=f"Note number {number}.",
        )
        for number in range(1_000)
    )
    page = desk.client.get(f"/desk/c/{ref}/")
    html = page.content.decode()
    assert len(page.content) < 150_000
    assert "每月扣我10块钱彩铃费" in html
    assert html.count("Note number ") == 100
    assert "Note number 999." in html
    assert "earlier entries" in html
    complete = desk.client.get(f"/desk/c/{ref}/?conversation=all").content.decode()
    assert complete.count("Note number ") == 1_000
    assert "earlier entries" not in complete
