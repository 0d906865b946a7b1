"""Quality review: a random sample of closed cases, four questions each, shown to who handled it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy

from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.texts import clean
from amends.platform.vault.redaction import redact_person
from amends.work.casework.actions.notify import notify
from amends.work.casework.choices import NotificationKind
from amends.work.casework.models import QualityReview
from amends.work.casework.queries.kinds import case_kind, require_visible

LEADS = "casework.lead"
MOST = 200


class ReviewQuestion(models.TextChoices):
    """What is asked of each case of the sample."""

    UNDERSTOOD = "understood", gettext_lazy("Was the issue understood and classified correctly?")
    DECIDED = "decided", gettext_lazy("Is the decision supported by the evidence?")
    WORDED = "worded", gettext_lazy("Are the letters clear, complete and polite?")
    FULFILLED = "kept", gettext_lazy("Were deadlines met and promises to the customer kept?")


class ReviewAnswer(models.TextChoices):
    """The answers there are."""

    YES = "yes", gettext_lazy("Yes")
    NO = "no", gettext_lazy("No")
    NA = "na", gettext_lazy("Does not apply")


def draw_sample(
    kind: str, *, number: int, days: int = 30, actor: Actor, now: datetime
) -> list[QualityReview]:
    """Draw cases at random that were closed within some days and are in no sample yet."""
    _require_lead(actor)
    if not 1 <= number <= MOST or not 1 <= days <= 366:
        raise BadInput(
            _("A sample has from 1 to %(most)s cases of the last year."),
            meaning=_("Nothing was drawn."),
            next_step=_("Choose another number."),
            values={"most": MOST},
            code="unable_to_review",
        )
    since = now - timedelta(days=days)
    # Some of those drawn may be in an earlier sample.
    drawn = case_kind(kind).closed_sample(since, most=number + MOST, brand=actor.brand)
    with transaction.atomic():
        past_reviews = QualityReview.objects.filter(kind=kind, key__in=[key for key, _who in drawn])
        reviewed_keys = set(past_reviews.values_list("key", flat=True))
        fresh = [(key, handler) for key, handler in drawn if key not in reviewed_keys][:number]
        return QualityReview.objects.bulk_create(
            QualityReview(kind=kind, key=key, handler=handler, drawn_at=now, drawn_by=actor.ref)
            for key, handler in fresh
        )


def review(
    number: int, *, answers: Mapping[str, str], remarks: str = "", actor: Actor, now: datetime
) -> QualityReview:
    """Answer the four questions about one case; its handler is notified and can read them.

    words  for the handler, masked; needed where an answer is no
    """
    _require_lead(actor)
    with transaction.atomic():
        row = QualityReview.objects.select_for_update().filter(pk=number).first()
        if row is None:
            raise BadInput(
                _("There is no such case in the sample."),
                meaning=_("Nothing was saved."),
                next_step=_("Choose one from the list."),
                code="unable_to_review",
            )
        require_visible(row.kind, [row.key], actor)
        if row.handler == actor.ref:
            raise BadInput(
                _("You handled this case: someone else must review it."),
                meaning=_("Nothing was saved."),
                next_step=_("Leave it to another lead."),
                code="unable_to_review",
            )
        complete_answers = {
            question: answers.get(question, "") for question in ReviewQuestion.values
        }
        if not set(complete_answers.values()) <= set(ReviewAnswer.values):
            raise BadInput(
                _("One of the four questions has no answer."),
                meaning=_("Nothing was saved."),
                next_step=_("Answer it with yes, no or “does not apply”."),
                code="unable_to_review",
            )
        redacted_remarks = redact_person(clean(remarks).strip())[:4000]
        if ReviewAnswer.NO in complete_answers.values() and not redacted_remarks:
            raise BadInput(
                _("An answer is “no” without a reason."),
                meaning=_("Nothing was saved."),
                next_step=_("State what the handler can do better."),
                code="unable_to_review",
            )
        row.answers, row.words, row.reviewer, row.reviewed_at = (
            complete_answers,
            redacted_remarks,
            actor.ref,
            now,
        )
        row.seen_at = None
        row.save()
        notify([row.handler], row.kind, row.key, NotificationKind.REVIEWED, by=actor.ref, now=now)
    return row


def reviews_seen(handler: str, *, now: datetime) -> None:
    """The handler has read the reviews of their work."""
    QualityReview.objects.filter(
        handler=handler, reviewed_at__isnull=False, seen_at__isnull=True
    ).update(seen_at=now)


def _require_lead(actor: Actor) -> None:
    if not may(actor.roles, LEADS):
        raise BadInput(
            _("Your role reviews no cases."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask the lead of the team."),
            code="unable_to_review",
        )
