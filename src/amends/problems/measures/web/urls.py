"""Addresses of the measures."""

from __future__ import annotations

from django.urls import path

from amends.problems.measures.web.measures import (
    drop,
    measure,
    measures,
    new_measure,
    start,
    visible_drop,
)

urlpatterns = [
    path("", measures, name="measures"),
    path("new/", new_measure, name="new_measure"),
    path("visible-drop/", visible_drop, name="visible_drop"),
    path("<str:ref>/", measure, name="measure"),
    path("<str:ref>/start/", start, name="start_measure"),
    path("<str:ref>/drop/", drop, name="drop_measure"),
]
