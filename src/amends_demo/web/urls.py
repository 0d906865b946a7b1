"""Addresses of the demonstration."""

from __future__ import annotations

from django.urls import path

from amends_demo.web.mailbox_page import mailbox_page

urlpatterns = [path("mailbox/", mailbox_page, name="demo_mailbox")]
