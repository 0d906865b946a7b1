"""Addresses of the coverage of duties."""

from __future__ import annotations

from django.urls import path

from amends.cases.audits.web import coverage, missed_notices

urlpatterns = [
    path("", coverage.coverage, name="coverage"),
    path("csv/", coverage.coverage_csv, name="coverage_csv"),
    path("audit/", coverage.audit_again, name="audit_again"),
    path("refunds/", missed_notices.refunds, name="untold_refunds"),
    path("notice/<str:key>/", missed_notices.notice, name="owed_notice"),
    path("<str:duty>/", missed_notices.duty, name="owed_of_duty"),
    path("<str:duty>/csv/", missed_notices.duty_csv, name="owed_csv"),
]
