"""An empty installation becomes one with a first complaint and its evidence, in pages alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as installed
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from amends.cases.complaints.jobs.pipeline import process
from amends.cases.complaints.models import Complaint
from amends.channels.models import OutboxMessage
from amends.channels.queries.contacts import opened_column
from amends.entrances.feeds.actions.uploads import import_confirmed
from amends.entrances.feeds.models import UploadedFile
from amends.people.access.models import User
from amends.people.operator.queries import operator, parts_in_use, public_address
from amends.people.subscribers.models import Subscriber
from amends.site.first_run import CODE_FILE, setup_code
from tests.pages.conftest import PASSWORD, colleague, signed_in

ACCOUNT = {
    "pack": "cn",
    "name": "Example Telecom",
    "hotline": "10086",
    "public_address": "https://complaints.example.org/",
    "username": "first.person",
    "password": PASSWORD,
}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation in which nobody has chosen a country."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr("amends.site.web.setup.chosen_pack", lambda: "")


@pytest.mark.django_db
def test_the_first_page_says_where_to_begin() -> None:
    page = Client().get("/").content.decode()
    assert "/setup/" in page
    assert setup_code() not in page, "the code is for who runs the server"


@pytest.mark.django_db
def test_the_address_is_secret_and_works_once() -> None:
    client = Client()
    assert client.get("/setup/wrong/").status_code == 404
    address = f"/setup/{setup_code()}/"
    assert (installed.DATA_DIR / CODE_FILE).stat().st_mode & 0o077 == 0
    assert client.post(address, ACCOUNT).status_code == 200
    assert client.get("/desk/setup/").status_code == 200, "signed in at once"
    assert operator().name == "Example Telecom"
    assert public_address() == "https://complaints.example.org"
    assert parts_in_use() == set(), "a new operator begins with complaints and indicators"
    assert Client().get(address).status_code == 404
    assert Client().post(address, ACCOUNT | {"username": "second"}).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"password": "short"}, "too short"),
        ({"pack": "xx"}, "valid choice"),
        ({"name": ""}, "required"),
    ],
)
def test_what_cannot_be_used_makes_no_account(wrong: dict[str, str], says: str) -> None:
    client = Client(headers={"accept-language": "en"})
    answer = client.post(f"/setup/{setup_code()}/", ACCOUNT | wrong)
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_another_country_is_stored_for_the_next_start(settings: Any) -> None:
    answer = Client().post(f"/setup/{setup_code()}/", ACCOUNT | {"pack": "uk"})
    assert "starts again" in answer.content.decode() or "重新启动" in answer.content.decode()
    assert (settings.DATA_DIR / "pack").read_text() == "uk"


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_says_why_and_the_step_stays_open() -> None:
    client = signed_in(colleague("a.admin", "administrator"))
    client.post("/desk/setup/facts/upload/", {"file": _file("facts.csv", b"a,b\n1,2\n")})
    assert "being imported" in client.get("/desk/setup/").content.decode()
    import_confirmed(now=timezone.now())
    page = client.get("/desk/setup/").content.decode()
    assert "has no column kind" in page
    assert client.post("/desk/setup/facts/upload/").status_code in (400, 422)
    assert UploadedFile.objects.count() == 1


@pytest.mark.django_db
def test_the_variable_of_the_server_wins_over_the_stored_address(settings: Any) -> None:
    settings.BASE_URL, settings.BASE_URL_IS_SET = "https://fixed.example.org", True
    client = Client()
    address = f"/setup/{setup_code()}/"
    assert 'name="public_address"' not in client.get(address).content.decode()
    assert client.post(address, ACCOUNT).status_code == 200
    assert public_address() == "https://fixed.example.org"
    page = client.get("/desk/settings/address/").content.decode()
    assert "AMENDS_BASE_URL" in page


@pytest.mark.django_db
def test_the_public_address_is_changed_on_its_page() -> None:
    client = signed_in(colleague("a.admin", "administrator"))
    page = "/desk/settings/address/"
    assert client.post(page, {"public_address": "complaints"}).status_code == 400
    client.post(page, {"public_address": "https://new.example.org/"})
    assert public_address() == "https://new.example.org"
    assert "AMENDS_ALLOWED_HOSTS" in client.get(page).content.decode()
    assert signed_in(colleague("m.manager", "manager")).get(page).status_code == 403


@pytest.mark.django_db
def test_an_administrator_lands_on_the_first_steps_until_they_end() -> None:
    client = signed_in(colleague("a.admin", "administrator"))
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/desk/setup/"
    assert 'id="step-channel"' in answer.content.decode()
    assert "1 of 5 steps done" in answer.content.decode(), "no channel is switched on"
    assert "/desk/setup/" in client.get("/desk/day/").content.decode()
    client.post("/desk/setup/end/")
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/desk/day/"
    assert "Back to the first steps" not in answer.content.decode()
    handler = signed_in(colleague("h.handler")).get("/", follow=True)
    assert handler.redirect_chain[-1][0] == "/desk/day/"


@pytest.mark.django_db
def test_a_test_message_goes_to_oneself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = colleague("a.admin", "administrator")
    client = signed_in(admin)
    page = "/desk/settings/channels/"
    assert "switched off" in client.get(page).content.decode()
    assert client.post(f"{page}test/").status_code == 403
    admin.email = "admin@example.org"
    admin.save()
    client.post(f"{page}test/")
    assert not OutboxMessage.objects.exists(), "email is off"
    monkeypatch.setenv("AMENDS_SMTP_URL", "smtp+plain://localhost:2525")
    monkeypatch.setenv("AMENDS_MAIL_FROM", "desk@example.org")
    client.post(f"{page}test/")
    message = OutboxMessage.objects.get()
    assert opened_column(message, "recipient_sealed") == "admin@example.org"
    assert message.state == "queued"
    assert "waiting" in client.get(page).content.decode()


@pytest.mark.django_db
def test_only_who_administers_sets_up() -> None:
    client = signed_in(colleague("h.handler"))
    assert client.get("/desk/setup/").status_code == 403
    assert client.post("/desk/setup/subscribers/upload/").status_code == 403


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_from_nothing_to_the_first_complaint_with_evidence(visitor: Any) -> None:
    """The whole way of somebody new, in one window; the jobs are called where they would run."""
    window = visitor(language="en")
    page = window.open(f"/setup/{setup_code()}/")
    page.get_by_label("Name of the operator").fill("Example Telecom")
    page.get_by_label("Name to sign in with").fill("first.person")
    page.get_by_label("Password").fill(PASSWORD)
    window.press(page.get_by_role("button", name="Make the account"))
    window.press(page.get_by_role("link", name="Continue"))
    window.stands_at("/desk/setup/")
    for kind, title in (("subscribers", "Subscribers"), ("facts", "Records")):
        step = page.locator(f"#step-{kind}")
        sample = window.download(step.get_by_role("link", name="Download a sample"))
        name = "subscribers.csv" if kind == "subscribers" else "records.jsonl"
        content = sample.read_bytes()
        step.get_by_label("File").set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": content}
        )
        window.press(step.get_by_role("button", name="Import"))
        expect(page.locator(f"#step-{kind}")).to_contain_text("under way")
        assert import_confirmed(now=timezone.now()) == 1
        expect(page.locator(f"#step-{kind} .badge")).to_have_text("done"), title
    assert Subscriber.objects.count() == 2
    window.press(page.locator("#step-complaint").get_by_role("link", name="Log a call"))
    page.get_by_label("What the caller said").fill(
        "I was charged 5 for a music pack that I never ordered."
    )
    page.get_by_label("Number of the caller").fill("13900000001")
    window.press(page.get_by_role("button", name="Take down"))
    complaint = Complaint.objects.get()
    window.stands_at(f"/desk/c/{complaint.id}/")
    window.touch(page.get_by_role("tab", name="Customer"))
    window.touch(page.get_by_role("button", name="A document was shown").first)
    page.get_by_label("I compared name and photo").check()
    window.press(page.get_by_role("button", name="Confirm identity"))
    process(now=timezone.now())
    window.open("/desk/setup/")
    expect(page.locator("#step-complaint .badge")).to_have_text("done")
    expect(page.locator("#step-complaint")).to_contain_text("Decided from the records.")
    complaint.refresh_from_db()
    assert complaint.verdict == "upheld"
    assert window.faults == []


def _file(name: str, content: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)
