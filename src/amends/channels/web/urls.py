"""Addresses of the channels' page."""

from __future__ import annotations

from django.urls import path

from amends.channels.web.settings_page import channels_page, test_message

urlpatterns = [
    path("", channels_page, name="channels"),
    path("test/", test_message, name="send_test_message"),
]
