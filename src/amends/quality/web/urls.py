"""Addresses of the speed test."""

from __future__ import annotations

from django.urls import path

from amends.quality.web import interface, speed

app_name = "speed"

urlpatterns = [
    path("", speed.start, name="start"),
    path("locate/", interface.locate_server, name="locate"),
    path("results/", interface.submit, name="submit"),
    path("results/<str:code>/", speed.result, name="result"),
    path("manifest.webmanifest", speed.manifest, name="manifest"),
    path("service-worker.js", speed.service_worker, name="service_worker"),
]
