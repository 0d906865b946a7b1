"""Addresses of the desk's pages about apps."""

from __future__ import annotations

from django.urls import path

from amends.causes.vetting.web import apps_desk, desk_conflicts

urlpatterns = [
    path("", apps_desk.app_checks, name="app_checks"),
    path("new/", apps_desk.send_in, name="send_app"),
    path("hosts/", apps_desk.hosts, name="agreed_hosts"),
    path("hosts/<str:host>/withdraw/", apps_desk.withdraw, name="withdraw_host"),
    path("conflicts/<str:ref>/", desk_conflicts.conflict, name="package_conflict"),
    path("conflicts/<str:ref>/state/", desk_conflicts.state, name="state_on_conflict"),
    path("conflicts/<str:ref>/decide/", desk_conflicts.decide, name="decide_conflict"),
    path("conflicts/<str:ref>/appeal/", desk_conflicts.appeal, name="appeal_conflict"),
    path("conflicts/<str:ref>/answer/", desk_conflicts.answer, name="answer_conflict_appeal"),
    path("conflicts/<str:ref>/note/", desk_conflicts.note, name="note_on_conflict"),
    path("<str:ref>/", apps_desk.app_check, name="app_check"),
    path("<str:ref>/report/", apps_desk.report, name="app_report"),
    path("<str:ref>/decide/", apps_desk.decide, name="decide_app"),
    path("<str:ref>/note/", apps_desk.note, name="note_on_app"),
]
