"""Addresses of the chats at the desk."""

from __future__ import annotations

from django.urls import path

from amends.entrances.chats.web import chats

urlpatterns = [
    path("", chats.chats, name="chats"),
    path("<str:ref>/", chats.chat, name="chat"),
    path("<str:ref>/entries/", chats.entries, name="chat_entries"),
    path("<str:ref>/answer/", chats.answer_chat, name="answer_chat"),
    path("<str:ref>/draft/", chats.store_chat_draft, name="store_chat_draft"),
    path("<str:ref>/text/", chats.chat_text_module, name="chat_text_module"),
    path("<str:ref>/act/", chats.act, name="act_on_chat"),
    path("<str:ref>/files/<str:file>/", chats.chat_file, name="chat_file"),
]
