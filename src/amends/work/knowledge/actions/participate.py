"""Public questions and suggestions: received, checked, answered, merged, voted on, decided.

Nothing is public before a colleague has checked it. Users who left an address are
notified once; then the address is deleted.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_on_request import UnableToSendOnRequest, send_on_request
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import random_id
from amends.platform.vault.recognisers import mask_text
from amends.platform.vault.sealing import open_sealed, seal
from amends.work.knowledge.actions.write import require
from amends.work.knowledge.choices import IdeaState, QuestionState
from amends.work.knowledge.models import (
    HelpArticle,
    IdeaVote,
    ImprovementIdea,
    PublicAnswer,
    PublicQuestion,
)

QUESTIONS, IDEAS = "knowledge_question", "knowledge_idea"
WRITE = "knowledge.write"
MOST_ANONYMOUS = 3
"""As many votes of a suggestion count, of all that came without a known person."""


class UnableToTakePart(BadInput):
    """The question or suggestion is empty, or not there to be answered or voted on."""

    code = "unable_to_take_part"


def ask(text: str, language: str, *, email: str = "", now: datetime) -> PublicQuestion:
    """Receive a question; it is shown once a colleague has checked it."""
    ref = random_id("ask", length=12)
    return PublicQuestion.objects.create(
        ref=ref,
        language=language,
        text=_masked(text, 1_000),
        contact=seal(QUESTIONS, "contact", ref, email.strip()),
        asked_at=now,
    )


def check_question(ref: str, *, publish: bool, actor: Actor) -> None:
    """Publish a question that waits, or refuse it."""
    with transaction.atomic():
        row = _question(ref, actor)
        if row.state == QuestionState.WAITING:
            row.state = QuestionState.PUBLISHED if publish else QuestionState.REFUSED
            row.checked_by = actor.ref
            row.save(update_fields=["state", "checked_by"])


def answer_question(
    ref: str, text: str, *, now: datetime, actor: Actor | None = None
) -> PublicAnswer:
    """Answer a question: an answer of staff is shown at once, one of a user once it is checked.

    actor  the colleague; None for a user
    """
    with transaction.atomic():
        row = PublicQuestion.objects.select_for_update().filter(ref=ref).first()
        open_states = (QuestionState.PUBLISHED, QuestionState.ANSWERED)
        if row is None or (row.state not in open_states and actor is None):
            raise _gone()
        if actor is not None:
            require(actor, WRITE, row.brand)
        public_answer = PublicAnswer.objects.create(
            question=row,
            text=_masked(text, 4_000),
            staff=actor.ref if actor else "",
            is_published=actor is not None,
            written_at=now,
            checked_by=actor.ref if actor else "",
        )
        if actor is not None:
            _answered(row, public_answer.text, now=now)
    return public_answer


def check_answer(number: int, *, publish: bool, actor: Actor, now: datetime) -> None:
    """Publish an answer of a user, or refuse it."""
    with transaction.atomic():
        row = PublicAnswer.objects.select_for_update().filter(pk=number).first()
        if row is None:
            raise _gone()
        question = _question(row.question_id, actor)
        row.is_published, row.is_refused, row.checked_by = publish, not publish, actor.ref
        row.save(update_fields=["is_published", "is_refused", "checked_by"])
        if publish:
            _answered(question, row.text, now=now)


def merge_question(ref: str, article: str, *, actor: Actor, now: datetime) -> None:
    """Say that an article answers a question from now on; the question leads to it."""
    with transaction.atomic():
        row = _question(ref, actor)
        target = HelpArticle.objects.filter(slug=article, retired_at=None).first()
        if target is None:
            raise UnableToTakePart(
                _("There is no article “%(slug)s”."),
                meaning=_("Nothing was changed."),
                next_step=_("Choose one from the list."),
                values={"slug": article[:80]},
            )
        row.article, row.state, row.answered_at = target, QuestionState.MERGED, now
        row.checked_by = actor.ref
        with override("zh-hans" if row.language == "zh" else "en"):
            message = gettext("Our help centre answers your question now: /help/articles/%(slug)s/")
        _notify_asker(row, message % {"slug": target.slug}, now=now)
        row.save()


def suggest(text: str, language: str, *, email: str = "", now: datetime) -> ImprovementIdea:
    """Receive a suggestion; others can vote once a colleague has checked it."""
    ref = random_id("idea", length=12)
    return ImprovementIdea.objects.create(
        ref=ref,
        language=language,
        text=_masked(text, 400),
        contact=seal(IDEAS, "contact", ref, email.strip()),
        suggested_at=now,
    )


def vote(ref: str, *, voter: str, is_identified: bool, now: datetime) -> bool:
    """Vote for a suggestion once; False where this voter already has.

    Each identified subscriber counts once. Anonymous votes count once for each network, and all
    together at most `MOST_ANONYMOUS`, because addresses are cheap.

    voter  blind index of the subscriber, or of the network
    """
    with transaction.atomic():
        idea = (
            ImprovementIdea.objects.select_for_update()
            .filter(ref=ref, state__in=(IdeaState.OPEN, IdeaState.PLANNED))
            .first()
        )
        if idea is None:
            raise _gone()
        try:
            with transaction.atomic():
                IdeaVote.objects.create(idea=idea, voter=voter, is_identified=is_identified, at=now)
        except IntegrityError:
            return False
        cast = IdeaVote.objects.filter(idea=idea)
        people = cast.filter(is_identified=True).count()
        anonymous = cast.filter(is_identified=False).count()
        ImprovementIdea.objects.filter(ref=ref).update(
            votes=people + min(anonymous, MOST_ANONYMOUS)
        )
    return True


def decide_idea(ref: str, *, state: str, outcome: str, actor: Actor, now: datetime) -> None:
    """Set the state of a suggestion; `done` and `declined` need an outcome."""
    outcome = _short(outcome, 600)
    if state in (IdeaState.DONE, IdeaState.DECLINED) and not outcome:
        raise UnableToTakePart(
            _("Write what came of it."),
            meaning=_("Nothing was changed."),
            next_step=_("People who voted read it, and who suggested it is notified."),
        )
    with transaction.atomic():
        row = ImprovementIdea.objects.select_for_update().filter(ref=ref).first()
        if row is None or state not in IdeaState.values:
            raise _gone()
        require(actor, WRITE, row.brand)
        row.state, row.outcome = state, outcome or row.outcome
        row.decided_by, row.decided_at = actor.ref, now
        if state in (IdeaState.DONE, IdeaState.DECLINED):
            _notify_idea(row, now=now)
        row.save()


def _answered(row: PublicQuestion, text: str, *, now: datetime) -> None:
    row.state, row.answered_at = QuestionState.ANSWERED, row.answered_at or now
    _notify_asker(row, text, now=now)
    row.save()


def _notify_asker(row: PublicQuestion, text: str, *, now: datetime) -> None:
    address = open_sealed(QUESTIONS, "contact", row.ref, row.contact)
    if address:
        with override("zh-hans" if row.language == "zh" else "en"):
            subject = gettext("An answer to your question")
            body = gettext("You asked:\n%(question)s\n\nAnswer:\n%(answer)s")
        values = {"question": row.text, "answer": text}
        _post(f"question:{row.ref}", address, row.language, subject, body % values, now)
    row.contact = seal(QUESTIONS, "contact", row.ref, "")


def _notify_idea(row: ImprovementIdea, *, now: datetime) -> None:
    address = open_sealed(IDEAS, "contact", row.ref, row.contact)
    if address:
        with override("zh-hans" if row.language == "zh" else "en"):
            subject = gettext("What came of your suggestion")
            body = gettext("You suggested:\n%(idea)s\n\nWhat came of it:\n%(outcome)s")
        values = {"idea": row.text, "outcome": row.outcome}
        _post(f"idea:{row.ref}", address, row.language, subject, body % values, now)
    row.contact = seal(IDEAS, "contact", row.ref, "")


def _post(key: str, address: str, language: str, subject: str, body: str, now: datetime) -> None:
    letter = Outgoing(
        key=f"knowledge:{key}",
        channel="mail",
        recipient=address,
        language=language,
        subject=subject,
        body=body,
        reference=key,
    )
    # Over a limit the public page shows the answer all the same.
    with suppress(UnableToSendOnRequest):
        send_on_request(letter, now=now)


def _question(ref: str, actor: Actor) -> PublicQuestion:
    row = PublicQuestion.objects.select_for_update().filter(ref=ref).first()
    if row is None:
        raise _gone()
    require(actor, WRITE, row.brand)
    return row


def _gone() -> UnableToTakePart:
    return UnableToTakePart(
        _("This is not open any more."),
        meaning=_("Nothing was changed."),
        next_step=_("Choose another from the list."),
    )


def _masked(text: str, max_length: int) -> str:
    masked = _short(text, max_length)
    if not masked:
        raise UnableToTakePart(
            _("There are no words."),
            meaning=_("Nothing was stored."),
            next_step=_("Write what you want to say."),
        )
    return masked


def _short(text: str, max_length: int) -> str:
    return mask_text(text.strip()[:max_length]).text[:max_length]
