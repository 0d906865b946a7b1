"""Addresses of the settings of clients."""

from __future__ import annotations

from django.urls import path

from amends.entrances.portals.web import clients, kiosks

urlpatterns = [
    path("", clients.api_clients, name="api_clients"),
    path("kiosks/", kiosks.kiosks, name="kiosks"),
    path("kiosks/revoke/", kiosks.revoke_kiosk, name="revoke_kiosk"),
    path("bind/", clients.bind, name="bind_client"),
    path("release/", clients.release, name="release_client"),
]
