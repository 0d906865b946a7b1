"""Notices of known problems: confirmed by a code, sent once, ended by the mailed link alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from amends.channels.models import OutboxMessage
from amends.platform.vault.sealing import open_sealed
from amends.work.knowledge.actions.subscribe import forget_unconfirmed, notify
from amends.work.knowledge.models import ProblemSubscription

pytestmark = pytest.mark.django_db
TEXTS = {"zh": ("断网", "正在抢修。"), "en": ("Outage", "We are repairing it.")}
ADDRESS = "a@b.example"


def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


def ask(client: Client, address: str = ADDRESS) -> str:
    """The page that follows a request."""
    return client.post("/help/notices/", {"email": address})["Location"]


def newest_mail() -> tuple[str, str]:
    """The code and the path of the link that ends, "" for none, of the newest mail."""
    sent = OutboxMessage.objects.order_by("posted_at", "id").last()
    assert sent
    body = open_sealed("channels_outboxmessage", "body_sealed", sent.id, sent.body_sealed)
    code, link = re.search(r"code: (\d{6})", body), re.search(r"/help/notices/end/\S+", body)
    assert link
    assert f"{settings.BASE_URL}{link[0]}" in body
    return code[1] if code else "", link[0]


def subscribed() -> str:
    """An address confirmed; the page of its request."""
    client = visitor()
    page = ask(client)
    assert client.post(page, {"code": newest_mail()[0]}).status_code == 302
    return page


def test_subscribe_confirm_receive_once_and_end_by_the_link() -> None:
    client, now = visitor(), timezone.now()
    page = ask(client)
    assert notify("1:1", TEXTS, now=now) == 0, "not confirmed yet"
    code, _link = newest_mail()
    assert client.post(page, {"code": "000000x"}).status_code != 302
    assert client.post(page, {"code": code}).status_code == 302
    for _time in range(2):
        assert notify("1:1", TEXTS, now=now) == 1
    assert OutboxMessage.objects.count() == 2
    _code, link = newest_mail()
    assert client.get(link).status_code == 200
    assert ProblemSubscription.objects.exists(), "a program that follows links ends nothing"
    client.post(link)
    assert not ProblemSubscription.objects.exists()
    assert client.get(page).status_code != 200
    assert client.get(link).status_code != 200


def test_somebody_else_s_address_leads_to_nothing_of_theirs() -> None:
    own = subscribed()
    stranger = visitor()
    page = ask(stranger)
    assert page != own
    known = stranger.get(page).content.decode()
    new = stranger.get(ask(stranger, "new@b.example")).content.decode()
    assert _without_token(known) == _without_token(new)
    for form in ({"end": "yes"}, {"end": "yes", "code": "000000"}):
        stranger.post(page, form)
    ref = ProblemSubscription.objects.order_by("asked_at")[0].ref
    stranger.post(f"/help/notices/{ref}/", {"end": "yes"})
    stranger.post(f"/help/notices/end/{ref}/{'0' * 40}/")
    assert ProblemSubscription.objects.filter(ref=ref).exclude(confirmed_at=None).exists()


def _without_token(page: str) -> str:
    return re.sub(r'ask-[0-9a-z]+|(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)


def test_the_code_of_a_request_is_its_own_and_ends_after_five_wrong_ones() -> None:
    client = visitor()
    first, code = ask(client), newest_mail()[0]
    second = ask(client)
    assert newest_mail()[0] != code
    assert client.post(second, {"code": code}).status_code == 400
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _time in range(5):
        assert client.post(first, {"code": wrong}).status_code in (400, 429)
    assert visitor().post(first, {"code": code}).status_code in (400, 429)
    assert not ProblemSubscription.objects.exclude(confirmed_at=None).exists()


def test_an_address_gets_three_mails_an_hour_and_every_request_the_same_answer() -> None:
    for _time in range(5):
        assert ask(visitor()).startswith("/help/notices/ask-")
    assert OutboxMessage.objects.count() == 3


def test_an_address_that_is_not_confirmed_is_deleted() -> None:
    ask(visitor())
    assert forget_unconfirmed(now=timezone.now() + timedelta(days=3)) == 2
    assert not ProblemSubscription.objects.exists()
