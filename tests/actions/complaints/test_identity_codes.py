"""Identity codes: at most five a day to one person, through whatever entrance they are asked for."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from tests.actions.complaints.conftest import NOW, PHONE, World

from amends.cases.complaints.actions.identify import UnableToIdentify
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.prove_identity import ask_for_proof
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import pipeline
from amends.causes.confirmations.actions.prove_presence import answer_presence, ask_presence
from amends.causes.confirmations.models import Presence
from amends.channels.actions.send_code import code_answered
from amends.channels.jobs.remove_orphaned_files import tidy
from amends.channels.models import IdentityCode, OutboxMessage
from amends.platform.vault.sealing import open_sealed

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

MATTERS = {
    "web": "每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！",
    "mail": "宽带断了三天，一直没有人来修。",
    "sms": "手机没有信号，打不了电话。",
    "api": "营业厅不给我打印账单。",
    "app": "流量用完没有提醒我，扣了很多钱。",
}


def complain(channel: str, text: str) -> str:
    said = Submission(channel=channel, key=channel, text=text, received_at=NOW, phone=PHONE)
    return receive(said, now=NOW).complaint


def codes() -> int:
    return OutboxMessage.objects.filter(key__regex="^(challenge|presence):").count()


def test_five_complaints_about_one_person_send_five_codes(world: World) -> None:
    refs = [complain(channel, text) for channel, text in MATTERS.items()]
    pipeline.acknowledge_waiting(now=NOW)
    for ref in refs * 5:
        with suppress(UnableToIdentify):
            ask_for_proof(ref, now=NOW)
    assert codes() == 5
    asked = ask_presence(world.person, now=NOW)
    assert codes() == 5
    assert Presence.objects.get(id=asked).channel == "none"
    assert answer_presence(asked, "000000", now=NOW) == ""


def test_the_next_day_codes_are_sent_again(world: World) -> None:
    for _ in range(7):
        ask_presence(world.person, now=NOW)
    assert codes() == 5
    later = NOW + timedelta(days=1, minutes=1)
    ask_presence(world.person, now=later)
    assert codes() == 6
    tidy(clock=lambda: later)
    assert IdentityCode.objects.count() == 1


def test_strangers_do_not_keep_the_person_from_a_code(world: World) -> None:
    for n in range(40):
        ask_presence(world.person, source=f"stranger-{n % 4}", now=NOW)
    assert codes() == 20, "five from each"
    ask_presence(world.person, source="another stranger", now=NOW)
    assert codes() == 20, "many sources together are slowed down"
    later = NOW + timedelta(minutes=31)
    asked = ask_presence(world.person, source="own", now=later)
    assert codes() == 21
    code_answered(f"presence:{asked}")
    for n in range(40):
        ask_presence(world.person, source=f"stranger {n}", now=later + timedelta(minutes=31))
    before = codes()
    ask_presence(world.person, source="own", now=later + timedelta(minutes=32))
    assert codes() == before + 1, "who answered a code from there is not slowed down by others"


def test_a_code_that_was_answered_makes_its_source_known(world: World) -> None:
    asked = ask_presence(world.person, source="own", now=NOW)
    assert answer_presence(asked, code_of(asked), now=NOW) == world.person
    assert IdentityCode.objects.get().answered
    tidy(clock=lambda: NOW + timedelta(days=2))
    assert IdentityCode.objects.count() == 1
    tidy(clock=lambda: NOW + timedelta(days=31))
    assert IdentityCode.objects.count() == 0


def code_of(presence: str) -> str:
    message = OutboxMessage.objects.get(key=f"presence:{presence}")
    body = open_sealed(message._meta.db_table, "body_sealed", message.id, message.body_sealed)
    return re.findall(r"\d{6}", body)[0]


def test_an_address_that_was_only_given_is_sent_no_more(db: None) -> None:
    for n, text in enumerate(MATTERS.values()):
        said = Submission(
            channel="web", key=str(n), text=text, received_at=NOW, email="victim@example.org"
        )
        ref = receive(said, now=NOW).complaint
        for _ in range(3):
            with suppress(UnableToIdentify):
                ask_for_proof(ref, now=NOW)
    assert codes() == 5
