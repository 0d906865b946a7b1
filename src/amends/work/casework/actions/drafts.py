"""Drafts of the composer: what somebody types is stored on the server, so that nothing is lost."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.work.casework.choices import ComposerMode
from amends.work.casework.models import ComposerDraft
from amends.work.casework.queries.kinds import require_visible

LONGEST = 20_000


class UnableToSaveDraft(BadInput):
    """The draft is too long, or its mode is none of the composer."""

    code = "unable_to_save_draft"


class UnableToReplaceDraft(Refused):
    """The same draft was changed in another window; `draft` is what is stored."""

    code = "draft_changed"

    def __init__(self, draft: ComposerDraft) -> None:
        self.draft = draft
        super().__init__(
            _("You changed this draft in another window."),
            meaning=_("What is stored was not overwritten; what you typed is still here."),
            next_step=_("Compare the two, then save the one you want."),
        )


def save_draft(
    kind: str,
    key: str,
    mode: str,
    *,
    text: str,
    subject: str = "",
    version: int,
    actor: Actor,
    now: datetime,
) -> ComposerDraft | None:
    """Store what the actor has typed; None once it is empty, which removes the draft.

    version  of the draft the actor started from, 0 for a new one; raises UnableToReplaceDraft if
             the stored one is another
    """
    require_visible(kind, [key], actor)
    if mode not in ComposerMode.values or len(text) > LONGEST or len(subject) > 200:
        raise UnableToSaveDraft(
            _("A draft has at most %(most)s characters."),
            meaning=_("It was not stored; what you typed is still in this window."),
            next_step=_("Shorten it."),
            values={"most": f"{LONGEST:,}"},
        )
    mine = {"kind": kind, "key": key, "person": actor.ref, "mode": mode}
    with transaction.atomic():
        stored = ComposerDraft.objects.select_for_update().filter(**mine).first()
        if stored and stored.version != version and stored.text != text:
            raise UnableToReplaceDraft(stored)
        if not text.strip() and not subject.strip():
            if stored:
                stored.delete()
            return None
        draft = stored or ComposerDraft(**mine, version=0)
        draft.text, draft.subject = text, subject
        draft.version += 1
        draft.saved_at = now
        try:
            with transaction.atomic():
                draft.save()
        except IntegrityError:
            # Two windows made the first draft at the same moment.
            raise UnableToReplaceDraft(ComposerDraft.objects.get(**mine)) from None
    return draft


def discard_draft(kind: str, key: str, mode: str, *, person: str) -> None:
    """Remove what a person has typed in one mode, once it was sent or is not wanted."""
    ComposerDraft.objects.filter(kind=kind, key=key, person=person, mode=mode).delete()
