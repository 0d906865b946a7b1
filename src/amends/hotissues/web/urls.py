"""Addresses of the hot issues."""

from __future__ import annotations

from django.urls import path

from amends.hotissues.web.board import hotissues

urlpatterns = [path("", hotissues, name="hotissues")]
