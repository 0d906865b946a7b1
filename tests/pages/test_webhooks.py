"""The page of webhooks: who opens it, what it adds, refuses and sends again."""

from __future__ import annotations

import pytest
from django.test import Client

from amends.entrances.webhooks.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from tests.pages.conftest import colleague, signed_in

PAGE = "/desk/settings/webhooks/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Client:
    return signed_in(colleague("root", "administrator"))


def test_an_endpoint_is_added_tried_sent_again_and_switched(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_WEBHOOK_PRIVATE_HOSTS", "127.0.0.1")
    form = {"name": "crm", "url": "http://127.0.0.1:9/hook", "envelope": "standard"}
    added = administrator.post(PAGE, form)
    assert added.status_code == 200
    assert "whsec_" in added.content.decode()
    assert "whsec_" not in administrator.get(PAGE).content.decode(), "shown once"
    administrator.post(f"{PAGE}test/", {"endpoint": "crm"})
    delivery = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(state=DeliveryState.FAILED, error="timeout", attempts=3)
    page = administrator.get(PAGE).content.decode()
    assert delivery.event in page
    assert "No answer in time." in page
    administrator.post(f"{PAGE}again/", {"endpoint": "crm", "event": delivery.event})
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("waiting", 0)
    administrator.post(f"{PAGE}switch/", {"endpoint": "crm"})
    assert WebhookEndpoint.objects.get().state == "off"
    administrator.post(f"{PAGE}switch/", {"endpoint": "crm", "on": "1"})
    assert WebhookEndpoint.objects.get().state == "on"


def test_a_private_address_is_refused_beside_its_field(administrator: Client) -> None:
    form = {"name": "crm", "url": "https://10.0.0.1/hook", "envelope": "standard"}
    answer = administrator.post(PAGE, form)
    assert answer.status_code == 400
    assert "not on the open Internet" in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_types_are_served_as_schemas_and_documented(administrator: Client) -> None:
    from pathlib import Path

    document = administrator.get(f"{PAGE}event-types.json").json()
    text = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    for name, schema in document["event_types"].items():
        fields = ", ".join(f"`{field}`" for field in schema["properties"])
        assert f"| `{name}` | {fields} |" in text


def test_others_open_nothing() -> None:
    assert signed_in(colleague("li.na", "manager")).get(PAGE).status_code == 403
    assert signed_in(colleague("plum", "administrator", brand="plum")).get(PAGE).status_code == 403
