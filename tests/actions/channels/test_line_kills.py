"""The line to the message centre: killed in the middle, and opened again when it breaks."""

from __future__ import annotations

import collections
import os
import random
import secrets
import threading
import time

import pytest
from django.db import transaction

from amends.channels.actions.post import Outgoing, post_many
from amends.channels.jobs.sms_session import hold_line
from amends.channels.models import OutboxMessage
from amends.record.ledger.models import SingleFact
from mailservers.installation import Installation
from smscentres.centre import Centre

POST = """
from django.db import transaction
from amends.channels.actions.post import Outgoing, post_many
with transaction.atomic():
    post_many([Outgoing(key=f"k{{n}}", channel="sms", recipient=f"+861381234{{n:04d}}",
                        body="您的流量已用八成。" * {times}, language="zh") for n in range({count})],
              now=timezone.now())
"""
HOLD = """
import threading
from datetime import timedelta
from amends.channels.jobs.sms_session import hold_line
hold_line(threading.Event(), clock=lambda: timezone.now() + timedelta(hours={hours}))
"""
MESSAGES = 1_000
"""More than all rounds send before they are killed."""
STATES = "SELECT state, count(*) FROM channels_outboxmessage GROUP BY state"


@pytest.fixture
def centre():
    running = Centre()
    yield running
    running.stop()


@pytest.mark.nightly
def test_killed_at_random_moments_no_message_is_sent_twice_or_lost(
    centre, tmp_path, migrated_database_url
):
    seed = int(os.environ.get("AMENDS_KILL_SEED") or secrets.randbelow(10_000))
    chance, rounds = random.Random(seed), 5
    place = Installation(
        tmp_path / "a",
        migrated_database_url(tmp_path / "a"),
        AMENDS_SMPP_URL=centre.url,
        AMENDS_SMS_FROM="10086",
        AMENDS_SMPP_PER_SECOND="80",
        AMENDS_SMPP_WINDOW="20",
    )
    place.run(POST.format(count=MESSAGES, times=1))
    for round_ in range(rounds):
        before = centre.do("count")["count"]
        process = place.start(HOLD.format(hours=round_))
        until = time.monotonic() + 120
        # Starting takes seconds; the moment counts from the first message of this round.
        while centre.do("count")["count"] == before and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 1.2))
        process.kill()
        process.communicate()
    last = place.start(HOLD.format(hours=rounds + 24))
    until = time.monotonic() + 180
    states = collections.Counter()
    while time.monotonic() < until:
        states = collections.Counter(dict(place.rows(STATES)))
        if states["sent"] + states["unknown"] == MESSAGES:
            break
        time.sleep(0.5)
    last.kill()
    last.communicate()
    assert states["sent"] + states["unknown"] == MESSAGES, (seed, states)
    assert states["unknown"] <= rounds * 40, (seed, states)
    times = collections.Counter(taken["to"] for taken in centre.taken)
    assert max(times.values()) == 1, f"seed {seed}: a message was sent twice"
    assert len(times) >= states["sent"], f"seed {seed}: one that counts as sent was not"


@pytest.mark.django_db(transaction=True)
def test_a_line_that_breaks_is_opened_again_and_notices_become_facts(centre, monkeypatch, now):
    monkeypatch.setattr("amends.channels.jobs.sms_session._WAITS_S", (0.1,))
    monkeypatch.setenv("AMENDS_SMPP_URL", centre.url)
    monkeypatch.setenv("AMENDS_SMS_FROM", "10086")
    monkeypatch.setenv("AMENDS_SMPP_TIMEOUT_S", "60")
    centre.do("set", receipts="DELIVRD")
    stopping = threading.Event()
    held = threading.Thread(target=hold_line, args=(stopping,), kwargs={"clock": lambda: now})
    held.start()
    try:
        post_notice(1, now)
        wait_until(lambda: delivered() == 1)
        centre.do("hang_up")
        wait_until(lambda: centre.do("taken")["binds"] == 2)
        post_notice(2, now)
        wait_until(lambda: delivered() == 2)
    finally:
        stopping.set()
        held.join(timeout=120)
    assert not held.is_alive()
    kinds = collections.Counter(SingleFact.objects.values_list("kind", flat=True))
    assert kinds == {"NoticeSent": 2, "NoticeDelivered": 2}


def post_notice(number, now):
    with transaction.atomic():
        post_many(
            [
                Outgoing(
                    key=f"notice:{number}",
                    channel="sms",
                    recipient="+8613812348000",
                    body="您的流量已用八成。",
                    language="zh",
                    duty="cn.usage",
                    duty_key=str(number),
                    subscriber="sub-1",
                    service="svc-1",
                )
            ],
            now=now,
        )


def delivered():
    return OutboxMessage.objects.filter(delivered_at__isnull=False).count()


def wait_until(condition, *, seconds=120.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)
