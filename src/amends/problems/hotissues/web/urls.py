"""Addresses of the hot issues."""

from __future__ import annotations

from django.urls import path

from amends.problems.hotissues.web.board import hotissues, surroundings
from amends.problems.hotissues.web.issue import act, curve_file, issue, other_sources

urlpatterns = [
    path("", hotissues, name="hotissues"),
    path("surroundings/", surroundings, name="hotissue_surroundings"),
    path("<str:ref>/", issue, name="hotissue"),
    path("<str:ref>/curve.<str:form>", curve_file, name="hotissue_curve"),
    path("<str:ref>/sources/", other_sources, name="hotissue_other_sources"),
    path("<str:ref>/act/<str:verb>/", act, name="hotissue_act"),
]
