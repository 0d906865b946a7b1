"""A campaign: guided test by test, reminded on the user's own channel, ended by a signed protocol."""

from __future__ import annotations

import os
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from tests.shell import amends, run_amends

from amends.causes.confirmations.actions.prove_presence import request_presence
from amends.causes.confirmations.jobs.send_codes import send_codes
from amends.channels.models import OutboxMessage
from amends.network.quality.actions.import_radio import import_radio
from amends.network.quality.actions.start_campaign import (
    ask_about_reminders,
    set_reminders,
    start_campaign,
)
from amends.network.quality.jobs.remind import remind
from amends.network.quality.models import Campaign, SpeedTest
from amends.network.quality.queries.verdicts import campaign_progress, campaign_verdict
from amends.network.quality.rules.signed_pdf import (
    UnableToReadProtocol,
    UnableToVerifyProtocol,
    verified,
)
from amends.network.quality.texts.protocol import protocol
from amends.people.access.web.limits import DOCUMENTS, SENDING, SERIES
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends.record.ledger.queries.keys import key_path, verifier_key

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 2, 9, tzinfo=BERLIN)
PLAN = {
    "down_max_mbps": 100.0,
    "down_normal_mbps": 80.0,
    "down_min_mbps": 50.0,
    "up_max_mbps": 40.0,
    "up_normal_mbps": 30.0,
    "up_min_mbps": 20.0,
}


def begin(recipient: str = "") -> Campaign:
    return start_campaign(
        "de-fixed@2021-12-13", PLAN, language="en", recipient=recipient, now=MONDAY
    )


def run(campaign: Campaign, at: datetime, number: int, down_mbps: float = 40) -> SpeedTest:
    return SpeedTest.objects.create(
        code=f"TEST-{number:04}-AAAA",
        test=f"spd-{number}",
        at=at,
        server="pop1",
        method="ndt7",
        down_kbps=round(down_mbps * 1000),
        up_kbps=35_000,
        min_rtt_us=9_000,
        campaign=campaign,
        conditions={"wired": True},
    )


def run_all(campaign: Campaign) -> None:
    """Thirty tests, each at the moment the campaign names."""
    now = MONDAY
    for number in range(30):
        found = campaign_progress(campaign, now)
        assert found.next_at is not None
        now = found.next_at
        run(campaign, now, number)


def test_following_the_guide_makes_a_whole_series_and_a_verdict() -> None:
    campaign = begin()
    run_all(campaign)
    found = campaign_progress(campaign, MONDAY + timedelta(days=6))
    assert (found.done, found.of, found.next_at, len(found.days)) == (30, 30, None, 3)
    _rules, verdict = campaign_verdict(
        campaign, list(campaign.tests.all()), MONDAY + timedelta(days=6)
    )
    assert (verdict.verdict, verdict.counted, verdict.marked) == ("breach_strong", 30, {})


def test_the_fifth_and_the_sixth_test_lie_three_hours_apart() -> None:
    campaign = begin()
    for number in range(5):
        run(campaign, MONDAY + timedelta(minutes=5 * number), number)
    found = campaign_progress(campaign, MONDAY + timedelta(minutes=30))
    assert found.next_at == MONDAY + timedelta(minutes=20, hours=3)


def test_a_day_that_ended_too_early_is_begun_again() -> None:
    campaign = begin()
    run(campaign, MONDAY, 1)
    found = campaign_progress(campaign, MONDAY + timedelta(days=1))
    assert (found.done, found.next_at) == (0, MONDAY + timedelta(days=1))


def test_reminders_go_to_a_confirmed_address_once_a_day_and_end_with_the_series() -> None:
    campaign = begin("ann@example.org")
    assert ask_about_reminders(now=MONDAY) == 1
    campaign.refresh_from_db()
    [asked] = OutboxMessage.objects.filter(reference=campaign.code)
    assert (asked.channel, remind(now=MONDAY)) == ("mail", 0), "nothing before it is confirmed"
    set_reminders(campaign, wanted=True, now=MONDAY)
    assert [remind(now=MONDAY), remind(now=MONDAY + timedelta(hours=1))] == [1, 0]
    assert remind(now=MONDAY + timedelta(hours=20)) == 0, "nobody is woken"
    assert remind(now=MONDAY + timedelta(days=1)) == 1
    run_all(campaign)
    assert remind(now=MONDAY + timedelta(days=7)) == 0
    campaign.refresh_from_db()
    assert (campaign.confirmed_at, bytes(campaign.recipient)) == (None, b"")


def test_the_pages_guide_and_only_the_message_leads_to_the_reminders(client: Client) -> None:
    english = {"accept-language": "en"}
    assert "tests on 3 days" in client.get("/speed/campaigns/", headers=english).content.decode()
    answer = client.post("/speed/campaigns/", {"down_max_mbps": "50", "down_min_mbps": "60"})
    assert answer.status_code == 422
    answer = client.post(
        "/speed/campaigns/", {"down_max_mbps": "100", "reminders": "ann@example.org"}
    )
    row = Campaign.objects.get()
    assert answer["Location"] == f"/speed/campaigns/{row.code}/"
    page = client.get(answer["Location"], headers=english).content.decode()
    assert f"/speed/?campaign={row.code}" in page
    assert row.code in client.get(f"/speed/?campaign={row.code}").content.decode()
    assert client.get(f"/speed/campaigns/{row.code}/reminders/guess/").status_code == 404


def messages() -> int:
    ask_about_reminders(now=MONDAY)
    return OutboxMessage.objects.filter(key__startswith="speed-campaign:").count()


@pytest.mark.postgres_too
def test_one_visitor_sends_no_more_messages_than_the_shared_limit(client: Client) -> None:
    """60 mails and 60 text messages went to 120 strangers in seconds."""
    for n in range(60):
        for address in (f"stranger{n}@example.org", f"139{n:08d}"):
            answer = client.post(
                "/speed/campaigns/", {"down_max_mbps": "100", "reminders": address}
            )
    assert answer.status_code == 429
    assert messages() == SENDING.times
    for _ in range(3):
        assert client.post("/mine/", {"number": "13900001234"}).status_code == 429
    later = Client(REMOTE_ADDR="198.51.100.7")
    assert later.post("/mine/", {"number": "13900001234"}).status_code == 200


def test_series_without_reminders_are_limited_too(client: Client) -> None:
    answers = [
        client.post("/speed/campaigns/", {"down_max_mbps": "100"}).status_code for _ in range(150)
    ]
    assert answers.count(302) == SERIES.times
    assert answers[-1] == 429


def test_a_series_says_nothing_of_codes_that_were_asked_for_before(client: Client) -> None:
    """Six codes to a number we know, then a series with it: it answered otherwise."""
    pages = []
    for number, known in (("13900001234", True), ("13800001234", False)):
        if known:
            register(NewSubscriber(name="林小满", phone=number), now=MONDAY)
        for _ in range(6):
            request_presence(number, source="elsewhere", now=MONDAY)
        send_codes(now=MONDAY)
        answer = client.post("/speed/campaigns/", {"down_max_mbps": "100", "reminders": number})
        page = client.get(answer["Location"], headers={"accept-language": "en"})
        code = Campaign.objects.latest("started_at", "code").code
        pages.append(re.sub("/own/[^<]*", "", page.content.decode().replace(code, "CODE")))
        Campaign.objects.all().delete()
    assert pages[0] == pages[1]


def test_the_protocol_is_limited_for_each_address(client: Client) -> None:
    campaign = begin()
    for _ in range(DOCUMENTS.times):
        DOCUMENTS.count(client.get("/speed/").wsgi_request, now=timezone.now())
    address = f"/speed/campaigns/{campaign.code}/protocol.pdf"
    assert client.get(address).status_code == 429
    assert client.get(address, REMOTE_ADDR="198.51.100.7").status_code == 200


def test_the_protocol_verifies_offline_and_every_change_shows(tmp_path: Path) -> None:
    campaign = begin()
    run_all(campaign)
    file = protocol(campaign, MONDAY + timedelta(days=6))
    key = verifier_key()
    assert file.startswith(b"%PDF")
    assert verified(file, key) == campaign.code
    (tmp_path / "protocol.pdf").write_bytes(file)
    answer = amends(
        "quality", "protocol", "verify", str(tmp_path / "protocol.pdf"), "--key", str(key)
    )
    assert campaign.code in answer.out
    with pytest.raises(UnableToVerifyProtocol):
        verified(file.replace(b"/Page", b"/Pagf", 1), key)
    for other in (file[:-200], file + b"\n", file + b"\n\n", file.removesuffix(b"\n"), file + b" "):
        with pytest.raises(UnableToReadProtocol):
            verified(other, key)


def test_a_protocol_verifies_with_the_key_of_the_installation(tmp_path: Path) -> None:
    """In a process of its own: nothing has started Django there."""
    campaign = begin()
    run_all(campaign)
    file, home = tmp_path / "protocol.pdf", tmp_path / "home"
    environment = {name: value for name, value in os.environ.items() if name != "AMENDS_DATA_DIR"}
    environment |= {"AMENDS_DATA_DIR": str(home), "LC_ALL": "C"}
    words = ["quality", "protocol", "verify", file]
    file.write_bytes(protocol(campaign, MONDAY + timedelta(days=6)))
    without = run_amends(words, environment)
    assert (without.returncode, "--key" in without.stderr) == (2, True), without.stderr
    assert not list(home.rglob("ledger.key")), "no key is made for the asking"
    shutil.copy2(key_path(), home / "keys")
    answer = run_amends(words, environment)
    assert answer.returncode == 0, answer.stderr
    assert campaign.code in answer.stdout


def test_radio_completes_tests_and_what_no_phone_measures_is_refused(tmp_path: Path) -> None:
    campaign = begin()
    one, two = run(campaign, MONDAY, 1), run(campaign, MONDAY, 2)
    rows = [
        {"code": one.code, "cell": 4711, "rsrp_dbm": -95, "sinr_db": 12.5},
        {"code": two.code, "rsrp_dbm": 95},
        {"code": "NONE-0000-AAAA", "rsrp_dbm": -95},
    ]
    assert import_radio(rows).completed == 1
    assert list(import_radio(rows).refused) == ["[0]", "[1]", "[2]"], "what stands is kept"
    one.refresh_from_db()
    assert one.radio == {"cell": "4711", "rsrp_dbm": -95.0, "sinr_db": 12.5}
    file = tmp_path / "radio.json"
    file.write_text('{"code": 1}')
    assert amends("quality", "import-radio", str(file)).code != 0


def test_a_user_may_choose_the_rule_of_a_national_authority(client: Client, settings: Any) -> None:
    settings.JURISDICTION = "eu"
    page = client.get("/speed/campaigns/", headers={"accept-language": "en"}).content.decode()
    assert "?rule=de-fixed%402021-12-13" in page
    client.post("/speed/campaigns/?rule=de-fixed%402021-12-13", {"down_max_mbps": "100"})
    assert Campaign.objects.get().rule == "de-fixed@2021-12-13"
