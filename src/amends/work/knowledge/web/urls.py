"""Addresses of the desk's pages."""

from __future__ import annotations

from django.urls import path

from amends.work.knowledge.web import desk, participation_desk

urlpatterns = [
    path("", desk.articles, name="knowledge"),
    path("new/", desk.new_article, name="knowledge_new"),
    path("preview/", desk.preview, name="knowledge_preview"),
    path("to-write/", desk.gaps_page, name="knowledge_gaps"),
    path("to-write/<int:number>/", desk.gap_done, name="knowledge_gap_done"),
    path("findings/", desk.findings_page, name="knowledge_findings"),
    path("findings/<int:number>/", desk.finding_done, name="knowledge_finding_done"),
    path("questions/", participation_desk.questions, name="knowledge_questions"),
    path("questions/<str:ref>/", participation_desk.question, name="knowledge_question"),
    path("ideas/", participation_desk.ideas, name="knowledge_ideas"),
    path("ideas/<str:ref>/", participation_desk.decide, name="knowledge_idea_decide"),
    path("articles/<slug:slug>/", desk.article, name="knowledge_article"),
    path("articles/<slug:slug>/edit/", desk.edit_article, name="knowledge_edit"),
    path("articles/<slug:slug>/publish/", desk.publish, name="knowledge_publish"),
    path("articles/<slug:slug>/withdraw/", desk.retire, name="knowledge_retire"),
    path("articles/<slug:slug>/reread/", desk.reread, name="knowledge_reread"),
]
