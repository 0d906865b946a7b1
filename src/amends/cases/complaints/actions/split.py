"""Split a complaint: messages about another matter become a complaint of their own.

The messages are copied, not moved. The new complaint was received when the first one was, and each
deadline that runs there runs here too: nobody gains time by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.attach import NewFile, attach, open_attachment
from amends.cases.complaints.actions.intake import Intake, Submission, prepare, store
from amends.cases.complaints.actions.internal_reason import noted
from amends.cases.complaints.actions.recount import point_to_next
from amends.cases.complaints.models import (
    Clock,
    Complainant,
    Complaint,
    Contact,
    Event,
    Identity,
    Kind,
)
from amends.cases.complaints.queries.attachments import attachments_of
from amends.channels.queries.contacts import opened_column, opened_columns
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.work.casework.queries.kinds import case_kind


class UnableToSplit(Refused):
    """No message was chosen, or the complaint cannot be split."""

    code = "unable_to_split"


def split(
    ref: str, contacts: Sequence[str], *, reason: str = "", actor: Actor, now: datetime
) -> Complaint:
    """Make a complaint of some messages of another one; returns it."""
    with transaction.atomic():
        parent = _splittable(ref, actor)
        rows = list(
            Contact.objects.filter(complaint=parent, id__in=contacts).order_by("received_at", "id")
        )
        if not rows or len(rows) < len(set(contacts)):
            raise UnableToSplit(
                _("Choose the messages that are about the other matter."),
                meaning=_("Nothing was changed."),
                next_step=_("Mark at least one message of this complaint."),
            )
        if len(rows) == Contact.objects.filter(complaint=parent).count():
            raise UnableToSplit(
                _("Every message was chosen: nothing would be left to split from."),
                meaning=_("Nothing was changed."),
                next_step=_("Leave out the messages about the first matter, or correct the class."),
            )
        intakes = _prepared(parent, rows, now)
        store(intakes, now=now)
        # The complaint was received with the first one; the message came when it came.
        Contact.objects.filter(id=intakes[0].contact_id).update(received_at=rows[0].received_at)
        child = Complaint.objects.get(id=intakes[0].complaint_id)
        _copy_terms(parent, child)
        _copy_clocks(parent, child)
        point_to_next(child)
        child.save()
        for row, intake in zip(rows, intakes, strict=True):
            _copy_files(parent, row, intake, actor, now)
        reason_text = noted(reason)
        Event.objects.bulk_create(
            [
                Event(
                    complaint=parent,
                    at=now,
                    verb="split_off",
                    actor=actor.ref,
                    reason=reason_text,
                    details={"child": child.id, "code": child.code_public, "contacts": len(rows)},
                ),
                Event(
                    complaint=child,
                    at=now,
                    verb="split_from",
                    actor=actor.ref,
                    reason=reason_text,
                    details={"parent": parent.id, "code": parent.code_public},
                ),
            ]
        )
    return child


def _splittable(ref: str, actor: Actor) -> Complaint:
    parent = Complaint.objects.select_for_update().filter(id=ref).first()
    if parent is None or not case_kind("complaint").workable([ref], actor):
        raise UnableToSplit(
            _("There is no such complaint, or your role does not handle it."),
            meaning=_("Nothing was changed."),
            next_step=_("Check its number, or ask whoever handles it."),
        )
    if not parent.is_open or parent.history or parent.kind != Kind.COMPLAINT:
        raise UnableToSplit(
            _("Only an open complaint is split."),
            meaning=_("Nothing was changed."),
            next_step=_("Reopen it first, or take down a new complaint."),
        )
    return parent


def _prepared(parent: Complaint, rows: Sequence[Contact], now: datetime) -> list[Intake]:
    """The messages as they would have come, classified anew; all of them are one new complaint."""
    complainant = Complainant.objects.filter(complaint=parent).first()
    submissions = [
        Submission(
            channel=row.channel,
            key=f"split:{parent.id}:{row.id}:{int(now.timestamp())}",
            text=original_text or row.text,
            received_at=row.received_at,
            name=opened_column(complainant, "name") if complainant else "",
            phone=opened_column(complainant, "phone") if complainant else "",
            email=opened_column(complainant, "email") if complainant else "",
            subscriber=parent.subscriber,
            language=row.language,
            province=parent.province,
            brand=parent.brand,
            by=row.by,
        )
        for row, original_text in zip(rows, opened_columns(rows, "original"), strict=True)
    ]
    first = min(parent.first_received, rows[0].received_at)
    submissions[0] = replace(submissions[0], received_at=first)
    intakes = prepare(submissions, jurisdiction=parent.jurisdiction, now=now)
    for intake in intakes:
        intake.kind = Kind.COMPLAINT
    for later in intakes[1:]:
        later.join(intakes[0].complaint_id, "thread", intakes[0])
    return intakes


def _copy_terms(parent: Complaint, child: Complaint) -> None:
    """Who complains is known already, so nothing of that is asked again."""
    for name in (
        "person",
        "person_shown",
        "subscriber",
        "on_behalf",
        "identity",
        "identity_by",
        "area",
        "urgent",
    ):
        setattr(child, name, getattr(parent, name))
    if child.identity == Identity.ASKED:
        # The code that was sent belongs to the first complaint.
        child.identity = Identity.UNVERIFIED
    answer_on = Complainant.objects.filter(complaint=parent).values_list("answer_on", flat=True)
    Complainant.objects.filter(complaint=child).update(answer_on=answer_on.first() or "")


def _copy_clocks(parent: Complaint, child: Complaint) -> None:
    """Each deadline that runs there runs here until the same moment, or earlier by the rule."""
    own = {clock.step: clock for clock in Clock.objects.filter(complaint=child)}
    for clock in Clock.objects.filter(complaint=parent, binding=True, met_at__isnull=True):
        mine = own.get(clock.step)
        if mine is not None:
            mine.due_at = min(mine.due_at, clock.due_at)
            mine.save(update_fields=["due_at"])
            continue
        clock.pk, clock.complaint, clock.merged_from = None, child, ""
        clock.warned_at = clock.breached_at = clock.escalated_at = None
        clock.save(force_insert=True)


def _copy_files(
    parent: Complaint, row: Contact, intake: Intake, actor: Actor, now: datetime
) -> None:
    ids = [
        attachment.id for attachment in attachments_of(parent.id) if attachment.contact == row.id
    ]
    files = [
        open_attachment(parent.id, attachment_id, actor=actor, now=now) for attachment_id in ids
    ]
    if files:
        attach(intake.contact_id, [NewFile(file.name, file.content) for file in files], now=now)
