"""Addresses of the page of imports."""

from __future__ import annotations

from django.urls import path

from amends.entrances.feeds.web import imports

urlpatterns = [
    path("", imports.uploads, name="imports"),
    path("<str:ref>/", imports.upload_page, name="import"),
    path("<str:ref>/confirm/", imports.confirm_upload, name="confirm_import"),
    path("<str:ref>/discard/", imports.discard_upload, name="discard_import"),
]
