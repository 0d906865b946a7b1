"""Addresses of duties in force, notices, and what is held."""

from __future__ import annotations

from django.urls import path

from amends.causes.notices.web import by_hand, consent, notices, usage

urlpatterns = [
    path("", notices.duties, name="duties"),
    path("told/", notices.sent_notices, name="sent_notices"),
    path("holds/", notices.held, name="holds"),
    path("holds/<str:key>/consent/", consent.consent_at_counter, name="hold_consent"),
    path("lines/", notices.line_changes, name="line_changes"),
    path("usage/", usage.usage_files_page, name="usage_files"),
    path("usage/<int:number>/pass/", usage.accept, name="usage_file_pass"),
    path("usage/<int:number>/aside/", usage.dismiss, name="usage_file_aside"),
    path("calls/", by_hand.calls, name="calls"),
    path("letters/", by_hand.letters, name="letters"),
    path("letters/print/", by_hand.print_letters, name="letters_print"),
    path("letters/list/", by_hand.post_list, name="post_list"),
    path("by-hand/take/", by_hand.take, name="by_hand_take"),
    path("by-hand/outcome/", by_hand.outcome, name="by_hand_outcome"),
    path("duty/<str:duty>/", notices.duty, name="duty"),
]
