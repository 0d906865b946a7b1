"""Addresses of the indicators."""

from __future__ import annotations

from django.urls import path

from amends.indicators.web.page import download, indicators

urlpatterns = [
    path("", indicators, name="indicators"),
    path("download/", download, name="download_indicators"),
]
