"""Addresses of the self-examination."""

from __future__ import annotations

from django.urls import path

from amends.cases.examinations.web import views

urlpatterns = [
    path("", views.examination, name="examination"),
    path("finding/<str:finding>/correct/", views.correct_finding, name="correct_finding"),
    path("finding/<str:finding>/recheck/", views.recheck_finding, name="recheck_finding"),
    path("<str:process>/", views.process, name="process"),
    path("<str:process>/check/", views.check, name="check_process"),
    path("<str:process>/owner/", views.owner, name="assign_owner"),
    path("<str:process>/finding/", views.finding, name="note_finding"),
]
