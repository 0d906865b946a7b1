"""Addresses of the speed test."""

from __future__ import annotations

from django.urls import path

from amends.network.quality.web import campaigns, interface, speed

app_name = "speed"

urlpatterns = [
    path("", speed.start, name="start"),
    path("locate/", interface.locate_server, name="locate"),
    path("campaigns/", campaigns.new, name="new_campaign"),
    path("campaigns/<str:code>/", campaigns.campaign, name="campaign"),
    path("campaigns/<str:code>/protocol.pdf", campaigns.protocol_file, name="protocol"),
    path("campaigns/<str:code>/own/<str:key>/", campaigns.own_campaign, name="own_campaign"),
    path("campaigns/<str:code>/reminders/<str:key>/", campaigns.reminders, name="reminders"),
    path("results/", interface.submit, name="submit"),
    path("results/<str:code>/", speed.result, name="result"),
    path("manifest.webmanifest", speed.manifest, name="manifest"),
    path("service-worker.js", speed.service_worker, name="service_worker"),
]
