"""Addresses of the remedies page."""

from __future__ import annotations

from django.urls import path

from amends.work.remedies.web import waiting

urlpatterns = [
    path("", waiting.remedies, name="remedies"),
    path("decide/", waiting.decide, name="decide_remedies"),
    path("export/", waiting.export, name="export_remedies"),
    path("export/<str:number>/", waiting.export_again, name="export_again"),
]
