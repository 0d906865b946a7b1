"""Addresses of the pages of launches."""

from __future__ import annotations

from django.urls import path

from amends.causes.launches.web import acts, pages

urlpatterns = [
    path("", pages.launches_page, name="launches"),
    path("template.xlsx", pages.template_file, name="launch_template"),
    path("assess/", acts.assess_file, name="assess_launch"),
    path("assessments/<str:ref>/", pages.assessment_page, name="launch_assessment"),
    path("<str:ref>/start/", pages.start_page, name="start_launch"),
    path("<str:ref>/spreadsheet.xlsx", pages.spreadsheet_file, name="launch_spreadsheet"),
    path("<str:ref>/", pages.launch_page, name="launch"),
    path("<str:ref>/<str:verb>/", acts.act, name="act_on_launch"),
]
