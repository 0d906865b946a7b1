"""Addresses of the indicators."""

from __future__ import annotations

from django.urls import path

from amends.problems.indicators.web.bulletin import bulletin_page, download_bulletin
from amends.problems.indicators.web.channels import channels_page
from amends.problems.indicators.web.files import download
from amends.problems.indicators.web.page import indicators

urlpatterns = [
    path("", indicators, name="indicators"),
    path("channels/", channels_page, name="channel_indicators"),
    path("download/", download, name="download_indicators"),
    path("bulletin/", bulletin_page, name="bulletin"),
    path("bulletin/download/", download_bulletin, name="download_bulletin"),
]
