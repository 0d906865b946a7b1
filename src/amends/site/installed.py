"""The apps of Amends, top to bottom. A new app is one folder and one line here."""

from __future__ import annotations

APPS = (
    "amends.site",
    "amends.operations",
    "amends.feeds",
    "amends.portals",
    "amends.demo",
    "amends.indicators",
    "amends.emergencies",
    "amends.measures",
    "amends.hotissues",
    "amends.desk",
    "amends.examinations",
    "amends.audits",
    "amends.complaints",
    "amends.notices",
    "amends.confirmations",
    "amends.launches",
    "amends.quality",
    "amends.publicity",
    "amends.privacy",
    "amends.remedies",
    "amends.channels",
    "amends.access",
    "amends.ledger",
    "amends.subscribers",
    "amends.catalogue",
    "amends.partners",
    "amends.vault",
    "amends.database",
)
