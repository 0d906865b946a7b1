"""Clients of the interface, and what their tests share."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.jobs.identity_codes import send_codes
from amends.cases.complaints.models import Complaint
from amends.channels.models import OutboxMessage
from amends.entrances.portals.actions.clients import make_client
from amends.platform.kit.actors import Actor
from amends.platform.vault.sealing import open_sealed

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HANDLER = Actor("user", "usr-1", ("handler",))
SECRET = "第一个月有使用记录，退后两个月。"
INSIDE = "别让他再闹"
"""What a handler notes for colleagues."""


@dataclass(frozen=True)
class Caller:
    """A system that calls the interface with its token."""

    http: Client
    token: str

    def post(self, path: str, body: Any, *, key: str = "", **headers: str) -> Any:
        """POST a document (or raw bytes) with the token and a key."""
        headers |= {"Authorization": f"Bearer {self.token}"}
        if key:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else json.dumps(body)
        return self.http.post(
            f"/api/v1{path}", data, content_type="application/json", headers=headers
        )

    def get(self, path: str) -> Any:
        """GET with the token."""
        return self.http.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"})


@pytest.fixture
def caller(db: None, client: Client) -> Any:
    """Makes callers: `caller("complaints:write", brand="north")`."""

    def make(*scopes: str, name: str = "crm", **wishes: Any) -> Caller:
        return Caller(client, make_client(name, scopes=scopes, now=NOW, **wishes))

    return make


def code_sent_for(tracking_code: str) -> str:
    """The six digits of the newest challenge, as the person reads them in the message."""
    send_codes(now=timezone.now())
    ref = Complaint.objects.get(code_public=tracking_code).id
    message = OutboxMessage.objects.filter(reference=ref, key__startswith="challenge:").latest(
        "posted_at", "id"
    )
    body = open_sealed(
        OutboxMessage._meta.db_table, "body_sealed", message.id, bytes(message.body_sealed)
    )
    found = re.search(r"\d{6}", body)
    assert found is not None
    return found.group()


def propose(complaint: Complaint, *, now: datetime = NOW) -> None:
    """A handler proposes to give part of it back."""
    pipeline.acknowledge_waiting(now=now)
    Complaint.objects.filter(id=complaint.id).update(identity="verified")
    investigate_many([complaint.id], actor=pipeline.DESK, now=now)
    overrule(
        complaint.id,
        verdict="partly_upheld",
        amount_minor=2000,
        currency="CNY",
        reason=INSIDE,
        customer_text=SECRET,
        actor=HANDLER,
        now=now,
    )
    settle(complaint.id, actor=HANDLER, now=now)
    complaint.refresh_from_db()
