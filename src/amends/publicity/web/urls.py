"""Addresses of publicity."""

from __future__ import annotations

from django.urls import path

from amends.publicity.web import agreements, copies, offers

urlpatterns = [
    path("", copies.listing, name="publicity"),
    path("new/", copies.new, name="publicity_new"),
    path("check/", copies.check, name="publicity_check"),
    path("matrix/", copies.matrix_page, name="publicity_matrix"),
    path("offers/", offers.listing, name="publicity_offers"),
    path("offers/<str:ref>/", offers.one, name="publicity_offer"),
    path("agreements/", agreements.listing, name="publicity_agreements"),
    path("agreements/new/", agreements.new, name="publicity_agreement_new"),
    path("finding/<int:finding>/", copies.judge_finding, name="publicity_judge"),
    path("<str:ref>/", copies.one, name="publicity_copy"),
    path("<str:ref>/approve/", copies.approve_copy, name="publicity_approve"),
    path("<str:ref>/withdraw/", copies.withdraw_copy, name="publicity_withdraw"),
    path("<str:ref>/waive/", copies.waive_finding, name="publicity_waive"),
]
