"""The pages of whoever looks after the channels: states and reasons, never a word of a message."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import translation

from amends.channels.actions.claim import claim
from amends.channels.actions.receive import Incoming, ReceivedFile, receive
from amends.channels.actions.record import record
from amends.channels.models import InboundMessage, OutboxMessage
from amends.channels.queries import files_of
from amends.channels.rules.outcomes import DeliveryOutcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client):
    """A member of staff with the named rights, signed in."""

    def _person(*rights):
        user = get_user_model().objects.create_user("wei", password="x", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        client.force_login(user)
        return client

    return _person


def do(client, model, action, rows):
    return client.post(
        reverse(f"admin:channels_{model}_changelist"),
        {"action": action, "_selected_action": [row.pk for row in rows]},
        follow=True,
    )


def test_no_word_of_a_message_and_no_address_is_shown(person, post_mail, now):
    letter = post_mail(recipient="planted@example.com", subject="Planted subject", body="Planted")
    message = receive(
        Incoming(
            channel="mail",
            external_id="x",
            sender="planted@example.com",
            text="Planted words",
            received_at=now,
        ),
        now=now,
    )
    client = person("view_outboxmessage", "view_inboundmessage", "view_mailbox")
    for model, row in (("outboxmessage", letter), ("inboundmessage", message)):
        for page in (
            reverse(f"admin:channels_{model}_changelist"),
            reverse(f"admin:channels_{model}_change", args=[row.pk]),
        ):
            answer = client.get(page)
            assert answer.status_code == 200
            assert b"lanted" not in answer.content
    assert client.get(reverse("admin:channels_mailbox_changelist")).status_code == 200


def test_looking_is_not_changing(person, post_mail, now):
    letter = post_mail()
    client = person("view_outboxmessage")
    do(client, "outboxmessage", "cancel_waiting", [letter])
    assert OutboxMessage.objects.get(pk=letter.pk).state == "queued"
    for page in ("add", "delete"):
        arguments = [] if page == "add" else [letter.pk]
        answer = client.get(reverse(f"admin:channels_outboxmessage_{page}", args=arguments))
        assert answer.status_code == 403


def test_whoever_may_handle_messages_settles_and_cancels_them(person, post_mail, now):
    unknown, lost, waiting = post_mail(), post_mail(), post_mail()
    claim("mail", holder="a", now=now, limit=2)
    for letter in (unknown, lost):
        record(letter.pk, DeliveryOutcome("unknown"), holder="a", now=now)
    client = person("view_outboxmessage", "change_outboxmessage")
    do(client, "outboxmessage", "count_as_sent", [unknown, waiting])
    do(client, "outboxmessage", "send_again", [lost])
    do(client, "outboxmessage", "cancel_waiting", [waiting])
    states = {row.pk: row.state for row in OutboxMessage.objects.all()}
    assert states == {unknown.pk: "sent", lost.pk: "queued", waiting.pk: "cancelled"}


def test_held_messages_stay_held_while_the_channel_is_closed(person, post_mail, monkeypatch, now):
    from amends.channels import senders as switches

    monkeypatch.setitem(switches.SWITCHES, "mail", switches.Switch(lambda: False, None))
    letter = post_mail()
    client = person("view_outboxmessage", "change_outboxmessage")
    answer = do(client, "outboxmessage", "release_held", [letter])
    assert OutboxMessage.objects.get(pk=letter.pk).state == "held"
    assert "尚未开通的渠道：mail。" in answer.content.decode()


def test_an_ignored_message_is_taken_up_again(person, now):
    message = receive(
        Incoming(
            channel="mail",
            external_id="x",
            sender="a@example.com",
            text="?",
            received_at=now,
            automatic="auto_reply",
        ),
        now=now,
    )
    do(
        person("view_inboundmessage", "change_inboundmessage"),
        "inboundmessage",
        "take_up_again",
        [message],
    )
    stored = InboundMessage.objects.get(pk=message.pk)
    assert (stored.state, stored.reason) == ("new", "taken up again by wei")


def test_states_and_reasons_speak_chinese(now):
    message = receive(
        Incoming(
            channel="mail",
            external_id="x",
            sender="",
            text="?",
            received_at=now,
            files=[ReceivedFile("a.pdf", b"MZ" + b"\x00" * 60)],
        ),
        now=now,
    )
    with translation.override("zh-hans"):
        assert message.get_state_display() == "待处理"
        assert files_of([message.pk])[0].refused_reason == "文件是程序"
    with translation.override("en"):
        assert files_of([message.pk])[0].refused_reason == "it is a program"
