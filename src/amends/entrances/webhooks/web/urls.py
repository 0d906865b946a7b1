"""Addresses of the settings of webhooks."""

from __future__ import annotations

from django.urls import path

from amends.entrances.webhooks.web import endpoints

urlpatterns = [
    path("", endpoints.webhooks, name="webhooks"),
    path("again/", endpoints.again, name="webhook_again"),
    path("test/", endpoints.test, name="webhook_test"),
    path("switch/", endpoints.switch, name="webhook_switch"),
    path("event-types.json", endpoints.event_types, name="webhook_event_types"),
]
