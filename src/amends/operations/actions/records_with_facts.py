"""Records that never come without facts: where some stand, an empty ledger was emptied."""

from __future__ import annotations

from django.apps import apps

# The first command on a new installation records its rule sets, before any of these is there.
_MODELS = (
    "access.Case",
    "complaints.Complaint",
    "confirmations.Order",
    "hotissues.HotIssue",
    "notices.Notice",
    "remedies.Remedy",
    "subscribers.Subscriber",
)


def records_with_facts() -> list[str]:
    """The tables of such records that hold rows."""
    models = [apps.get_model(name) for name in _MODELS]
    return [model._meta.db_table for model in models if model._default_manager.exists()]
