"""What was written to and fro in another desk comes along: at its own time, once, and silently."""

from __future__ import annotations

import base64
import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from amends.cases.complaints.actions.attach import open_attachment
from amends.cases.complaints.actions.forget import forget
from amends.cases.complaints.actions.subject_access_export import subject_access_export
from amends.cases.complaints.models import (
    Attachment,
    Clock,
    Complaint,
    Contact,
    Decision,
    Event,
    Reply,
)
from amends.cases.complaints.queries.analytics import complaint_count
from amends.cases.complaints.queries.attachments import attachments_of
from amends.channels.models import OutboxMessage
from amends.channels.queries.contacts import opened_column
from amends.entrances.feeds.complaints import import_file
from amends.platform.kit.actors import system
from amends.record.ledger.models import SingleFact
from shell import amends

pytestmark = pytest.mark.django_db
CAME = datetime(2024, 3, 4, 8, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def stamp(hours: float) -> str:
    return (CAME + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def article(number: int, hours: float, sender: str, body: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "ticket_id": 1,
        "type": "email",
        "sender": sender,
        "internal": False,
        "content_type": "text/plain",
        "subject": "彩铃",
        "created_at": stamp(hours),
        "from": "Lin <lin@harbour.example>",
        "body": body,
        "attachments": [],
    } | more


def ticket(*articles: dict[str, Any], number: str = "20001") -> dict[str, Any]:
    return {
        "id": 1,
        "number": number,
        "title": "彩铃",
        "state": "closed",
        "customer": "lin@harbour.example",
        "created_at": stamp(0),
        "close_at": stamp(99),
        "articles": list(articles),
    }


TALK = (
    article(11, 0, "Customer", "每月多扣了我十块钱彩铃费，我没有订过。"),
    article(12, 0.01, "System", "We have received your mail."),
    article(
        13, 2, "Agent", "<p>请回电13812348000，<b>我们</b>在查。</p>", content_type="text/html"
    ),
    article(14, 3, "Agent", "pays late", internal=True),
    article(15, 4, "System", "escalated", type="note"),
    article(16, 26, "Customer", "还没有退。我的号码是13900001234", type="sms"),
    article(17, 30, "Agent", "已退还三十元。"),
)


def bring(tmp_path: Path, *tickets: dict[str, Any]) -> dict[str, Any]:
    path = tmp_path / "zammad.jsonl"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in tickets))
    done = amends("import", "complaints", path, "--from", "zammad", "--json")
    assert done.code == 0, done.err
    document: dict[str, Any] = done.document
    counts = document["messages"]
    parts = ("accepted", "duplicates", "left_out", "rejected")
    assert counts["read"] == sum(counts[name] for name in parts)
    return document


def test_both_sides_come_along_each_at_its_own_time(tmp_path: Path) -> None:
    counts = bring(tmp_path, ticket(*TALK))["messages"]
    assert counts == {"read": 7, "accepted": 5, "duplicates": 0, "left_out": 2, "rejected": 0}
    complaint = Complaint.objects.get()
    contacts = list(Contact.objects.order_by("received_at"))
    assert [one.received_at for one in contacts] == [CAME, CAME + timedelta(hours=26)]
    assert [one.channel for one in contacts] == ["mail", "sms"]
    assert complaint.contacts_count == 2
    letters = list(Reply.objects.order_by("posted_at"))
    hours = [(one.posted_at - CAME) / timedelta(hours=1) for one in letters if one.posted_at]
    assert hours == pytest.approx([0.01, 2, 30])
    assert [one.body for one in letters][2] == "已退还三十元。"


def test_nothing_happens_because_of_it(tmp_path: Path) -> None:
    bring(tmp_path, ticket(*TALK))
    assert set(SingleFact.objects.values_list("kind", flat=True)) == {"ComplaintReceived"}
    for nothing in (OutboxMessage, Clock, Decision, Event):
        assert not nothing.objects.exists(), nothing
    end = CAME + timedelta(days=9)
    assert complaint_count(start=CAME, end=end) == 1, "rates count complaints, however many wrote"


def test_words_are_masked_and_sealed(tmp_path: Path) -> None:
    bring(tmp_path, ticket(*TALK))
    second = Contact.objects.get(channel="sms")
    assert "13900001234" not in second.text
    assert "13900001234" in opened_column(second, "original")
    letter = Reply.objects.order_by("posted_at")[1]
    assert letter.body == "请回电138****8000，我们在查。"
    assert "13812348000" in opened_column(letter, "body_sealed"), "it rests whole"
    assert "我们".encode() not in bytes(letter.body_sealed)


def test_again_adds_nothing_and_what_came_since_is_added_once(tmp_path: Path) -> None:
    bring(tmp_path, ticket(*TALK[:4]))
    longer = ticket(*TALK)
    assert bring(tmp_path, longer)["messages"]["accepted"] == 2
    for _ in range(2):
        document = bring(tmp_path, longer)
        assert (document["accepted"], document["duplicates"]) == (0, 1)
        assert (document["messages"]["accepted"], document["messages"]["duplicates"]) == (0, 5)
    assert (Contact.objects.count(), Reply.objects.count()) == (2, 3)
    assert Complaint.objects.get().contacts_count == 2
    assert Event.objects.get().verb == "history_added"


def test_a_ticket_imported_without_its_answers_gets_them_once(tmp_path: Path) -> None:
    """As the import was before: the words of all customer articles in one contact, no answer."""
    joined = "\n\n".join(one["body"] for one in TALK if one["sender"] == "Customer")
    bring(tmp_path, ticket(TALK[0] | {"body": joined}))
    Contact.objects.exclude(joined_because="new").delete()
    for added in (3, 0):
        assert bring(tmp_path, ticket(*TALK))["messages"]["accepted"] == added
    assert (Contact.objects.count(), Reply.objects.count()) == (1, 3)


def test_an_import_that_was_killed_between_is_completed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "zammad.jsonl"
    path.write_text(json.dumps(ticket(*TALK)))
    with monkeypatch.context() as patch:
        patch.setattr(import_file, "bring_in", killed)
        assert amends("import", "complaints", path, "--from", "zammad").code == 130
    assert (Contact.objects.count(), Reply.objects.count()) == (1, 0)
    for added in (4, 0):
        assert bring(tmp_path, ticket(*TALK))["messages"]["accepted"] == added
    assert (Contact.objects.count(), Reply.objects.count()) == (2, 3)


def test_a_forgotten_complaint_gets_nothing_back(tmp_path: Path) -> None:
    bring(tmp_path, ticket(*TALK[:4]))
    ref = Complaint.objects.get().id
    forget([ref], actor=system("privacy"), now=timezone.now())
    data = base64.b64encode(PNG).decode()
    later = TALK[5] | {"attachments": [{"filename": "a.png", "size": 48, "data": data}]}
    assert bring(tmp_path, ticket(*TALK[:5], later, TALK[6]))["messages"]["accepted"] == 0
    assert not Contact.objects.exclude(text="").exists()
    assert not Attachment.objects.exists()
    assert all(one.body == one.subject == "" for one in Reply.objects.all())


def test_the_person_gets_both_sides_and_erasure_takes_both(tmp_path: Path) -> None:
    bring(tmp_path, ticket(*TALK))
    ref = Complaint.objects.get().id
    (document,) = subject_access_export([ref], actor=system("privacy"), now=timezone.now())
    assert len(document["contacts"]) == 2
    assert [one["body"] for one in document["letters"]][1:] == [
        "请回电138****8000，我们在查。",
        "已退还三十元。",
    ]
    forget([ref], actor=system("privacy"), now=timezone.now())
    (document,) = subject_access_export([ref], actor=system("privacy"), now=timezone.now())
    said = [one["words"] for one in document["contacts"]]
    assert {*said, *(one["body"] for one in document["letters"])} == {""}


def test_what_cannot_be_used_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    document = bring(
        tmp_path,
        ticket(
            TALK[0],
            article(21, 1, "Agent", "no time", created_at=None),
            article(22, 1, "Agent", "odd time", created_at="soon"),
            article(23, 1, "Agent", "future", created_at="2999-01-01T00:00:00Z"),
            article(24, 1, "Agent", ""),
            article(25, 1, "Customer", "很长" * 20_000, type="web"),
            article(26, 1, "", "who was it"),
            article(27, 2, "Agent", "fine"),
            article(27, 2, "Agent", "fine"),
            article(27, 5, "Agent", "the same number, other words"),
        ),
        ticket(TALK[0], number="") | {"state": "merged"},
        {
            "number": "20009",
            "title": "彩铃",
            "state": "merged",
            "created_at": stamp(0),
            "articles": [article(31, 0, "Customer", "合并"), "broken"],
        },
    )
    counts = document["messages"]
    assert counts == {"read": 13, "accepted": 3, "duplicates": 1, "left_out": 2, "rejected": 7}
    assert (document["read"], document["accepted"], document["rejected"]) == (3, 1, 2)
    reasons = Path(document["rejects_file"]).read_text("utf-8-sig")
    for why in (
        "has no time",
        "“soon”",
        "2999-01-01",
        "holds no words",
        "20,000",
        "customer or the desk",
        "no article",
    ):
        assert why in reasons


def test_a_long_mail_keeps_what_was_new_in_it(tmp_path: Path) -> None:
    quoted = "\n".join(["> 每月多扣了我十块钱彩铃费，我没有订过。"] * 1_500)
    long = article(18, 3, "Agent", f"已经查清。\n\n{quoted}")
    assert bring(tmp_path, ticket(TALK[0], long))["messages"]["rejected"] == 0
    assert Reply.objects.get().body == "已经查清。"


def test_a_ticket_the_desk_opened_begins_with_its_title(tmp_path: Path) -> None:
    bring(
        tmp_path, ticket(article(11, 0, "Agent", "我们的电话"), article(12, 30, "Customer", "好"))
    )
    first, second = Contact.objects.order_by("received_at")
    assert (first.text, first.received_at) == ("彩铃", CAME)
    assert (second.text, second.received_at) == ("好", CAME + timedelta(hours=30))


def test_the_class_is_read_from_all_the_complainant_wrote(tmp_path: Path) -> None:
    words = "每月多扣了我十块钱彩铃费，我从来没有订过彩铃，是谁给我开通的？"
    whole, apart = (
        ticket(article(1, 0, "Customer", words)),
        ticket(article(1, 0, "Customer", "你好"), article(2, 1, "Customer", words), number="20002"),
    )
    bring(tmp_path, whole, apart)
    assert len(set(Complaint.objects.values_list("code", flat=True))) == 1


def test_files_with_their_bytes_are_kept_and_the_others_named(tmp_path: Path) -> None:
    data = base64.b64encode(PNG).decode()
    program = base64.b64encode(b"MZ\x90\x00" * 9).decode()
    own = TALK[0] | {
        "attachments": [
            {"id": 1, "filename": "账单 13900001234.pdf", "size": "20480"},
            {"id": 2, "filename": "photo.png", "size": "48", "data": data},
            {"id": 3, "filename": "setup.exe", "size": "36", "data": program},
            {"id": 4, "filename": "broken.png", "size": "4", "data": "%%%"},
            {"id": 5, "filename": "message.html", "preferences": {"original-format": True}},
        ]
    }
    silent = article(19, 5, "Customer", "", attachments=[{"filename": "b.png", "data": data}])
    answer = TALK[6] | {"attachments": [{"filename": "letter.pdf", "size": 1, "data": data}]}
    one = ticket(own, TALK[2], silent, answer)
    for accepted in (4, 0):
        assert bring(tmp_path, one)["messages"]["accepted"] == accepted
        ref = Complaint.objects.get().id
        kept = attachments_of(ref)
        assert sorted(file.name for file in kept) == ["b.png", "photo.png"]
    opened = open_attachment(ref, kept[0].id, actor=system("desk"), now=timezone.now())
    assert opened.content == PNG
    first, second = Contact.objects.order_by("received_at")
    assert "setup.exe" in first.text
    assert "broken.png" in first.text
    assert "photo.png" not in first.text
    assert "message.html" not in first.text
    assert "13900001234" not in first.text
    assert "账单 13900001234.pdf (20.0" in opened_column(first, "original").replace("\xa0", " ")
    assert second.text.endswith("b.png")
    assert "letter.pdf" in Reply.objects.order_by("posted_at")[1].body


def test_one_list_of_tickets_does_as_well(tmp_path: Path) -> None:
    data = base64.b64encode(PNG).decode()
    own = TALK[0] | {"attachments": [{"filename": "photo.png", "data": data}]}
    path = tmp_path / "list.json"
    path.write_text(json.dumps([ticket(own, *TALK[1:])]))
    document = amends("import", "complaints", path, "--from", "zammad", "--json").document
    assert document["messages"]["accepted"] == 5
    assert Attachment.objects.count() == 1


def test_a_ticket_on_two_pages_of_the_export_is_one(tmp_path: Path) -> None:
    """Who pages through a desk in use meets tickets twice, with what was written meanwhile."""
    document = bring(tmp_path, ticket(*TALK[:3]), ticket(*TALK))
    assert (document["accepted"], document["duplicates"]) == (1, 1)
    assert document["messages"]["accepted"] == 5
    assert (Contact.objects.count(), Reply.objects.count()) == (2, 3)


HEADINGS = (
    "Ticket Number",
    "Date Created",
    "Subject",
    "From",
    "From Email",
    "Source",
    "Current Status",
    "Closed Date",
    "Message",
)


def entry(ref: int, kind: str, at: str, body: str, **more: Any) -> dict[str, Any]:
    return {
        "number": "700001",
        "id": ref,
        "type": kind,
        "created": at,
        "body": body,
        "format": "html",
        "source": "",
        "title": None,
        "attachments": None,
    } | more


ENTRIES = (
    entry(1, "M", "2024-03-04 08:00:01.000000", "<p>每月多扣了我十块钱彩铃费</p>"),
    entry(2, "R", "2024-03-05 09:00:00.000000", "<p>我们在查。</p>"),
    entry(3, "N", "2024-03-05 09:05:00.000000", "pays late"),
    entry(
        4,
        "M",
        "2024-03-06 10:00:00.000000",
        "1 < 2，还没有退",
        format="text",
        attachments=[{"filename": "bill.pdf", "size": 20480}],
    ),
    entry(5, "R", "2024-03-07 10:00:00.000000", "已退。", attachments='[{"filename": "a.pdf"}]'),
)


def osticket(tmp_path: Path, entries: Any, *options: str, message: str = "") -> Any:
    tickets = tmp_path / "tickets.csv"
    with tickets.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerow(
            [
                "700001",
                "2024-03-04 08:00:00",
                "彩铃",
                "Lin",
                "lin@harbour.example",
                "Email",
                "Closed",
                "2024-03-08 10:00:00",
                message,
            ]
        )
        writer.writerow(
            [
                "700002",
                "2024-03-04 08:00:00",
                "彩铃",
                "Lin",
                "lin@harbour.example",
                "Email",
                "Deleted",
                "2024-03-08 10:00:00",
                message,
            ]
        )
    if entries is not None:
        path = tmp_path / "entries.jsonl"
        path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in entries))
        options += ("--entries", str(path))
    return amends(
        "import", "complaints", tickets, "--from", "osticket", "--zone", "UTC", "--json", *options
    )


def test_entries_of_osticket_come_along(tmp_path: Path) -> None:
    of_deleted = entry(8, "M", "2024-03-04 08:00:01", "gone", number="700002")
    orphan = entry(9, "M", "2024-03-04 08:00:01", "whose", number="799999")
    odd = entry(10, "X", "2024-03-04 08:00:01", "what")
    document = osticket(tmp_path, (*ENTRIES, of_deleted, orphan, odd)).document
    assert document["messages"] == {
        "read": 8,
        "accepted": 4,
        "duplicates": 0,
        "left_out": 2,
        "rejected": 2,
    }
    reasons = Path(document["rejects_file"]).read_text("utf-8-sig")
    assert "entries.jsonl: message 9 of the ticket belongs to no ticket" in reasons
    first, second = Contact.objects.order_by("received_at")
    assert first.text == "彩铃\n\n每月多扣了我十块钱彩铃费"
    assert second.text.startswith("1 < 2，还没有退\n\n")
    assert "bill.pdf (20.0" in second.text.replace("\xa0", " ")
    assert second.received_at == datetime(2024, 3, 6, 10, 0, tzinfo=UTC)
    assert second.channel == "mail", "what says no channel came on that of its ticket"
    letters = Reply.objects.order_by("posted_at")
    assert (letters[0].subject, letters[0].body) == ("彩铃", "我们在查。")
    assert "a.pdf" in letters[1].body
    again = osticket(tmp_path, ENTRIES).document["messages"]
    assert (again["accepted"], again["duplicates"], again["left_out"]) == (0, 4, 1)


def test_signs_of_lines_within_words_and_broken_lines_among_entries(tmp_path: Path) -> None:
    said = entry(2, "R", "2024-03-05 09:00:00", "一行\u2028另一行\x85还有", format="text")
    path = tmp_path / "own.jsonl"
    lines = [json.dumps(one, ensure_ascii=False) for one in (ENTRIES[0], said)]
    path.write_text("\n".join([lines[0], lines[1], lines[1][:30], '{"number": "700001"}', ""]))
    document = osticket(tmp_path, None, "--entries", str(path)).document
    assert document["messages"] == {
        "read": 4,
        "accepted": 2,
        "duplicates": 0,
        "left_out": 0,
        "rejected": 2,
    }
    reasons = Path(document["rejects_file"]).read_text("utf-8-sig")
    assert "own.jsonl: is not JSON" in reasons
    assert "own.jsonl: is no thread entry of osTicket" in reasons


def test_entries_as_a_table_do_as_well(tmp_path: Path) -> None:
    path = tmp_path / "entries.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "id", "type", "created", "body", "attachments"])
        writer.writerow(["700001", "1", "M", "2024-03-04 08:00:01", "多扣了", "a.pdf\nb.pdf"])
        writer.writerow(["700001", "2", "R", "2024-03-05 08:00:01", "已退", ""])
        row = ["700001", "3", "M", "2024-03-06 08:00:01", "还是多扣", '"[photo].png"']
        writer.writerow(row)
    document = osticket(tmp_path, None, "--entries", str(path)).document
    assert document["messages"]["accepted"] == 3
    texts = [one.text for one in Contact.objects.order_by("received_at")]
    assert ["a.pdf, b.pdf" in texts[0], "[photo].png" in texts[1]] == [True, True]


def test_tickets_of_osticket_known_by_their_subject_get_what_they_lack(tmp_path: Path) -> None:
    assert "messages" not in osticket(tmp_path, None).document
    assert osticket(tmp_path, ENTRIES).document["messages"]["accepted"] == 4
    assert osticket(tmp_path, ENTRIES).document["messages"]["accepted"] == 0
    texts = [one.text for one in Contact.objects.order_by("received_at")]
    assert texts[:2] == ["彩铃", "每月多扣了我十块钱彩铃费"]


def test_entries_are_told_when_they_are_none(tmp_path: Path) -> None:
    wrong = osticket(tmp_path, [{"number": "700001", "text": "x"}])
    assert wrong.code == 2
    assert "lacks id, type, created, body" in wrong.err
    gone = osticket(tmp_path, None, "--entries", str(tmp_path / "gone.jsonl"))
    assert gone.code == 2
    assert "gone.jsonl" in gone.err
    assert "Traceback" not in gone.err
    path = tmp_path / "zammad.jsonl"
    path.write_text(json.dumps(ticket(*TALK)))
    refused = amends("import", "complaints", path, "--from", "zammad", "--entries", path)
    assert refused.code == 2
    assert "--from osticket" in refused.err
    assert not Complaint.objects.exists()
