"""Addresses of the self-examination."""

from __future__ import annotations

from django.urls import path

from amends.notices.web import examination

urlpatterns = [
    path("", examination.examination, name="examination"),
    path("finding/<str:finding>/correct/", examination.correct_finding, name="correct_finding"),
    path("finding/<str:finding>/recheck/", examination.recheck_finding, name="recheck_finding"),
    path("<str:process>/", examination.process, name="process"),
    path("<str:process>/check/", examination.check, name="check_process"),
    path("<str:process>/owner/", examination.owner, name="assign_owner"),
    path("<str:process>/finding/", examination.finding, name="note_finding"),
]
