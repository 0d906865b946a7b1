"""Merge complaints of one person about one matter, and undo it.

One goes on (the survivor), the other is merged: its messages, files, letters, deadlines and what
colleagues wrote go to the survivor. What is written to its tracking code or in answer to its
letters reaches the survivor. Complaints of different people are never merged: they belong to one
hot issue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.internal_reason import noted
from amends.cases.complaints.actions.open_to_role import end_soon
from amends.cases.complaints.actions.recount import point_to_next
from amends.cases.complaints.models import (
    Attachment,
    Clock,
    Complaint,
    ComplaintMerge,
    Contact,
    Event,
    Identity,
    Kind,
    PendingApproval,
    Reply,
)
from amends.cases.complaints.rules.states import table
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.work.casework.actions.assign import UnableToAssignCase, assign_to_person, put_back
from amends.work.casework.actions.merge_cases import move_case_work, move_case_work_back
from amends.work.casework.queries.kinds import case_kind
from amends.work.casework.queries.work import DraftOnCase, drafts_on, note_counts, owner, watchers
from amends.work.remedies.actions.approve import turn_away

MOST = 50
MERGED = "The complaint was merged into another one."
# Of an offer that ended with the merge, nothing is left to answer.
_WITHOUT_OFFER = {"proposed": "investigating", "lapsed": "investigating"}


class UnableToMerge(Refused):
    """They are of different people, one is closed, or something is under way at the merged one."""

    code = "unable_to_merge"


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A deadline that runs; `complaint` is the tracking code it belongs to now."""

    complaint: str
    step: str
    due_at: datetime
    is_paused: bool


@dataclass(frozen=True, slots=True)
class ReporterView:
    """Somebody who wrote, masked, and whether they have shown who they are."""

    complaint: str
    shown: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do.

    first_received_at  when the matter was first raised: the time it is counted from stays
    deadlines          all that run, the earliest first: it is the one shown
    letters_to         the reporter whom letters reach from then on
    offer_ends         whether a proposal to the customer ends with the merge
    should_swap        the other one was received earlier: it would better be the one that goes on
    """

    survivor: str
    merged: str
    first_received_at: datetime
    deadlines: tuple[DeadlineView, ...]
    reporters: tuple[ReporterView, ...]
    letters_to: str
    messages: int
    files: int
    letters: int
    notes: int
    watchers: int
    drafts: tuple[DraftOnCase, ...]
    offer_ends: bool
    same_class: bool
    should_swap: bool


def preview_merge(merged: str, into: str, *, actor: Actor) -> MergePreview:
    """What merging one complaint into another would do; raises UnableToMerge if it may not."""
    loser, survivor = _pair(merged, into, actor)
    both = (survivor, loser)
    code_of = {complaint.id: complaint.code_public for complaint in both}
    clocks = Clock.objects.filter(complaint__in=code_of, binding=True, met_at__isnull=True)
    return MergePreview(
        survivor=survivor.code_public,
        merged=loser.code_public,
        first_received_at=min(complaint.first_received for complaint in both),
        deadlines=tuple(
            DeadlineView(
                complaint=code_of[clock.complaint_id],
                step=clock.step,
                due_at=clock.due_at,
                is_paused=clock.paused_at is not None,
            )
            for clock in clocks.order_by("due_at", "id")
        ),
        reporters=tuple(
            ReporterView(
                complaint.code_public,
                complaint.person_shown,
                complaint.identity == Identity.VERIFIED,
            )
            for complaint in both
        ),
        letters_to=survivor.person_shown,
        messages=Contact.objects.filter(complaint=loser).count(),
        files=Attachment.objects.filter(contact__complaint=loser).count(),
        letters=Reply.objects.filter(complaint=loser, posted_at__isnull=False).count(),
        notes=note_counts("complaint", [loser.id]).get(loser.id, 0),
        watchers=len(watchers("complaint", loser.id)),
        drafts=tuple(drafts_on("complaint", [loser.id, survivor.id])),
        offer_ends=loser.state in _WITHOUT_OFFER,
        same_class=loser.code == survivor.code,
        should_swap=loser.received_at < survivor.received_at,
    )


@dataclass(frozen=True, slots=True)
class MergeCandidate:
    """Another complaint of the same person."""

    ref: str
    code: str
    title: str
    received_at: datetime


def merge_candidates(ref: str, *, actor: Actor) -> list[MergeCandidate]:
    """Other open complaints of the person of a complaint, the earliest first, at most `MOST`."""
    _require_workable([ref], actor)
    person = Complaint.objects.values_list("person", flat=True).get(id=ref)
    rows = Complaint.objects.filter(person=person, is_open=True, history=False)
    rows = rows.exclude(person="").exclude(id=ref).exclude(kind=Kind.ENQUIRY)
    if actor.brand:
        rows = rows.filter(brand=actor.brand)
    return [
        MergeCandidate(
            ref=row.id, code=row.code_public, title=row.first_words, received_at=row.received_at
        )
        for row in rows.order_by("received_at", "id")[:MOST]
    ]


def merges_into(ref: str) -> list[ComplaintMerge]:
    """The merges into a complaint that were not undone, the latest first."""
    rows = ComplaintMerge.objects.filter(survivor=ref, undone_at__isnull=True)
    return list(rows.select_related("merged").order_by("-at", "-id"))


def merged_under(code: str) -> str:
    """The id of the merged complaint that had this tracking code; raises UnableToMerge."""
    rows = Complaint.objects.filter(code_public=code.strip().upper(), merged_into__isnull=False)
    survivor = rows.values_list("id", flat=True).first()
    if survivor is None:
        raise UnableToMerge(
            _("This complaint is not merged."),
            meaning=_("Nothing was changed."),
            next_step=_("Load the complaint again."),
        )
    return survivor


def merge(
    merged: str, into: str, *, reason: str = "", actor: Actor, now: datetime
) -> ComplaintMerge:
    """Merge one complaint into another of the same person; raises UnableToMerge."""
    with transaction.atomic():
        loser, survivor = _pair(merged, into, actor, lock=True)
        before, was_handled_by = loser.state, owner("complaint", loser.id)
        loser.state = table().move(before, "merge")
        if before in _WITHOUT_OFFER:
            turn_away([f"complaint:{loser.id}"], actor=actor, reason=MERGED, now=now)
        merge_row = ComplaintMerge.objects.create(
            survivor=survivor,
            merged=loser,
            at=now,
            by=actor.ref,
            reason=noted(reason),
            state_before=before,
            moved=_move_rows(loser, survivor)
            | move_case_work("complaint", loser.id, survivor.id, actor=actor, now=now),
        )
        was_escalated_to = loser.escalated_to
        loser.state_since, loser.is_open, loser.merged_into = now, False, survivor
        loser.next_step, loser.next_due_at = "", None
        loser.approval_role = loser.escalated_to = ""
        loser.outcome_ask_at = None
        loser.save(update_fields=_LOSER_FIELDS)
        end_soon([loser], now=now)
        if loser.first_received < survivor.first_received:
            survivor.first_received_at = loser.first_received
        survivor.contacts_count += len(merge_row.moved["contacts"])
        survivor.urgent = survivor.urgent or loser.urgent
        survivor.escalated_to = survivor.escalated_to or was_escalated_to
        point_to_next(survivor)
        survivor.save(update_fields=_SURVIVOR_FIELDS)
        _write_events(merge_row, "merged", "merged_in", now=now, actor=actor)
        put_back("complaint", [loser.id], actor=actor, now=now)
        if was_handled_by.person and not owner("complaint", survivor.id).person:
            _hand_over(survivor.id, was_handled_by.person, actor=actor, now=now)
    return merge_row


_LOSER_FIELDS = (
    "state",
    "state_since",
    "is_open",
    "merged_into",
    "next_step",
    "next_due_at",
    "approval_role",
    "escalated_to",
    "outcome_ask_at",
)
_SURVIVOR_FIELDS = (
    "first_received_at",
    "contacts_count",
    "urgent",
    "escalated_to",
    "next_step",
    "next_due_at",
)


def unmerge(merged: str, *, reason: str = "", actor: Actor, now: datetime) -> Complaint:
    """Undo a merge: what came over goes back, what came later stays with the survivor."""
    with transaction.atomic():
        merge_row = (
            ComplaintMerge.objects.select_for_update(of=("self",))
            .select_related("merged", "survivor")
            .filter(merged=merged, undone_at__isnull=True)
            .first()
        )
        if merge_row is None:
            raise UnableToMerge(
                _("This complaint is not merged."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the complaint again."),
            )
        if merge_row.survivor.merged_into_id is not None:
            raise UnableToMerge(
                _("The complaint it was merged into was itself merged into %(code)s."),
                meaning=_("Nothing was changed."),
                next_step=_("Undo that merge first."),
                values={"code": merge_row.survivor.merged_into.code_public},
            )
        loser, survivor = _locked([merge_row.merged_id, merge_row.survivor_id])
        _require_workable([survivor.id], actor)
        _move_rows_back(merge_row, loser, survivor)
        move_case_work_back("complaint", survivor.id, loser.id, merge_row.moved)
        loser.state = _WITHOUT_OFFER.get(merge_row.state_before, merge_row.state_before)
        loser.state_since, loser.is_open, loser.merged_into = now, True, None
        point_to_next(loser)
        loser.save(update_fields=_LOSER_FIELDS)
        other_merges = ComplaintMerge.objects.filter(survivor=survivor, undone_at__isnull=True)
        firsts = [
            other_merge.merged.first_received
            for other_merge in other_merges.exclude(pk=merge_row.pk)
        ]
        earlier = min([survivor.received_at, *firsts])
        survivor.first_received_at = earlier if earlier < survivor.received_at else None
        survivor.contacts_count = Contact.objects.filter(complaint=survivor).count()
        point_to_next(survivor)
        survivor.save(update_fields=_SURVIVOR_FIELDS)
        merge_row.undone_at, merge_row.undone_by = now, actor.ref
        merge_row.save(update_fields=["undone_at", "undone_by"])
        _write_events(
            merge_row, "unmerged", "unmerged_from", now=now, actor=actor, why=noted(reason)
        )
        if person := (merge_row.moved.get("owner") or [""])[0]:
            _hand_over(loser.id, person, actor=actor, now=now)
    return loser


def _pair(
    merged: str, into: str, actor: Actor, *, lock: bool = False
) -> tuple[Complaint, Complaint]:
    """Both complaints, if they may be merged."""
    if merged == into:
        raise UnableToMerge(
            _("A complaint cannot be merged into itself."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose another complaint of the same person."),
        )
    _require_workable([merged, into], actor)
    loser, survivor = _locked([merged, into], lock=lock)
    same_person = loser.person == survivor.person != ""
    if not same_person or loser.brand != survivor.brand:
        raise UnableToMerge(
            _("These complaints are of different people."),
            meaning=_("Nothing was changed: each of them is owed an answer."),
            next_step=_("If they have one cause, add both to the same hot issue."),
        )
    if loser.history or survivor.history or Kind.ENQUIRY in (loser.kind, survivor.kind):
        raise UnableToMerge(
            _("Only complaints are merged: no questions, and none brought in as history."),
            meaning=_("Nothing was changed."),
            next_step=_("Take the question for a complaint first."),
        )
    if not survivor.is_open:
        raise UnableToMerge(
            _("The complaint that should go on is closed."),
            meaning=_("Nothing was changed."),
            next_step=_("Reopen it first, or merge the other way round."),
        )
    if "merge" not in {move.verb for move in table().moves_from(loser.state)}:
        raise UnableToMerge(
            _("A complaint that is “%(state)s” is not merged."),
            meaning=_("Nothing was changed: what was decided of it goes on."),
            next_step=_("Merge the other way round, or let it come to its end."),
            values={"state": table().states[loser.state].en},
        )
    if PendingApproval.objects.filter(complaint=loser).exists():
        raise UnableToMerge(
            _("An approval of it is about to be carried out."),
            meaning=_("Nothing was changed."),
            next_step=_("Undo the approval, or merge once it is carried out."),
        )
    return loser, survivor


def _require_workable(refs: Sequence[str], actor: Actor) -> None:
    if set(refs) - case_kind("complaint").workable(refs, actor):
        raise UnableToMerge(
            _("There is no such complaint, or your role does not handle it."),
            meaning=_("Nothing was changed."),
            next_step=_("Check its number, or ask whoever handles it."),
        )


def _locked(refs: Sequence[str], *, lock: bool = True) -> list[Complaint]:
    """Complaints in the order of `refs`, locked in the order everybody takes them."""
    rows = Complaint.objects.select_for_update() if lock else Complaint.objects.all()
    rows_by_id = {row.id: row for row in rows.filter(id__in=refs).order_by("received_at", "id")}
    return [rows_by_id[ref] for ref in refs]


def _move_rows(loser: Complaint, survivor: Complaint) -> dict[str, list[str]]:
    """Messages with their files, letters that were sent, and deadlines that run."""
    contacts = Contact.objects.filter(complaint=loser)
    letters = Reply.objects.filter(complaint=loser, posted_at__isnull=False)
    clocks = Clock.objects.filter(complaint=loser, met_at__isnull=True)
    moved = {
        "contacts": list(contacts.values_list("id", flat=True)),
        "replies": list(letters.values_list("id", flat=True)),
        "clocks": [str(pk) for pk in clocks.values_list("pk", flat=True)],
    }
    # The tracking code of the merged complaint is known to its complainant: it names the survivor
    # through the first message that came under it.
    first = contacts.filter(tracking_code="").order_by("received_at", "id").first()
    if first is not None:
        first.tracking_code = loser.code_public
        first.save(update_fields=["tracking_code"])
        moved["coded"] = [first.id]
    clocks.filter(merged_from="").update(merged_from=loser.id)
    for rows in (contacts, letters, clocks):
        rows.update(complaint=survivor)
    return moved


def _move_rows_back(complaint_merge: ComplaintMerge, loser: Complaint, survivor: Complaint) -> None:
    moved = complaint_merge.moved
    mine = Contact.objects.filter(complaint=survivor, id__in=moved["contacts"])
    mine.filter(id__in=moved.get("coded", [])).update(tracking_code="")
    mine.update(complaint=loser)
    Reply.objects.filter(complaint=survivor, id__in=moved["replies"]).update(complaint=loser)
    clocks = Clock.objects.filter(complaint=survivor, pk__in=moved["clocks"])
    clocks.filter(merged_from=loser.id).update(merged_from="")
    clocks = Clock.objects.filter(complaint=survivor, pk__in=moved["clocks"])
    clocks.update(complaint=loser)


def _write_events(
    complaint_merge: ComplaintMerge,
    verb: str,
    verb_of_survivor: str,
    *,
    actor: Actor,
    now: datetime,
    why: str = "",
) -> None:
    loser, survivor = complaint_merge.merged, complaint_merge.survivor
    is_merge = verb == "merged"
    before, after = complaint_merge.state_before, "merged"
    if not is_merge:
        before, after = (
            "merged",
            _WITHOUT_OFFER.get(complaint_merge.state_before, complaint_merge.state_before),
        )
    Event.objects.create(
        complaint=loser,
        at=now,
        verb=verb,
        from_state=before,
        to_state=after,
        actor=actor.ref,
        reason=complaint_merge.reason if is_merge else why,
        details={"survivor": survivor.id, "code": survivor.code_public, **actor.client_details},
    )
    Event.objects.create(
        complaint=survivor,
        at=now,
        verb=verb_of_survivor,
        actor=actor.ref,
        reason=complaint_merge.reason if is_merge else why,
        details={"merged": loser.id, "code": loser.code_public, **actor.client_details},
    )


def _hand_over(ref: str, person: str, *, actor: Actor, now: datetime) -> None:
    """The owner of the complaint goes with it, unless they cannot work on it any more."""
    try:
        with transaction.atomic():
            assign_to_person("complaint", [ref], person, actor=actor, now=now)
    except UnableToAssignCase:
        return
