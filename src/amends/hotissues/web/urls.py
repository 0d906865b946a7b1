"""Addresses of the hot issues."""

from __future__ import annotations

from django.urls import path

from amends.hotissues.web.board import hotissues
from amends.hotissues.web.issue import act, curve_file, issue

urlpatterns = [
    path("", hotissues, name="hotissues"),
    path("<str:ref>/", issue, name="hotissue"),
    path("<str:ref>/curve.<str:form>", curve_file, name="hotissue_curve"),
    path("<str:ref>/act/<str:verb>/", act, name="hotissue_act"),
]
