"""Addresses of the help centre."""

from __future__ import annotations

from django.urls import path

from amends.work.knowledge.web import notices, participation, public

app_name = "help"

urlpatterns = [
    path("", public.help_centre, name="help"),
    path("suggest/", public.suggest, name="suggest"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<str:ref>/", notices.notice, name="notice"),
    path("notices/end/<str:ref>/<str:token>/", notices.end_notices, name="end_notices"),
    path("questions/", participation.questions, name="questions"),
    path("questions/<str:ref>/", participation.question, name="question"),
    path("ideas/", participation.ideas, name="ideas"),
    path("ideas/<str:ref>/vote/", participation.vote_for, name="vote"),
    path("articles/<slug:slug>/", public.article, name="article"),
    path("articles/<slug:slug>/helped/", public.helped, name="helped"),
]
