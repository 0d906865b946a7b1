"""Addresses of the pages about looking: emergency looks, unusual looks, who is let into a case."""

from __future__ import annotations

from django.urls import path

from amends.people.access.web import break_glass as glass
from amends.people.access.web import cases, looks

urlpatterns = [
    path("emergency/", glass.requests, name="emergency"),
    path("emergency/ask/", glass.ask, name="ask_emergency"),
    path("emergency/<str:ref>/agree/", glass.agree, name="agree_emergency"),
    path("emergency/<str:ref>/look/", glass.look, name="look_emergency"),
    path("looks/", looks.looks, name="looks"),
    path("cases/<str:ref>/", cases.case, name="case"),
    path("cases/<str:ref>/share/", cases.share, name="share_case"),
    path("cases/<str:ref>/lift/", cases.lift, name="lift_share"),
]
