"""Answer a post: checked for personal data and length, approved by a second person, posted once."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from amends.channels.actions.post import post as post_message
from amends.channels.models import OutboxMessage
from amends.channels.queries.contacts import opened_column
from amends.channels.social.connectors import connector_of
from amends.channels.social.models import PostKind, PostState, SocialAnswer, SocialPost
from amends.channels.social.rules import (
    PersonalDataFound,
    length,
    personal_data,
    too_late,
)
from amends.channels.social.settings import PlatformAccount, social_settings
from amends.people.access.queries import may
from amends.people.operator.queries import operator, public_address
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.ids import random_id, time_ordered_id
from amends.platform.vault.redaction import redact_person
from amends.platform.vault.sealing import seal

TABLE = "channels_socialanswer"
_CODE_CHARACTERS = 12
Answer = SocialAnswer.State


class UnableToAnswerPost(BadInput):
    """The text cannot be the answer as it is; `found` lists personal data with positions."""

    code = "social_answer_unusable"
    found: tuple[PersonalDataFound, ...] = ()


class UnableToDecideAnswer(Refused):
    """The answer is not to be decided on, or not by this person."""

    code = "social_answer_not_yours"


class UnableToFindPost(BadInput):
    """There is no such post, or not for this person."""

    code = "social_post_unknown"


def find_post(ref: str, *, brand: str = "", lock: bool = False) -> SocialPost:
    """A post that a person of this brand may see; raises `UnableToFindPost`."""
    rows = SocialPost.objects.filter(pk=ref)
    rows = rows.filter(brand__in=("", brand)) if brand else rows
    rows = rows.select_for_update() if lock else rows
    post = rows.first()
    if post is None:
        raise UnableToFindPost(
            _("There is no such post."), next_step=_("Open the list of posts again.")
        )
    return post


def answer_post(
    ref: str,
    *,
    text: str,
    public: bool,
    invite: bool = False,
    article: str = "",
    actor: Actor,
    now: datetime,
) -> SocialAnswer:
    """Propose an answer, and post it at once where no second person is needed.

    public   in public below the post, else as a private message
    invite   adds a link to a private form that carries the thread along

    Raises `UnableToAnswerPost`; nothing is stored then.
    """
    _require(actor, "social.answer")
    with transaction.atomic():
        post = find_post(ref, brand=actor.brand, lock=True)
        account = _account_of(post)
        code = random_id(length=_CODE_CHARACTERS) if invite else ""
        answer_text = f"{text.strip()} {invitation_link(code)}" if invite else text.strip()
        check_answer(post, account, answer_text, public=public, now=now)
        answer_id = time_ordered_id()
        try:
            with transaction.atomic():
                answer = SocialAnswer.objects.create(
                    id=answer_id,
                    post=post,
                    is_public=public,
                    text_sealed=seal(TABLE, "text_sealed", answer_id, answer_text),
                    invitation=code,
                    article=article[:80],
                    proposed_by=actor.ref,
                    proposed_at=now,
                )
        except IntegrityError:
            raise UnableToDecideAnswer(
                _("An answer to this post waits for a second person already."),
                meaning=_("Nothing was stored."),
                next_step=_("Approve it, or send it back."),
            ) from None
        SocialPost.objects.filter(pk=post.pk).update(state=PostState.PROPOSED)
        if not (public and account.second_person):
            _post(answer, post, answer_text, actor=actor, now=now)
    return answer


def approve_answer(answer_id: str, *, actor: Actor, now: datetime) -> SocialAnswer:
    """Agree to a colleague's answer and post it; its author cannot."""
    with transaction.atomic():
        answer, post = _proposed(answer_id, actor)
        if answer.proposed_by == actor.ref:
            raise UnableToDecideAnswer(
                _("You wrote this answer yourself."),
                meaning=_("A public answer needs a second person."),
                next_step=_("Ask a colleague to approve it."),
            )
        answer_text = opened_column(answer, "text_sealed")
        check_answer(post, _account_of(post), answer_text, public=answer.is_public, now=now)
        _post(answer, post, answer_text, actor=actor, now=now)
    return answer


def reject_answer(answer_id: str, *, reason: str, actor: Actor, now: datetime) -> None:
    """Send an answer back with a reason; the post waits for another."""
    with transaction.atomic():
        answer, post = _proposed(answer_id, actor)
        SocialAnswer.objects.filter(pk=answer.pk).update(
            state=Answer.REJECTED,
            decided_by=actor.ref,
            decided_at=now,
            reason=redact_person(reason)[:200],
            invitation="",
        )
        SocialPost.objects.filter(pk=post.pk).update(
            state=PostState.COMPLAINT if post.complaint else PostState.OPEN
        )


def close_post(ref: str, *, reason: str, actor: Actor) -> None:
    """Close a post without an answer: praise, spam, or answered elsewhere."""
    _require(actor, "social.answer")
    with transaction.atomic():
        post = find_post(ref, brand=actor.brand, lock=True)
        if post.state != PostState.OPEN:
            raise UnableToDecideAnswer(
                _("This post does not wait for an answer."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the page again."),
            )
        SocialPost.objects.filter(pk=post.pk).update(
            state=PostState.CLOSED, closed_reason=redact_person(reason)[:200]
        )


def check_answer(
    post: SocialPost, account: PlatformAccount, answer_text: str, *, public: bool, now: datetime
) -> None:
    """Raise `UnableToAnswerPost` for what the platform or the protection of people forbids."""
    if not answer_text:
        raise UnableToAnswerPost(_("The answer has no text."), next_step=_("Write the answer."))
    if post.deleted_at is not None:
        raise UnableToAnswerPost(
            _("The post was deleted."),
            meaning=_("Its author does not want it seen."),
            next_step=_("Close it without an answer."),
        )
    if public and post.kind == PostKind.PRIVATE:
        raise UnableToAnswerPost(
            _("A private message is answered in private."),
            next_step=_("Choose a private answer."),
        )
    limits = connector_of(account).limits(public=public)
    if limits is None:
        raise UnableToAnswerPost(
            _("This platform takes no such answer."),
            next_step=_("Choose the other kind of answer, or add the private link."),
        )
    if (count := length(answer_text, limits)) > limits.most_characters:
        raise UnableToAnswerPost(
            _("The answer has %(count)s characters; the platform takes %(most)s."),
            next_step=_("Shorten it."),
            values={"count": count, "most": limits.most_characters},
        )
    if too_late(post.posted_at, limits, now=now):
        raise UnableToAnswerPost(
            _("The platform takes an answer for %(hours)s hours only."),
            meaning=_("That time is over."),
            next_step=_("Open a complaint and use the contact on record."),
            values={"hours": int(limits.within.total_seconds() // 3600) if limits.within else 0},
        )
    if limits.most_answers and _answers_to(post) >= limits.most_answers:
        raise UnableToAnswerPost(
            _("The platform takes %(most)s answers to one message, and they were sent."),
            next_step=_("Wait until the person writes again."),
            values={"most": limits.most_answers},
        )
    if public:
        _refuse_personal_data(post, answer_text)


def _refuse_personal_data(post: SocialPost, answer_text: str) -> None:
    ours = operator()
    personal_parts = personal_data(
        answer_text.replace(public_address(), ""),
        names=_names_of(post),
        allowed=(ours.hotline,),
    )
    if personal_parts:
        first = personal_parts[0]
        error = UnableToAnswerPost(
            _("A public answer may not hold personal data: “%(text)s”, from character %(start)s."),
            meaning=_("Everybody could read it. Nothing was sent."),
            next_step=_("Remove it, or answer in private."),
            values={"text": first.text, "start": first.start + 1},
        )
        error.found = tuple(personal_parts)
        raise error


def _names_of(post: SocialPost) -> list[str]:
    """The author's own name where it is a person's, not a handle with a sign."""
    name = opened_column(post.message, "name_sealed").strip()
    return [name] if name and name.isalpha() and len(name) <= 4 and not name.isascii() else []


def _answers_to(post: SocialPost) -> int:
    """Private answers that were approved to this person since the post."""
    rows = SocialAnswer.objects.filter(
        post__author=post.author,
        is_public=False,
        state=Answer.APPROVED,
        decided_at__gte=post.posted_at,
    )
    return rows.count()


def _post(
    answer: SocialAnswer, post: SocialPost, answer_text: str, *, actor: Actor, now: datetime
) -> None:
    message: OutboxMessage = post_message(
        key=f"social:{answer.pk}",
        channel="social",
        recipient=opened_column(post.message, "sender_sealed") or post.author,
        body=answer_text,
        language=post.message.language or settings.LANGUAGE_CODE[:2],
        reference=f"post:{post.pk}",
        in_reply_to=post.message_id,
        now=now,
    )
    answer.message, answer.state = message, Answer.APPROVED
    answer.decided_by, answer.decided_at = actor.ref, now
    answer.save(update_fields=["message", "state", "decided_by", "decided_at"])
    SocialPost.objects.filter(pk=post.pk).update(
        state=PostState.COMPLAINT if post.complaint else PostState.ANSWERED
    )


def _proposed(answer_id: str, actor: Actor) -> tuple[SocialAnswer, SocialPost]:
    answer = SocialAnswer.objects.select_for_update().filter(pk=answer_id).first()
    if answer is None:
        raise UnableToFindPost(
            _("There is no such answer."), next_step=_("Open the list of posts again.")
        )
    post = find_post(answer.post_id, brand=actor.brand, lock=True)
    if answer.state != Answer.PROPOSED:
        raise UnableToDecideAnswer(
            _("This answer was decided on already."),
            meaning=_("Nothing was changed."),
            next_step=_("Load the page again."),
        )
    _require(actor, "social.approve")
    return answer, post


def _require(actor: Actor, permission: str) -> None:
    """Refuse staff without the permission; the platform itself answers with tracking codes."""
    if actor.kind == "user" and not may(actor.roles, permission):
        raise UnableToDecideAnswer(
            _("You may not answer posts on social media."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask a senior handler."),
        )


def _account_of(post: SocialPost) -> PlatformAccount:
    account = social_settings().accounts.get(post.account)
    if account is None:
        raise UnableToAnswerPost(
            _("The account “%(name)s” is not in the settings any more."),
            next_step=_("Ask an administrator."),
            values={"name": post.account},
        )
    return account


def invitation_link(code: str) -> str:
    """The address of the private form that carries the thread of an answer along."""
    return f"{public_address()}/complain/?post={code}"
