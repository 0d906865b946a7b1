"""Addresses of approvals."""

from __future__ import annotations

from django.urls import path

from amends.work.approvals.web import approvals

urlpatterns = [
    path("", approvals.approvals, name="approvals"),
    path("<slug:ref>/", approvals.approval, name="approval"),
    path("<slug:ref>/answer/", approvals.answer, name="answer_approval"),
]
