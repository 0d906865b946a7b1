"""Events reach a receiver signed, in order and at least once, and go nowhere they must not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from amends.entrances.webhooks.actions.endpoints import (
    add_endpoint,
    rotate_secret,
    send_again,
    send_test,
    switch_endpoint,
)
from amends.entrances.webhooks.jobs.deliver import deliver
from amends.entrances.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from amends.entrances.webhooks.queries import disabled_endpoints
from amends.entrances.webhooks.rules.event_types import EVENT_TYPES, NAMES
from amends.platform.database.models import Lease
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.sequence import sequence
from tests.actions.webhooks.receiver import Received, ReceivingServer, start, stop

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Actor("root", "usr-root", ("administrator",))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReceivingServer]:
    monkeypatch.setenv("AMENDS_WEBHOOK_PRIVATE_HOSTS", "127.0.0.1")
    server = start(Received())
    yield server
    stop(server)


def endpoint_at(server: ReceivingServer, **options: Any) -> str:
    url = f"http://127.0.0.1:{server.server_port}/hook"
    added = add_endpoint(
        "crm", url, **{"event_types": [], **options}, actor=ROOT, now=timezone.now()
    )
    server.received.secrets = [added.secret]
    return added.secret


def record(*facts: tuple[str, str]) -> None:
    """Facts by kind and complaint, numbered."""
    payloads: dict[str, dict[str, str | int]] = {
        "ComplaintReceived": {
            "channel": "web",
            "code": "billing.vas",
            "pack": "cn",
            "contact": "m-1",
        },
        "ReplySent": {"message": "m-1", "channel": "sms", "reply": "r1"},
        "FaultRepaired": {},
    }
    now = timezone.now()
    with transaction.atomic():
        append(
            [
                Fact(kind, "p1", complaint, now, "desk", {"complaint": complaint, **payloads[kind]})
                for kind, complaint in facts
            ],
            now=now,
        )
    sequence(now=now, holder="test")


def run(after: timedelta = timedelta()) -> int:
    return deliver(now=timezone.now() + after, holder="test")


def test_events_arrive_once_signed_and_without_personal_fields(server: ReceivingServer) -> None:
    record(("ComplaintReceived", "c0"))
    endpoint_at(server)
    record(("ComplaintReceived", "c1"), ("ReplySent", "c1"))
    assert (run(), run()) == (2, 0)
    bodies = server.received.bodies
    assert [body["type"] for body in bodies] == ["complaint.received", "complaint.replied"]
    assert bodies[0]["data"] == {"complaint": "c1", "channel": "web", "code": "billing.vas"}
    assert len(set(server.received.ids)) == 2, "each event has an id of its own"


def test_only_chosen_types_arrive(server: ReceivingServer) -> None:
    endpoint_at(server, event_types=["complaint.replied"])
    record(("ComplaintReceived", "c1"), ("ReplySent", "c1"))
    assert run() == 1
    assert server.received.bodies[0]["type"] == "complaint.replied"


def test_both_secrets_sign_while_a_rotation_overlaps(server: ReceivingServer) -> None:
    old = endpoint_at(server)
    new = rotate_secret("crm", actor=ROOT, now=timezone.now()).secret
    server.received.secrets = [old, new]
    record(("FaultRepaired", "c1"))
    assert run() == 1
    assert len(server.received.headers[0]["webhook-signature"].split()) == 2
    WebhookEndpoint.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    server.received.secrets = [new]
    record(("FaultRepaired", "c2"))
    assert run() == 1
    assert len(server.received.headers[1]["webhook-signature"].split()) == 1
    sealed = WebhookEndpoint.objects.get()
    assert new.encode() not in bytes(sealed.secret)


def test_cloudevents_are_an_envelope(server: ReceivingServer) -> None:
    endpoint_at(server, envelope="cloudevents")
    record(("FaultRepaired", "c1"))
    assert run() == 1
    (body,) = server.received.bodies
    assert body["specversion"] == "1.0"
    assert (body["id"], body["subject"]) == (server.received.ids[0], "c1")
    assert {"source", "type", "time", "data"} <= body.keys()
    assert server.received.headers[0]["content-type"] == "application/cloudevents+json"


def test_a_refused_event_holds_back_its_complaint_alone(server: ReceivingServer) -> None:
    endpoint_at(server)
    server.received.refused_subjects = {"c1"}
    record(("ComplaintReceived", "c1"), ("ComplaintReceived", "c2"), ("ReplySent", "c1"))
    assert run() == 1
    assert server.received.bodies[0]["data"]["complaint"] == "c2"
    waiting = WebhookDelivery.objects.filter(state=DeliveryState.WAITING).order_by("number")
    assert [(row.attempts, row.answered) for row in waiting] == [(1, 422), (0, None)]
    server.received.refused_subjects = set()
    WebhookDelivery.objects.update(retry_at=None)
    assert run() == 2
    types = [body["type"] for body in server.received.bodies[1:]]
    assert types == ["complaint.received", "complaint.replied"]


def test_redirects_are_not_followed(server: ReceivingServer) -> None:
    endpoint_at(server)
    server.received.status = 307
    server.received.location = f"http://127.0.0.1:{server.server_port}/elsewhere"
    record(("FaultRepaired", "c1"))
    assert run() == 0
    assert server.received.requests == 1
    row = WebhookDelivery.objects.get()
    assert (row.state, row.answered, row.error) == ("waiting", 307, "redirected")


def test_an_endpoint_that_fails_for_days_is_disabled_and_delivers_later(
    server: ReceivingServer,
) -> None:
    endpoint_at(server)
    server.received.status = 503
    record(("FaultRepaired", "c1"))
    assert run() == 0
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.state, endpoint.failures) == ("on", 1)
    assert endpoint.retry_at > timezone.now()
    assert run() == 0
    assert server.received.requests == 1, "it is not tried before its pause is over"
    long_ago = timezone.now() - timedelta(days=6)
    WebhookEndpoint.objects.update(failing_since=long_ago, retry_at=None)
    assert run() == 0
    assert disabled_endpoints() == 1
    server.received.status = 200
    assert run() == 0, "a disabled endpoint gets nothing"
    record(("FaultRepaired", "c2"))
    switch_endpoint("crm", on=True, actor=ROOT)
    assert run() == 2
    assert disabled_endpoints() == 0


def test_a_receiver_that_is_gone_is_disabled_at_once(server: ReceivingServer) -> None:
    endpoint_at(server)
    server.received.status = 410
    record(("FaultRepaired", "c1"))
    run()
    assert WebhookEndpoint.objects.get().state == "disabled"


def test_events_are_sent_again_under_their_id_and_tried(server: ReceivingServer) -> None:
    endpoint_at(server)
    record(("FaultRepaired", "c1"))
    run()
    send_again(server.received.ids[0], endpoint="crm", actor=ROOT, now=timezone.now())
    send_test("crm", actor=ROOT, now=timezone.now())
    assert run() == 2
    assert server.received.bodies[1]["type"] == "test"
    assert server.received.ids[2] == server.received.ids[0]
    with pytest.raises(AmendsError, match="no event"):
        send_again("e9", endpoint="crm", actor=ROOT, now=timezone.now())


def test_a_second_job_delivers_nothing_meanwhile(server: ReceivingServer) -> None:
    endpoint_at(server)
    record(("FaultRepaired", "c1"))
    until_ms = int((timezone.now() + timedelta(seconds=20)).timestamp() * 1_000)
    Lease.objects.create(name="webhooks", holder="another", until_ms=until_ms)
    assert run() == 0
    assert server.received.requests == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/hook",
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://10.1.2.3/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/hook",
        "https://0x7f000001/hook",
        "https://0177.0.0.1/hook",
        "https://127.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://[::ffff:a9fe:a9fe]/hook",
        "https://[64:ff9b::7f00:1]/hook",
        "https://[fe80::1]/hook",
        "https://[fd00::1]/hook",
        "https://0.0.0.0/hook",
        "https://user:word@b.cn/hook",
        "https://8.8.8.8:99999/hook",
        "https://8.8.8.8/\r\nX: y",
        "ftp://8.8.8.8/hook",
        "file:///etc/passwd",
        "",
    ],
)
def test_addresses_that_lead_inside_are_refused(url: str) -> None:
    with pytest.raises(AmendsError) as refusal:
        add_endpoint("crm", url, event_types=[], actor=ROOT, now=timezone.now())
    assert refusal.value.code == "webhook_endpoint_unusable"
    assert not WebhookEndpoint.objects.exists()


def test_a_name_that_leads_inside_later_is_refused_then(
    server: ReceivingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: the host was public when the endpoint was added, and is the loopback now."""
    answers = ["8.8.8.8", "127.0.0.1"]

    def resolve(host: str, port: int, **options: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    url = f"https://crm.example.org:{server.server_port}/hook"
    add_endpoint("crm", url, event_types=[], actor=ROOT, now=timezone.now())
    record(("FaultRepaired", "c1"))
    assert run() == 0
    assert answers == []
    assert WebhookDelivery.objects.get().error == "private_address"
    assert server.received.requests == 0


def test_who_may_not_and_what_is_unknown_is_refused(server: ReceivingServer) -> None:
    url = f"http://127.0.0.1:{server.server_port}/hook"
    now = timezone.now()
    for actor in (
        Actor("li", "usr-li", ("manager",)),
        Actor("plum", "usr-plum", ("administrator",), brand="plum"),
    ):
        with pytest.raises(AmendsError, match="administrator"):
            add_endpoint("crm", url, event_types=[], actor=actor, now=now)
    for name, types, envelope in (
        ("CRM north", [], "standard"),
        ("crm", ["complaint.eaten"], "standard"),
        ("crm", [], "xml"),
    ):
        with pytest.raises(AmendsError):
            add_endpoint(name, url, event_types=types, envelope=envelope, actor=ROOT, now=now)
    assert not WebhookEndpoint.objects.exists()
    endpoint_at(server)
    with pytest.raises(AmendsError, match="already"):
        endpoint_at(server)


def test_types_hand_out_no_text_and_nobody() -> None:
    never = {"contact", "by", "reason", "why", "user", "subscriber", "message", "evidence"}
    assert len(set(NAMES)) == len(NAMES)
    for event_type in EVENT_TYPES:
        assert not never & set(event_type.fields), event_type.name
        assert set(event_type.schema()["required"]) <= set(event_type.fields)
