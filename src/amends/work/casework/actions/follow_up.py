"""Follow-ups: a case comes back on a day, or earlier when the customer writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.texts import clean
from amends.platform.vault.redaction import redact_person
from amends.work.approvals.actions.questions import CUSTOMER, end_questions
from amends.work.approvals.queries import WaitingState
from amends.work.casework.actions.notify import notify
from amends.work.casework.choices import FollowUpEnd, NotificationKind
from amends.work.casework.models import FollowUp, Team
from amends.work.casework.queries.kinds import case_kind, case_kinds, require_visible
from amends.work.casework.queries.staff import away, members_of
from amends.work.casework.queries.work import owner

LONGEST_DAYS = 366
AT_ONCE = 200
FOLLOW_UPS = system("follow ups")


class UnableToFollowUp(BadInput):
    """The day or the reason is missing or cannot be used."""

    code = "unable_to_follow_up"


def set_follow_up(
    kind: str,
    key: str,
    *,
    due_on: date,
    reason: str,
    waits_for_customer: bool = False,
    actor: Actor,
    now: datetime,
) -> FollowUp:
    """Let a case come back on a day; a day set before is replaced, and stays in the timeline.

    waits_for_customer  it also comes back when the customer writes
    """
    require_visible(kind, [key], actor)
    ahead = (due_on - timezone.localdate(now)).days
    if not 1 <= ahead <= LONGEST_DAYS:
        raise UnableToFollowUp(
            _("Choose a day from tomorrow on, within a year."),
            meaning=_("No follow-up was set."),
            next_step=_("Choose another day."),
        )
    redacted_reason = redact_person(clean(reason).strip())[:300]
    if not redacted_reason:
        raise UnableToFollowUp(
            _("State the reason for the follow-up."),
            meaning=_("No follow-up was set."),
            next_step=_("A few words are enough: what you or a colleague will do on that day."),
        )
    with transaction.atomic():
        _end(_waiting(kind, [key]), FollowUpEnd.REPLACED, by=actor.ref, now=now)
        return FollowUp.objects.create(
            kind=kind,
            key=key,
            due_on=due_on,
            reason=redacted_reason,
            waits_for_customer=waits_for_customer,
            set_by=actor.ref,
            set_at=now,
        )


def end_follow_up(
    kind: str, key: str, *, because: FollowUpEnd = FollowUpEnd.DONE, actor: Actor, now: datetime
) -> bool:
    """End what waits at a case; False if nothing did."""
    require_visible(kind, [key], actor)
    with transaction.atomic():
        rows = _waiting(kind, [key])
        if any(row.waits_for_customer for row in rows):
            end_questions(kind, [key], WaitingState.WITHDRAWN, by=actor.ref, now=now)
        return bool(_end(rows, because, by=actor.ref, now=now))


def customer_wrote(kind: str, keys: Iterable[str], *, now: datetime) -> int:
    """End what waits for customers who have now written; how many cases came back."""
    with transaction.atomic():
        end_questions(kind, set(keys), WaitingState.ANSWERED, by=CUSTOMER, now=now)
        waiting = [row for row in _waiting(kind, set(keys)) if row.waits_for_customer]
        return _end(waiting, FollowUpEnd.CONTACT, by=FOLLOW_UPS.ref, now=now)


def customers_answered(kind: str, keys: Iterable[str], *, by: str, now: datetime) -> int:
    """End what waits for customers who now have our answer; how many cases."""
    with transaction.atomic():
        end_questions(kind, set(keys), WaitingState.OVERTAKEN, by=by, now=now)
        waiting = [row for row in _waiting(kind, set(keys)) if row.waits_for_customer]
        return _end(waiting, FollowUpEnd.DONE, by=by, now=now)


def cases_closed(kind: str, keys: Iterable[str], *, now: datetime) -> int:
    """End what waits at cases that were closed; how many."""
    with transaction.atomic():
        end_questions(kind, set(keys), WaitingState.OVERTAKEN, by=FOLLOW_UPS.ref, now=now)
        waiting = _waiting(kind, set(keys))
        return _end(waiting, FollowUpEnd.CLOSED, by=FOLLOW_UPS.ref, now=now)


def end_due_follow_ups(*, now: datetime) -> int:
    """End follow-ups whose day has come and notify whoever works on the case; how many."""
    with transaction.atomic():
        due_follow_ups = list(
            FollowUp.objects.select_for_update(skip_locked=True)
            .filter(ended_at__isnull=True, due_on__lte=timezone.localdate(now))
            .order_by("due_on", "id")[:AT_ONCE]
        )
        _end(due_follow_ups, FollowUpEnd.DATE, by=FOLLOW_UPS.ref, now=now)
        kinds_by_name = case_kinds()
        for row in due_follow_ups:
            if row.kind not in kinds_by_name:
                continue
            if row.waits_for_customer:
                kinds_by_name[row.kind].wait_ended(row.key, now=now)
            recipients = _who_follows_up(row, now=now)
            notify(
                recipients,
                row.kind,
                row.key,
                NotificationKind.FOLLOW_UP,
                by=FOLLOW_UPS.ref,
                now=now,
            )
    return len(due_follow_ups)


def _who_follows_up(row: FollowUp, *, now: datetime) -> set[str]:
    """The owner, else who set the day; where that person is away or gone, the team."""
    holder = owner(row.kind, row.key)
    person = holder.person or row.set_by
    if person and not away([person], on=timezone.localdate(now)):
        return {person}
    if not holder.team:
        return {person}
    lead = Team.objects.filter(slug=holder.team).values_list("lead", flat=True).first()
    return {lead} if lead else members_of([holder.team])


def _waiting(kind: str, keys: Collection[str]) -> list[FollowUp]:
    case_kind(kind)
    rows = FollowUp.objects.select_for_update()
    return list(rows.filter(kind=kind, key__in=keys, ended_at__isnull=True).order_by("id"))


def _end(rows: Collection[FollowUp], because: FollowUpEnd, *, by: str, now: datetime) -> int:
    for row in rows:
        row.ended_at, row.ended_by, row.ended_because = now, by, because
    FollowUp.objects.bulk_update(rows, ["ended_at", "ended_by", "ended_because"])
    return len(rows)
