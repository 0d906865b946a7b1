"""Addresses of the indicators."""

from __future__ import annotations

from django.urls import path

from amends.indicators.web.bulletin import bulletin_page, download_bulletin
from amends.indicators.web.channels import channels_page
from amends.indicators.web.files import download
from amends.indicators.web.page import indicators

urlpatterns = [
    path("", indicators, name="indicators"),
    path("channels/", channels_page, name="channel_indicators"),
    path("download/", download, name="download_indicators"),
    path("bulletin/", bulletin_page, name="bulletin"),
    path("bulletin/download/", download_bulletin, name="download_bulletin"),
]
