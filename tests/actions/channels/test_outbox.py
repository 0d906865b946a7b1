"""The life of a message after it was posted: claimed once, retried, settled, read on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from amends.channels.actions.cancel import cancel
from amends.channels.actions.claim import (
    LEASE,
    UNKNOWN_WAIT,
    begin_handing_over,
    claim,
    return_expired,
)
from amends.channels.actions.record import give_back, record
from amends.channels.actions.record_receipts import receipt
from amends.channels.actions.release import UnableToReleaseChannel, release
from amends.channels.actions.resolve import UnableToResolve, resolve
from amends.channels.models import OutboxMessage
from amends.channels.queries import changes_since, outbox_summary
from amends.channels.rules.outcomes import DeliveryOutcome
from amends.channels.rules.retries import MAX_ATTEMPTS
from amends.record.ledger.queries import facts_about

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_too]

SENT = DeliveryOutcome("sent", provider_message_id="queue-7")
DOWN = DeliveryOutcome("not_sent", said="421 try later")
NO_SUCH_USER = DeliveryOutcome("not_sent", permanent=True, said="550 5.1.1 <a@example.com> unknown")
LOST = DeliveryOutcome("unknown", said="no answer after the message")


def row(message):
    return OutboxMessage.objects.get(pk=message.pk)


def test_a_claimed_message_is_opened_for_its_sender_and_nobody_else(post_mail, now):
    message = post_mail()
    [taken] = claim("mail", holder="a", now=now)
    assert (taken.id, taken.recipient) == (message.pk, "han.meimei@example.com")
    assert taken.subject == "关于您的投诉"
    assert claim("mail", holder="b", now=now) == []
    assert claim("sms", holder="b", now=now) == []


def test_a_claim_takes_what_is_due_first_and_no_more_than_asked(post_mail, now):
    late, early = post_mail(now=now), post_mail(now=now - timedelta(hours=1))
    future = post_mail(now=now + timedelta(hours=1))
    taken = [m.id for m in claim("mail", holder="a", now=now, limit=2)]
    assert taken == [early.pk, late.pk]
    assert row(future).state == "queued"


def test_an_ended_lease_returns_work_that_was_not_begun(post_mail, now):
    message = post_mail()
    claim("mail", holder="a", now=now)
    later = now + LEASE + timedelta(seconds=1)
    [again] = claim("mail", holder="b", now=later)
    assert (again.id, again.attempt) == (message.pk, 2)
    assert not begin_handing_over(message.pk, holder="a", now=later)
    assert begin_handing_over(message.pk, holder="b", now=later)


def test_a_sender_that_dies_while_handing_over_leaves_the_message_unknown(post_mail, now):
    message = post_mail()
    claim("mail", holder="a", now=now)
    assert begin_handing_over(message.pk, holder="a", now=now)
    later = now + LEASE + timedelta(seconds=1)
    assert claim("mail", holder="b", now=later) == []
    assert row(message).state == "unknown"
    assert claim("mail", holder="b", now=later + timedelta(days=30)) == []


def test_what_may_be_sent_again_is_sent_again_after_a_while(post_mail, now):
    message = post_mail(when_unknown="resend")
    claim("mail", holder="a", now=now)
    record(message.pk, LOST, holder="a", now=now)
    assert claim("mail", holder="b", now=now + UNKNOWN_WAIT / 2) == []
    [again] = claim("mail", holder="b", now=now + UNKNOWN_WAIT)
    assert again.id == message.pk


def test_a_sent_message_is_sent_once(post_mail, now):
    message = post_mail()
    claim("mail", holder="a", now=now)
    assert record(message.pk, SENT, holder="a", now=now) == "sent"
    assert row(message).provider_message_id == "queue-7"
    assert claim("mail", holder="b", now=now + timedelta(days=30)) == []


def test_a_transient_error_waits_longer_each_time_and_gives_up(post_mail, now):
    message, waits = post_mail(), []
    for _ in range(MAX_ATTEMPTS):
        [taken] = claim("mail", holder="a", now=now)
        state = record(taken.id, DOWN, holder="a", now=now)
        waits.append(row(message).next_attempt_at - now)
        now = row(message).next_attempt_at
    assert state == "failed"
    assert not row(message).permanent
    assert waits[:4] == sorted(waits[:4])


def test_a_permanent_error_fails_at_once_and_its_words_hold_no_address(post_mail, now):
    message = post_mail()
    claim("mail", holder="a", now=now)
    assert record(message.pk, NO_SUCH_USER, holder="a", now=now) == "failed"
    stored = row(message)
    assert stored.permanent
    assert stored.error == "550 5.1.1 <…> unknown"


def test_a_result_after_the_lease_was_lost_counts_only_as_proof_of_sending(post_mail, now):
    failed, sent = post_mail(), post_mail()
    claim("mail", holder="a", now=now)
    begin_handing_over(sent.pk, holder="a", now=now)
    later = now + LEASE + timedelta(seconds=1)
    return_expired(now=later)
    assert record(failed.pk, NO_SUCH_USER, holder="a", now=later) == "queued"
    assert record(sent.pk, SENT, holder="a", now=later) == "sent"


def test_work_given_back_is_not_counted_as_a_try(post_mail, now):
    message = post_mail()
    claim("mail", holder="a", now=now)
    assert give_back([message.pk], holder="a", now=now) == 1
    assert (row(message).state, row(message).attempts) == ("queued", 0)
    assert row(message).next_attempt_at > now


def test_an_unknown_message_is_settled_by_a_person(post_mail, now):
    arrived, lost = post_mail(), post_mail()
    claim("mail", holder="a", now=now)
    for message in (arrived, lost):
        record(message.pk, LOST, holder="a", now=now)
    assert resolve(arrived.pk, was_sent=True, because="found in the sent folder", now=now) == "sent"
    assert resolve(lost.pk, was_sent=False, because="the server's log", now=now) == "queued"
    with pytest.raises(UnableToResolve):
        resolve(arrived.pk, was_sent=False, because="second thoughts", now=now)


def test_a_receipt_settles_an_unknown_message(post_mail, now):
    message = post_mail()
    claim("mail", holder="a", now=now)
    record(message.pk, LOST, holder="a", now=now)
    assert receipt(message.pk, delivered=True, now=now)
    assert not receipt(message.pk, delivered=True, now=now)
    assert (row(message).state, row(message).delivered_at) == ("sent", now)


def test_a_bounce_fails_a_sent_message_and_a_delay_changes_nothing(post_mail, now):
    message = post_mail()
    claim("mail", holder="a", now=now)
    record(message.pk, SENT, holder="a", now=now)
    assert not receipt(message.pk, delivered=False, permanent=False, now=now)
    assert receipt(message.pk, delivered=False, detail="5.1.1 a@example.com unknown", now=now)
    assert row(message).state == "failed"
    assert "a@example" not in row(message).error


def test_a_report_about_a_message_that_was_never_tried_is_not_believed(post_mail, now):
    message = post_mail()
    assert not receipt(message.pk, delivered=False, now=now)
    assert row(message).state == "queued"


def test_only_what_has_not_left_can_be_cancelled(post_mail, now):
    waiting, leased = post_mail(), post_mail(key="other")
    assert cancel(waiting.pk, because="the complaint was withdrawn", now=now)
    claim("mail", holder="a", now=now)
    assert not cancel(leased.pk, because="too late", now=now)
    assert row(waiting).state == "cancelled"


def test_switching_a_channel_on_sends_nothing_old_by_itself(post_mail, monkeypatch, now):
    from amends.channels import senders as switches

    monkeypatch.setitem(switches.SWITCHES, "mail", switches.Switch(lambda: False, None))
    held = post_mail()
    with pytest.raises(UnableToReleaseChannel):
        release([held.pk], now=now)
    monkeypatch.setitem(switches.SWITCHES, "mail", switches.Switch(lambda: True, None))
    assert claim("mail", holder="a", now=now + timedelta(days=1)) == []
    assert release([held.pk], now=now) == 1
    assert [m.id for m in claim("mail", holder="a", now=now)] == [held.pk]


def test_changes_are_read_on_from_a_cursor(post_mail, now):
    first, second = post_mail(reference="c1"), post_mail(reference="c2")
    claim("mail", holder="a", now=now)
    record(first.pk, SENT, holder="a", now=now)
    [change] = changes_since(0)
    assert (change.reference, change.state, change.key) == ("c1", "sent", first.key)
    record(second.pk, NO_SUCH_USER, holder="a", now=now)
    receipt(first.pk, delivered=True, now=now)
    later = changes_since(change.cursor)
    assert [(c.reference, c.state) for c in later] == [("c2", "failed"), ("c1", "delivered")]
    assert changes_since(later[-1].cursor) == []


def test_a_notice_leaves_its_facts_and_a_reply_leaves_none(post_mail, now):
    duty = {
        "duty": "cn.near_limit",
        "duty_key": "n1",
        "duty_step": "80",
        "subscriber": "sub-1",
        "service": "svc-1",
    }
    notice, refused, reply = post_mail(**duty), post_mail(**duty), post_mail()
    claim("mail", holder="a", now=now)
    for message in (notice, reply):
        record(message.pk, SENT, holder="a", now=now)
        receipt(message.pk, delivered=True, now=now)
    record(refused.pk, NO_SUCH_USER, holder="a", now=now)
    facts = sorted(facts_about("sub-1"), key=lambda stored: stored.kind)
    assert [fact.kind for fact in facts] == ["NoticeDelivered", "NoticeFailed", "NoticeSent"]
    assert facts[2].payload == {
        "duty": "cn.near_limit",
        "key": "n1",
        "channel": "mail",
        "language": "zh",
        "step": "80",
    }
    assert facts[1].payload["cause"] == "550 5.1.1 <…> unknown"


def test_the_summary_counts_by_channel_and_state(post_mail, now):
    post_mail(now=now - timedelta(hours=2)), post_mail()
    [mail] = outbox_summary()
    assert (mail.channel, mail.sends, mail.counts) == ("mail", True, {"queued": 2})
    assert mail.oldest_due_at == now - timedelta(hours=2)
