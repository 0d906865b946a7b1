"""Forget the words about a case whose customer is forgotten; that work was done, stays."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from amends.work.casework.models import (
    CaseActivity,
    ComposerDraft,
    FollowUp,
    InternalNote,
    QualityReview,
)


def forget_words(kind: str, keys: Sequence[str]) -> None:
    """Empty notes, reasons and reviews of cases and remove drafts."""
    with transaction.atomic():
        ComposerDraft.objects.filter(kind=kind, key__in=keys).delete()
        InternalNote.objects.filter(kind=kind, key__in=keys).update(text="")
        CaseActivity.objects.filter(kind=kind, key__in=keys).update(reason="")
        FollowUp.objects.filter(kind=kind, key__in=keys).update(reason="")
        QualityReview.objects.filter(kind=kind, key__in=keys).update(words="")
