"""Refusals of `chats`."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.translatable import Translatable


def unusable_hours(*, value: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        Translatable(
            _("AMENDS_CHAT_HOURS is %(value)s; write hours such as 08:00-22:00."), value=value
        )
    )
