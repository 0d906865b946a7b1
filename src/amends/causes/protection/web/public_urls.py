"""Addresses of the public pages."""

from __future__ import annotations

from django.urls import path

from amends.causes.protection.web import public

app_name = "protect"

urlpatterns = [
    path("", public.protect, name="protect"),
    path("report/", public.report_page, name="report"),
    path("reports/<str:ref>/", public.followed, name="followed_report"),
]
