"""Posting: with its cause or not at all, once per key, held until a channel is switched on."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from amends.channels.actions.post import (
    Outgoing,
    UnableToPost,
    UnableToPostAlone,
    post,
    post_many,
)
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter

pytestmark = pytest.mark.postgres_too


def letter(**changes):
    fields = {
        "key": "k1",
        "channel": "mail",
        "recipient": "li.lei@example.com",
        "body": "Your refund is on its way.",
        "language": "en",
    }
    return {**fields, **changes}


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_posted(now):
    with pytest.raises(UnableToPostAlone):
        post(now=now, **letter())
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_message_goes_with_the_transaction_that_caused_it(now):
    @transaction.atomic
    def decide_and_tell():
        post(now=now, **letter())
        raise RuntimeError("the decision failed")

    with pytest.raises(RuntimeError):
        decide_and_tell()
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_the_same_key_is_the_same_message(now):
    first = post(now=now, **letter())
    second = post(now=now, **letter(body="Other words, same key."))
    assert first.pk == second.pk
    assert open_letter(first.pk)[1] == "Your refund is on its way."


@pytest.mark.django_db
def test_many_come_back_in_order_and_a_repeated_key_counts_once(now):
    keys = [f"k{n % 700}" for n in range(1_200)]
    rows = post_many([Outgoing(**letter(key=key)) for key in keys], now=now)
    assert [row.key for row in rows] == keys
    assert OutboxMessage.objects.count() == 700


@pytest.mark.django_db
def test_a_channel_that_is_not_switched_on_holds_its_messages(now):
    assert post(now=now, **letter()).state == "held"


@pytest.mark.django_db
def test_a_channel_that_is_switched_on_queues_them(post_mail):
    assert post_mail().state == "queued"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"key": ""},
        {"key": "x" * 201},
        {"recipient": "  "},
        {"body": "\n"},
        {"body": "x" * 100_001},
        {"when_unknown": "perhaps"},
        {"duty": "cn.near_limit"},
    ],
)
def test_an_unusable_message_is_refused(now, wrong):
    with pytest.raises(UnableToPost):
        post(now=now, **letter(**wrong))


@pytest.mark.django_db
def test_nothing_personal_rests_in_the_clear(now):
    post(now=now, **letter(recipient="planted.person@example.com", body="Dear Planted Person"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM channels_outboxmessage")
        stored = b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for value in cursor.fetchone()
        )
    assert b"lanted" not in stored
