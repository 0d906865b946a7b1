"""Addresses of the coverage of duties."""

from __future__ import annotations

from django.urls import path

from amends.notices.web import coverage, owed

urlpatterns = [
    path("", coverage.coverage, name="coverage"),
    path("csv/", coverage.coverage_csv, name="coverage_csv"),
    path("audit/", coverage.audit_again, name="audit_again"),
    path("refunds/", owed.refunds, name="untold_refunds"),
    path("notice/<str:key>/", owed.notice, name="owed_notice"),
    path("<str:duty>/", owed.duty, name="owed_of_duty"),
    path("<str:duty>/csv/", owed.duty_csv, name="owed_csv"),
]
