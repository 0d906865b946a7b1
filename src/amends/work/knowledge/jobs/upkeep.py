"""Jobs of the knowledge base."""

from __future__ import annotations

from datetime import datetime

from amends.work.knowledge.actions import build_index, findings, readers


def forget_readings(now: datetime) -> int:
    """Forget what was read a day ago and no complaint followed."""
    return readers.forget_readings(now=now)


def mark_changed_facts(now: datetime) -> int:
    """Mark articles to read again after a fact in them changed; how many are new."""
    return len(findings.mark_changed_facts(now=now))


def check_articles(now: datetime) -> int:
    """Compare the articles with each other and with the catalogue; how many findings are open."""
    return findings.check_articles(now=now)


def build_search_index(now: datetime) -> int:
    """Index the published articles after a change of many; how many versions."""
    return build_index.build_index(now=now)
