"""Addresses of publicity."""

from __future__ import annotations

from django.urls import path

from amends.causes.publicity.web import agreements, copies, offers, phrases

urlpatterns = [
    path("", copies.listing, name="publicity"),
    path("new/", copies.new, name="publicity_new"),
    path("check/", copies.check, name="publicity_check"),
    path("matrix/", copies.matrix_page, name="publicity_matrix"),
    path("offers/", offers.listing, name="publicity_offers"),
    path("offers/<str:ref>/", offers.one, name="publicity_offer"),
    path("agreements/", agreements.listing, name="publicity_agreements"),
    path("agreements/new/", agreements.new, name="publicity_agreement_new"),
    path("phrases/", phrases.phrases, name="publicity_phrases"),
    path("phrases/<int:number>/accept/", phrases.accept, name="publicity_accept_phrase"),
    path("phrases/<int:number>/end/", phrases.end, name="publicity_end_phrase"),
    path("<str:ref>/", copies.one, name="publicity_copy"),
    path("<str:ref>/approve/", copies.approve_copy, name="publicity_approve"),
    path("<str:ref>/withdraw/", copies.withdraw_copy, name="publicity_withdraw"),
    path("<str:ref>/edit/", copies.edit, name="publicity_edit"),
    path("<str:ref>/findings/<int:finding>/waive/", copies.waive_finding, name="publicity_waive"),
    path("<str:ref>/findings/<int:finding>/judge/", copies.judge_finding, name="publicity_judge"),
]
