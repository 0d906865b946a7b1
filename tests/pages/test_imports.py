"""The page of imports: upload, see how a file is read, confirm."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from amends.cases.complaints.models import Complaint, Contact
from amends.entrances.feeds.actions.uploads import KEPT, MAX_BYTES
from amends.entrances.feeds.jobs.import_uploads import import_uploads, tidy_uploads
from amends.entrances.feeds.models import UploadedFile
from amends.record.ledger.queries import facts_on
from tests.pages.conftest import colleague, signed_in

pytestmark = pytest.mark.django_db

ROWS = """Case number,Opened,Subject,E-mail,Resolution
C-1,2023-05-12,Router keeps restarting,ada@example.org,We sent another
C-2,2023-05-13,Charged twice for May,jon@example.org,
C-2,2023-05-13,Charged twice for May,jon@example.org,
"""


@pytest.fixture
def lead() -> Client:
    return signed_in(colleague("lead", "senior_handler"))


def sent(client: Client, text: str = ROWS, name: str = "cases.csv") -> UploadedFile:
    file = SimpleUploadedFile(name, text.encode())
    answer = client.post("/desk/imports/", {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    return UploadedFile.objects.get()


def test_nothing_is_stored_before_it_was_seen_and_confirmed(lead: Client) -> None:
    row = sent(lead)
    page = lead.get(f"/desk/imports/{row.id}/").content.decode()
    assert "Router keeps restarting" in page
    assert "Rows: 3. To be imported: 2; twice in the file: 1; refused: 0." in page
    assert "<code>received_at</code>" in page
    assert "We sent another" not in page
    assert "ada@example.org" not in page
    assert Contact.objects.count() == 0

    lead.post(f"/desk/imports/{row.id}/confirm/")
    assert Contact.objects.count() == 0
    import_uploads(now=timezone.now())
    assert {one.original_id for one in Complaint.objects.all()} == {"C-1", "C-2"}
    assert "Accepted: 2" in lead.get(f"/desk/imports/{row.id}/").content.decode()


def test_the_bytes_are_sealed_and_gone_afterwards(lead: Client) -> None:
    row = sent(lead)
    path = Path(settings.MEDIA_ROOT) / row.path
    assert b"Router" not in path.read_bytes()
    lead.post(f"/desk/imports/{row.id}/discard/")
    assert not path.exists()
    row.refresh_from_db()
    assert row.state == UploadedFile.State.DISCARDED
    lead.post(f"/desk/imports/{row.id}/confirm/")
    assert import_uploads(now=timezone.now()) == 0
    assert Contact.objects.count() == 0


def test_what_nobody_confirms_is_removed(lead: Client) -> None:
    row = sent(lead)
    path = Path(settings.MEDIA_ROOT) / row.path
    assert tidy_uploads(now=timezone.now()) == 0
    assert tidy_uploads(now=timezone.now() + KEPT * 2) == 1
    assert not path.exists()


def test_what_the_file_does_not_tell_is_asked_on_the_page(lead: Client) -> None:
    row = sent(lead, "Opened,Complaint\n03/04/2021,Cut off\n05/06/2021,Charged twice\n")
    refused = lead.get(f"/desk/imports/{row.id}/").content.decode()
    assert "can be read in two ways" in refused
    assert "Import</button>" not in refused
    read = lead.get(f"/desk/imports/{row.id}/", {"date_order": "dmy"}).content.decode()
    assert "2021-04-03" in read
    lead.post(f"/desk/imports/{row.id}/confirm/", {"date_order": "dmy"})
    import_uploads(now=timezone.now())
    days = {str(timezone.localdate(one.received_at)) for one in Contact.objects.all()}
    assert days == {"2021-04-03", "2021-06-05"}


def test_a_file_that_is_refused_says_why_and_changes_nothing(lead: Client) -> None:
    row = sent(lead, "Operator,Rating\nHillnet,1\n")
    assert "No column looks like the words" in lead.get(f"/desk/imports/{row.id}/").content.decode()
    lead.post(f"/desk/imports/{row.id}/confirm/")
    import_uploads(now=timezone.now())
    row.refresh_from_db()
    assert row.state == UploadedFile.State.FAILED
    assert "No column looks like the words" in row.report["what"]
    assert lead.get("/desk/imports/").status_code == 200


def test_large_files_are_sent_to_the_command(lead: Client) -> None:
    file = SimpleUploadedFile("big.csv", b"x" * (MAX_BYTES + 1))
    answer = lead.post("/desk/imports/", {"file": file})
    assert answer.status_code == 400
    assert "amends import complaints FILE" in answer.content.decode()


def test_who_may_not_import_sees_no_page(lead: Client) -> None:
    row = sent(lead)
    handler = signed_in(colleague("hand", "handler"))
    for path in ("", f"{row.id}/"):
        assert handler.get(f"/desk/imports/{path}").status_code == 403
    assert handler.post(f"/desk/imports/{row.id}/confirm/").status_code == 403
    assert UploadedFile.objects.get().state == UploadedFile.State.UPLOADED


FACT = (
    '{"kind": "IncidentOpened", "happened_at": "2026-11-20T09:00:00+08:00", "source": "noc", '
    '"subject": "n1", "incident": "i-1", "area": "n1", "technology": "all", "cause": "power"}\n'
)


def test_only_an_administrator_imports_the_records_that_decide_complaints(lead: Client) -> None:
    def send(client: Client) -> None:
        file = SimpleUploadedFile("facts.jsonl", FACT.encode())
        client.post("/desk/imports/", {"kind": "facts", "file": file})

    send(lead)
    assert UploadedFile.objects.count() == 0
    assert 'value="facts"' not in lead.get("/desk/imports/").content.decode()

    administrator = signed_in(colleague("adm", "administrator"))
    send(administrator)
    row = UploadedFile.objects.get()
    assert lead.post(f"/desk/imports/{row.id}/confirm/").status_code == 403
    assert import_uploads(now=timezone.now()) == 0
    administrator.post(f"/desk/imports/{row.id}/confirm/")
    import_uploads(now=timezone.now())
    assert len(facts_on("n1", kinds=["IncidentOpened"])) == 1


def test_the_page_is_in_chinese_too(lead: Client) -> None:
    row = sent(lead)
    lead.cookies["amends_language"] = "zh-hans"
    page = lead.get(f"/desk/imports/{row.id}/").content.decode()
    assert "共 3 行" in page
    assert "读取结果" in page


def test_the_list_names_who_uploaded_and_who_confirmed_a_file(lead: Client) -> None:
    row = sent(lead)
    assert ">lead</td>" in lead.get("/desk/imports/").content.decode()
    signed_in(colleague("adm", "administrator")).post(f"/desk/imports/{row.id}/confirm/")
    assert ">lead, adm</td>" in lead.get("/desk/imports/").content.decode()


def test_only_an_administrator_discards_records(lead: Client) -> None:
    administrator = signed_in(colleague("adm", "administrator"))
    file = SimpleUploadedFile("facts.csv", b"kind,happened_at,source\n")
    administrator.post("/desk/imports/", {"kind": "facts", "file": file})
    row = UploadedFile.objects.get()
    assert lead.post(f"/desk/imports/{row.id}/discard/").status_code in (400, 403)
    row.refresh_from_db()
    assert row.state == UploadedFile.State.UPLOADED
    administrator.post(f"/desk/imports/{row.id}/discard/")
    row.refresh_from_db()
    assert row.state == UploadedFile.State.DISCARDED


def test_records_of_one_administrator_wait_for_another(lead: Client) -> None:
    uploader = signed_in(colleague("adm", "administrator"))
    other = signed_in(colleague("adm2", "administrator"))
    file = SimpleUploadedFile("facts.jsonl", FACT.encode())
    uploader.post("/desk/imports/", {"kind": "facts", "file": file})
    row = UploadedFile.objects.get()

    page = uploader.get(f"/desk/imports/{row.id}/").content.decode()
    assert "another administrator confirms this file" in page
    assert f"/desk/imports/{row.id}/confirm/" not in page
    refused = uploader.post(f"/desk/imports/{row.id}/confirm/")
    assert refused.status_code in (400, 403, 409)
    assert import_uploads(now=timezone.now()) == 0
    assert not facts_on("n1", kinds=["IncidentOpened"])

    page = other.get(f"/desk/imports/{row.id}/").content.decode()
    assert "Uploaded by adm" in page
    assert "IncidentOpened" in page
    other.post(f"/desk/imports/{row.id}/confirm/")
    import_uploads(now=timezone.now())
    assert len(facts_on("n1", kinds=["IncidentOpened"])) == 1
    assert ">adm, adm2</td>" in other.get("/desk/imports/").content.decode()


def test_records_that_no_one_confirms_are_discarded(lead: Client) -> None:
    uploader = signed_in(colleague("adm", "administrator"))
    colleague("adm2", "administrator")
    file = SimpleUploadedFile("facts.jsonl", FACT.encode())
    uploader.post("/desk/imports/", {"kind": "facts", "file": file})
    tidy_uploads(now=timezone.now() + 2 * KEPT)
    assert UploadedFile.objects.get().state == UploadedFile.State.DISCARDED


def test_an_administrator_who_was_put_out_of_service_is_no_second_person(lead: Client) -> None:
    uploader = signed_in(colleague("adm", "administrator"))
    gone = colleague("adm2", "administrator")
    gone.is_active = False
    gone.save()
    file = SimpleUploadedFile("facts.jsonl", FACT.encode())
    uploader.post("/desk/imports/", {"kind": "facts", "file": file})
    row = UploadedFile.objects.get()
    uploader.post(f"/desk/imports/{row.id}/confirm/")
    import_uploads(now=timezone.now())
    assert len(facts_on("n1", kinds=["IncidentOpened"])) == 1
