"""Send a draft: it is stored at once, and received as a complaint by a job."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.attach import attach
from amends.cases.complaints.actions.intake import MAX_CHARACTERS, Receipt, Submission
from amends.cases.complaints.actions.notify_joined import notify_joined
from amends.cases.complaints.actions.receive import receive
from amends.channels.actions.link_posts import link_invited
from amends.engines.classification.subjects import SubjectKind
from amends.entrances.portals.actions import drafts
from amends.entrances.portals.actions.drafts import DraftText
from amends.entrances.portals.models import Draft
from amends.entrances.portals.public.subjects import subjects_in_draft
from amends.network.quality.actions.attach_to_complaint import attach_to_complaint
from amends.network.quality.queries import codes_named_in
from amends.people.subscribers.queries import identify
from amends.platform.kit.ids import tracking_code
from amends.platform.kit.languages import message_language
from amends.platform.kit.traces import tell
from amends.work.knowledge.actions.readers import bind_readings


def send(draft: Draft, *, now: datetime) -> str:
    """Store that the draft was sent; the tracking code it is followed by.

    The words are stored already. Whose number they name, whether they join an open complaint, and
    what class they are is found out by the job `sent complaints`, so that the answer and its time
    are the same for a number we know and one we do not.
    """
    unsent = Draft.objects.filter(id=draft.id, sent_at__isnull=True)
    unsent.update(sent_at=now, tracking_code=tracking_code())
    draft.refresh_from_db()
    return draft.tracking_code


def receive_draft(draft: Draft, *, now: datetime) -> Receipt:
    """Receive a sent draft's words as a complaint, attach its files, and empty it.

    The draft's id is the idempotency key: killed between any two steps and received again, it is
    still one contact with each file once.
    """
    draft_text = drafts.words_of(draft)
    new_submission = submission(draft, draft_text)
    try:
        receipt = receive(new_submission, now=now)
    except IntegrityError:
        # Another worker received it first: this is its repeat.
        receipt = receive(new_submission, now=now)
    tell(complaint=receipt.complaint)
    attach(receipt.contact, drafts.opened_files(draft), now=now)
    if not receipt.opened:
        notify_joined(receipt.complaint, now=now)
    for code in {**dict.fromkeys(codes_named_in(draft_text.text)), **_tests_in(draft_text)}:
        attach_to_complaint(code, complaint=receipt.complaint, own=draft_text.own_tests)
    if draft_text.post:
        link_invited(draft_text.post, complaint=receipt.complaint)
    bind_readings(draft_text.help_visit, complaint=receipt.complaint, now=now)
    drafts.mark_received(draft, complaint=receipt.complaint, opened=receipt.opened)
    return receipt


def _tests_in(draft_text: DraftText) -> dict[str, None]:
    """The codes of the speed tests among the subjects of a draft."""
    subjects = [each.subject for each in subjects_in_draft(draft_text)]
    return {subject.ref: None for subject in subjects if subject.kind == SubjectKind.TEST}


def submission(draft: Draft, draft_text: DraftText) -> Submission:
    """The sent draft as the desk receives it.

    A number we know names the subscriber; one we do not know stays with the words, because it is
    all a handler has.
    """
    person = identify(phone=draft_text.about) if draft_text.about else None
    text = draft_text.text
    if draft_text.about and person is None:
        about = _("It is about: %(about)s") % {"about": draft_text.about}
        text = f"{text[: MAX_CHARACTERS - len(about) - 2]}\n\n{about}"
    return Submission(
        channel="web",
        key=f"draft:{draft.id}",
        text=text,
        received_at=draft.sent_at or draft.made_at,
        name=draft_text.name,
        phone=draft_text.phone,
        email=draft_text.email,
        subscriber=person.pseudonym if person else draft_text.subscriber,
        identity="challenge" if draft_text.subscriber and person is None else "",
        service=draft_text.service if person is None else "",
        subjects=tuple(subjects_in_draft(draft_text)),
        # So that it needs the same proof as one about a number we know.
        about=draft_text.about
        if person is None and not (draft_text.phone or draft_text.email)
        else "",
        tracking_code=draft.tracking_code,
        # A few words are read as the language of the page they were written on.
        language=message_language(
            draft_text.text, expected=[draft_text.language[:2], *settings.CUSTOMER_LANGUAGES]
        )
        or draft_text.language[:2],
        wanted=draft_text.wanted,
        on_behalf=draft_text.on_behalf,
        urgent=draft_text.urgent,
        by="web",
    )
