"""Addresses of the help centre."""

from __future__ import annotations

from django.urls import path

from amends.knowledge.web import public

app_name = "help"

urlpatterns = [
    path("", public.help_centre, name="help"),
    path("suggest/", public.suggest, name="suggest"),
    path("articles/<slug:slug>/", public.article, name="article"),
    path("articles/<slug:slug>/helped/", public.helped, name="helped"),
]
