"""Fetch the watched pages and check what they say."""

from __future__ import annotations

from datetime import datetime

from amends.causes.publicity.actions import watch_pages


def fetch_pages(now: datetime) -> int:
    """Fetch every watched page; how many new wordings were found."""
    return watch_pages.fetch_pages(now=now).new
