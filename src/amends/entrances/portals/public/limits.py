"""Rate limits of the public site that no other app counts."""

from __future__ import annotations

from datetime import timedelta

from amends.people.access.web.limits import Limit

BEGINNING = Limit("begin", 60, timedelta(hours=1))
UPLOADING = Limit("upload", 60, timedelta(hours=1))
BEGINNING_CHATS = Limit("begin-chat", 10, timedelta(hours=1), a_day=40)
CHATTING = Limit("chat", 240, timedelta(hours=1))
