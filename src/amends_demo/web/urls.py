"""Addresses of the demonstration."""

from __future__ import annotations

from django.urls import path

from amends_demo.web.messages_page import messages_page

urlpatterns = [path("messages/", messages_page, name="demo_messages")]
