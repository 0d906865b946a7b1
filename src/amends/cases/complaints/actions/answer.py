"""Answer: draft replies, and send them through the outbox with their fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.letters import Days, common, promised_days
from amends.cases.complaints.models import Complainant, Complaint, Reply
from amends.cases.complaints.models.complaint import Identity
from amends.cases.complaints.rules.replies import Reply as ReplyText
from amends.cases.complaints.rules.replies import UnableToWriteReply as UnableToWriteReply
from amends.cases.complaints.rules.replies import gap_in
from amends.cases.complaints.rules.replies import reply as write_reply
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.actions.send_on_request import send_many_on_request
from amends.channels.queries.capabilities import written_contacts
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.vault.sealing import open_many
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

TABLE = "complaints_complainant"


class UnableToSend(Refused):
    """The reply cannot leave as it is."""

    code = "unable_to_send"


@dataclass(frozen=True, slots=True)
class ReplyDraft:
    """A reply to write: which template, for which complaint, with which figures."""

    complaint: Complaint
    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)


def draft_many(drafts: Iterable[ReplyDraft], *, actor: Actor, now: datetime) -> list[Reply]:
    """Write replies from the templates; a template with an empty field is refused."""
    replies, drafts = [], list(drafts)
    owed = promised_days(draft.complaint for draft in drafts)
    for draft in drafts:
        language = draft.complaint.language
        text = _written(draft, owed.get(draft.complaint.id, {}))
        replies.append(
            Reply(
                complaint=draft.complaint,
                kind=draft.kind,
                language=language,
                subject=text.subject,
                body=text.body,
                drafted_at=now,
                drafted_by=actor.ref,
            )
        )
    create(replies)
    return replies


def preview(draft: ReplyDraft) -> ReplyText:
    """The reply as its template writes it; nothing is stored."""
    complaint = draft.complaint
    return _written(draft, promised_days([complaint]).get(complaint.id, {}))


def _written(draft: ReplyDraft, owed: Days) -> ReplyText:
    fields = common(draft.complaint, owed) | dict(draft.fields)
    return write_reply(draft.kind, draft.complaint.language, fields)


def send_many(replies: Sequence[Reply], *, actor: Actor, now: datetime) -> None:
    """Put replies into the outbox, with a `ReplySent` fact each; a reply leaves only once.

    A complainant without an address is answered on the status page alone, which shows the reply.
    """
    with transaction.atomic():
        fresh = [reply for reply in replies if reply.posted_at is None]
        if any(not reply.body.strip() or not reply.subject.strip() for reply in fresh):
            raise UnableToSend(_("The reply is empty."), next_step=_("Write it, then send it."))
        addresses = given_addresses([reply.complaint_id for reply in fresh])
        outgoing = [
            Outgoing(
                key=f"reply:{reply.id}",
                channel=addresses[reply.complaint_id][0],
                recipient=addresses[reply.complaint_id][1],
                subject=reply.subject,
                body=reply.body,
                language=reply.language,
                reference=reply.complaint_id,
            )
            for reply in fresh
            if reply.complaint_id in addresses
        ]
        typed = {
            f"reply:{reply.id}" for reply in fresh if reply.complaint.identity != Identity.VERIFIED
        }
        sent = send_many_on_request([letter for letter in outgoing if letter.key in typed], now=now)
        sent += post_many([letter for letter in outgoing if letter.key not in typed], now=now)
        rows = {row.key: row for row in sent}
        for reply in fresh:
            row = rows.get(f"reply:{reply.id}")
            reply.posted_at = now
            reply.reviewed_by = actor.ref
            reply.message = row.id if row else ""
        update(fresh, ["posted_at", "reviewed_by", "message"])
        append([_sent(reply, addresses) for reply in fresh], now=now)


def refuse_gaps(*texts: str) -> None:
    """Refuse words of a person in which something is still to be filled in."""
    for gap in filter(None, map(gap_in, texts)):
        raise UnableToSend(
            _("“%(gap)s” in the reply is not filled in."),
            meaning=_("Nothing was sent."),
            next_step=_("Write what belongs there, or take it out, then send it."),
            values={"gap": gap},
        )


def answer_many(drafts: Iterable[ReplyDraft], *, actor: Actor, now: datetime) -> list[Reply]:
    """Draft and send at once: for what needs no reviewer."""
    replies = draft_many(drafts, actor=actor, now=now)
    send_many(replies, actor=actor, now=now)
    return replies


def given_addresses(complaints: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Complaint → (channel, address), opened only to send to it."""
    people = list(Complainant.objects.filter(complaint__in=complaints).order_by("complaint"))
    opened: dict[str, tuple[str, str]] = {}
    for channel, column in written_contacts().items():
        on_channel = [person for person in people if person.answer_on == channel]
        ids = [person.complaint_id for person in on_channel]
        values = open_many(TABLE, column, ids, [bytes(getattr(p, column)) for p in on_channel])
        opened |= {ref: (channel, value) for ref, value in zip(ids, values, strict=True) if value}
    return opened


def _sent(reply: Reply, addresses: dict[str, tuple[str, str]]) -> Fact:
    complaint = reply.complaint
    return Fact(
        kind="ReplySent",
        subscriber=complaint.subscriber,
        subject=complaint.id,
        happened_at=reply.posted_at or reply.drafted_at,
        source="desk",
        payload={
            "complaint": complaint.id,
            "message": reply.message,
            "channel": addresses.get(complaint.id, ("web", ""))[0],
            "reply": reply.kind,
        },
    )
