"""Addresses of privacy."""

from __future__ import annotations

from django.urls import path

from amends.causes.privacy.web import board, incidents, pages, records, requests

urlpatterns = [
    path("", pages.reviews_page, name="privacy_reviews"),
    path("new/", pages.new_review, name="new_privacy_review"),
    path("review/<str:ref>/", pages.review_page, name="privacy_review"),
    path("review/<str:ref>/confirm/", pages.confirm, name="confirm_privacy_review"),
    path("cases/", pages.cases_page, name="privacy_cases"),
    path("cases/<str:ref>/", pages.case_page, name="privacy_case"),
    path("cases/<str:ref>/decide/", pages.decide, name="decide_privacy_case"),
    path("cases/<str:ref>/appeal/", pages.appeal, name="appeal_privacy_case"),
    path("board/", board.board, name="privacy_board"),
    path("requests/", requests.requests_page, name="privacy_requests"),
    path("requests/<str:ref>/", requests.request_page, name="privacy_request"),
    path("requests/<str:ref>/act/", requests.act_on_request, name="act_on_privacy_request"),
    path("incidents/", incidents.incidents_page, name="privacy_incidents"),
    path("incidents/new/", incidents.new_incident, name="new_privacy_incident"),
    path("incidents/<str:ref>/", incidents.incident_page, name="privacy_incident"),
    path(
        "incidents/<str:ref>/<str:verb>/",
        incidents.act_on_incident,
        name="act_on_privacy_incident",
    ),
    path("processing/", records.processing_page, name="privacy_processing"),
    path("register/", records.register_page, name="privacy_register"),
]
