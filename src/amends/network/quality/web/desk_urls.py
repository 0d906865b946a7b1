"""Addresses of speed tests at the desk."""

from __future__ import annotations

from django.urls import path

from amends.network.quality.web import desk

urlpatterns = [path("", desk.tests, name="speed_tests")]
