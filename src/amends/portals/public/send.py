"""Send a draft: it becomes one contact, however often the button is pressed."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext as _

from amends.complaints.actions.attach import attach
from amends.complaints.actions.intake.submission import MAX_CHARACTERS, Receipt, Submission
from amends.complaints.actions.notify_joined import notify_joined
from amends.complaints.actions.receive import receive
from amends.kit.traces import tell
from amends.portals.models import Draft
from amends.portals.public import drafts
from amends.portals.public.drafts import DraftText
from amends.quality.actions.attach_to_complaint import attach_to_complaint
from amends.quality.queries import codes_named_in
from amends.subscribers.queries import identify


def send(draft: Draft, *, now: datetime) -> Receipt:
    """Receive the draft's words, attach its files, and empty it.

    The draft's token is the idempotency key: killed between any two steps and sent again, it is
    still one contact with each file once.
    """
    said = submission(draft, drafts.words_of(draft), now=now)
    try:
        receipt = receive(said, now=now)
    except IntegrityError:
        # Pressed twice at once, and the other press stored it first: this one is its repeat.
        receipt = receive(said, now=now)
    tell(complaint=receipt.complaint)
    attach(receipt.contact, drafts.opened_files(draft), now=now)
    if not receipt.opened:
        notify_joined(receipt.complaint, now=now)
    for code in codes_named_in(said.text):
        attach_to_complaint(code, complaint=receipt.complaint)
    drafts.mark_sent(draft, complaint=receipt.complaint, opened=receipt.opened, now=now)
    return receipt


def submission(draft: Draft, words: DraftText, *, now: datetime) -> Submission:
    """The draft as the desk receives it.

    A number we know names the subscriber; one we do not know stays with the words, because it is
    all a handler has.
    """
    known = identify(phone=words.about) if words.about else None
    text = words.text
    if words.about and known is None:
        about = _("It is about: %(about)s") % {"about": words.about}
        text = f"{text[: MAX_CHARACTERS - len(about) - 2]}\n\n{about}"
    return Submission(
        channel="web",
        key=f"draft:{draft.id}",
        text=text,
        received_at=now,
        name=words.name,
        phone=words.phone,
        email=words.email,
        subscriber=known.pseudonym if known else "",
        # So that it needs the same proof as one about a number we know.
        about=words.about if known is None and not (words.phone or words.email) else "",
        wanted=words.wanted,
        on_behalf=words.on_behalf,
        urgent=words.urgent,
        by="web",
    )
