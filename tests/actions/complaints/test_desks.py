"""Tickets of other desks come in as history: their numbers, states and times, and nothing happens."""

from __future__ import annotations

import csv
import json
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from amends.cases.complaints.models import Clock, Complaint, Contact
from amends.channels.models import OutboxMessage
from amends.record.ledger.models import SingleFact
from desks import exports
from shell import amends

pytestmark = pytest.mark.django_db
COUNT = int(os.environ.get("AMENDS_TICKETS", "300"))


@pytest.mark.parametrize("desk", ["zammad", "osticket"])
def test_an_export_comes_in_whole_once_and_silently(desk: str, tmp_path: Path) -> None:
    path = tmp_path / "export"
    exports.write(desk, COUNT, path)
    done = amends("import", "complaints", path, "--from", desk, "--json")
    assert done.code == 0, done.err
    read, accepted, rejected = (done.document[name] for name in ("read", "accepted", "rejected"))
    assert (read, accepted + rejected, done.document["duplicates"]) == (COUNT, COUNT, 0)
    assert 0 < rejected < COUNT / 3, "what was merged or deleted is told, not taken"
    assert Complaint.objects.filter(original_source=desk).count() == accepted
    assert not OutboxMessage.objects.exists()
    assert not Clock.objects.exists()
    assert set(SingleFact.objects.values_list("kind", flat=True)) == {"ComplaintReceived"}
    again = amends("import", "complaints", path, "--from", desk, "--json").document
    assert (again["accepted"], again["duplicates"]) == (0, accepted)


def test_a_ticket_of_zammad_keeps_what_is_its_own(tmp_path: Path) -> None:
    ticket = exports.zammad(7, random.Random(3)) | {"state": "closed", "number": "20007"}
    ticket["close_at"] = "2024-02-01T10:00:00Z"
    own, answer, note = ticket["articles"]
    own |= {
        "content_type": "text/html",
        "body": "<p>多扣了十块钱&nbsp;<b>彩铃</b></p>",
        "type": "sms",
    }
    again = own | {"id": 99, "body": "还没有退", "content_type": "text/plain"}
    path = tmp_path / "one.json"
    path.write_text(json.dumps([ticket | {"articles": [own, answer, note, again]}]))
    assert (
        amends("import", "complaints", path, "--from", "zammad", "--json").document["accepted"] == 1
    )
    complaint = Complaint.objects.get()
    assert (complaint.original_id, complaint.original_source) == ("20007", "zammad")
    assert (complaint.state, complaint.channel) == ("closed_unconfirmed", "sms")
    assert complaint.received_at == datetime(2024, 1, 1, 8, 49, tzinfo=UTC)
    assert complaint.resolved_at == datetime(2024, 2, 1, 10, 0, tzinfo=UTC)
    first, second = Contact.objects.order_by("id").values_list("text", flat=True)
    assert "多扣了十块钱" in first
    assert second == "还没有退"
    assert not Contact.objects.filter(text__contains="looking into").exists()
    assert not Contact.objects.filter(text__contains="pays late").exists()


def test_an_export_of_osticket_with_semicolons_and_without_messages(tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    exports.write("osticket", 40, path, delimiter=";")
    with path.open(encoding="utf-8") as file:
        rows = [row[:-1] for row in csv.reader(file, delimiter=";")]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    done = amends("import", "complaints", path, "--from", "osticket", "--json").document
    assert done["accepted"] + done["rejected"] == 40
    assert Complaint.objects.filter(state="resolved").exists()


@pytest.mark.parametrize(
    ("desk", "content", "says"),
    [
        ("zammad", "hello", "not JSON"),
        ("zammad", '[{"a": 1}]', ""),
        ("osticket", "a,b\n1,2\n", "lacks Ticket Number"),
        ("otrs", "a,b\n1,2\n", "zammad, osticket"),
    ],
)
def test_other_files_are_refused_in_words(
    tmp_path: Path, desk: str, content: str, says: str
) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    done = amends("import", "complaints", path, "--from", desk, "--json")
    assert "Traceback" not in done.err
    if says:
        assert done.code == 2
        assert says in done.err
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("desk", ["zammad", "osticket"])
def test_a_file_that_is_not_there_is_told(desk: str, tmp_path: Path) -> None:
    for place in (tmp_path / "mistyped.jsonl", tmp_path):
        done = amends("import", "complaints", place, "--from", desk)
        assert done.code == 2
        assert "cannot be read" in done.err


def test_a_broken_line_among_good_ones_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "file"
    exports.write("zammad", 5, path)
    lines = path.read_text().splitlines()
    lines[2] = lines[2][:40]
    lines[3] = '{"number": "", "title": "x", "created_at": "yesterday"}'
    path.write_text("\n".join(lines))
    done = amends("import", "complaints", path, "--from", "zammad", "--json").document
    assert done["read"] == 5
    assert done["rejected"] >= 2
    assert Path(done["rejects_file"]).exists()
