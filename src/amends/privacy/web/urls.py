"""Addresses of privacy."""

from __future__ import annotations

from django.urls import path

from amends.privacy.web import pages

urlpatterns = [
    path("", pages.reviews_page, name="privacy_reviews"),
    path("new/", pages.new_review, name="new_privacy_review"),
    path("review/<str:ref>/", pages.review_page, name="privacy_review"),
    path("cases/", pages.cases_page, name="privacy_cases"),
    path("cases/<str:ref>/", pages.case_page, name="privacy_case"),
    path("cases/<str:ref>/decide/", pages.decide, name="decide_privacy_case"),
]
