"""Addresses of the desk's pages about contents of services."""

from __future__ import annotations

from django.urls import path

from amends.causes.vetting.web import desk_contents

urlpatterns = [
    path("", desk_contents.findings, name="contents"),
    path("new/", desk_contents.new_sample, name="content_new"),
    path("lists/", desk_contents.lists, name="content_lists"),
    path("<str:ref>/", desk_contents.finding_page, name="content_finding"),
    path("<str:ref>/taken-down/", desk_contents.take_down, name="content_taken_down"),
    path("<str:ref>/dismiss/", desk_contents.dismiss, name="content_dismiss"),
    path("<str:ref>/sanction/", desk_contents.sanction, name="content_sanction"),
    path("<str:ref>/appeal/", desk_contents.appeal, name="content_appeal"),
    path("<str:ref>/answer/", desk_contents.answer_appeal, name="content_appeal_answer"),
]
