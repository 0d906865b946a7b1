"""Addresses of the desk's pages."""

from __future__ import annotations

from django.urls import path

from amends.causes.protection.web import desk

urlpatterns = [
    path("", desk.board, name="protection"),
    path("appeals/", desk.appeals_page, name="protection_appeals"),
    path("appeals/<str:ref>/", desk.appeal_page, name="protection_appeal"),
    path("appeals/<str:ref>/decide/", desk.decide_appeal, name="decide_protection_appeal"),
    path("appeals/<str:ref>/note/", desk.note_appeal, name="note_protection_appeal"),
    path("appeals/<str:ref>/assign/", desk.assign_appeal, name="assign_protection_appeal"),
    path("block-list/", desk.block_list, name="protection_block_list"),
    path("block-list.csv", desk.block_list_csv, name="protection_block_list_csv"),
    path("report/", desk.report_for_caller, name="protection_report"),
    path("evidence/<str:ref>/", desk.evidence, name="protection_evidence"),
    path("guardians/", desk.guardians, name="protection_guardians"),
    path("guardians/end/", desk.end_guardian, name="end_protection_guardian"),
    path("numbers/<str:ref>/block/", desk.block, name="block_reported_number"),
    path("numbers/<str:ref>/suspend/", desk.suspend_number_partner, name="suspend_number_partner"),
    path("numbers/<str:ref>/", desk.number, name="protection_number"),
]
