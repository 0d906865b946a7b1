"""Addresses of the desk's pages about services and partners."""

from __future__ import annotations

from django.urls import path

from amends.causes.vetting.web import desk_partners, desk_services

urlpatterns = [
    path("", desk_services.register, name="services"),
    path("partners/", desk_partners.scores, name="partner_scores"),
    path("partners/<str:ref>/", desk_partners.partner_page, name="partner_score"),
    path("partners/<str:ref>/letter.pdf", desk_partners.letter, name="partner_letter"),
    path("partners/<str:ref>/propose/", desk_partners.propose_step, name="propose_step"),
    path("proceedings/<str:ref>/state/", desk_partners.state, name="record_statement"),
    path("proceedings/<str:ref>/decide/", desk_partners.decide_step, name="decide_step"),
    path("proceedings/<str:ref>/appeal/", desk_partners.appeal, name="record_partner_appeal"),
    path("proceedings/<str:ref>/answer/", desk_partners.answer, name="answer_partner_appeal"),
    path("<str:ref>/", desk_services.service_page, name="service"),
]
