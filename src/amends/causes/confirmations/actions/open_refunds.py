"""One action on an audit: open the refund of every wrong charge, and tell each user."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from amends.causes.confirmations.actions.authority import demand_audit
from amends.causes.confirmations.models import Audit, AuditCharge, AuditFinding
from amends.causes.confirmations.queries import audit_of
from amends.causes.confirmations.queries.order_details import language_of
from amends.causes.confirmations.rules.causes import refund_cause
from amends.causes.confirmations.rules.texts import message
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import ContactOnRecord, UnableToReach, reach
from amends.people.operator.queries import public_address
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import format_money, is_chinese
from amends.record.catalogue.queries import offer_name
from amends.record.ledger.queries import facts_on
from amends.work.remedies.actions.propose import Proposal, UnableToPropose, propose
from amends.work.remedies.queries import given_back

State = AuditFinding.State
AT_ONCE = 100
_REASON_ZH = "没有用户的确认记录，却收取了费用。"
_REASON_EN = "Charged without a confirmation by the user on record."


@dataclass(frozen=True, slots=True)
class Opened:
    """What was done in all: services refunded, users notified, nothing left to refund."""

    refunded: int
    notified: int
    nothing: int


def open_refunds(audit_id: str, *, actor: Actor, now: datetime) -> Opened:
    """Propose the refunds and tell the users, a hundred services a transaction.

    Killed in between, it goes on where it stopped; done twice, it is done once: the key of a
    proposal is the service and the charge, whatever audit found it.
    """
    demand_audit(actor)
    if audit_of(audit_id, brand=actor.brand) is None:
        raise BadInput(
            _("There is no audit of this reference."),
            meaning=_("Nothing was given back."),
            next_step=_("Look it up in the list of audits."),
            code="audit_unknown",
        )
    refunded = notified = nothing = 0
    while True:
        with transaction.atomic():
            rows = list(
                AuditFinding.objects.select_for_update()
                .filter(audit=audit_id, state=State.FOUND)
                .order_by("id")[:AT_ONCE]
            )
            if not rows:
                break
            _open(rows, actor, now)
            states = [row.state for row in rows]
        notified += states.count(State.OPENED)
        nothing += states.count(State.NOTHING)
        refunded += len(states) - states.count(State.NOTHING)
    Audit.objects.filter(id=audit_id, opened_at__isnull=True).update(
        opened_at=now, opened_by=actor.ref[:64]
    )
    return Opened(refunded, notified, nothing)


def preview(audit_id: str) -> list[Proposal]:
    """The refunds that `open_refunds` would propose now; nothing is written."""
    reduced_proposals: list[Proposal] = []
    rows = AuditFinding.objects.filter(audit=audit_id, state=State.FOUND).order_by("id")
    for batch in _batched(rows.iterator(chunk_size=2_000)):
        proposals = [
            proposal for row_proposals in _proposals(batch).values() for proposal in row_proposals
        ]
        refunded = given_back([proposal.charge for proposal in proposals])
        for proposal in proposals:
            left = min(
                proposal.amount_minor, proposal.charge_minor - refunded.get(proposal.charge, 0)
            )
            if left > 0:
                reduced_proposals.append(replace(proposal, amount_minor=left))
    return reduced_proposals


def _batched(rows: Iterable[AuditFinding]) -> Iterator[list[AuditFinding]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, AT_ONCE)):
        yield batch


def _open(rows: Sequence[AuditFinding], actor: Actor, now: datetime) -> None:
    proposals_by_finding = _proposals(rows)
    granted_minor = _propose(proposals_by_finding, actor, now)
    contacts: dict[str, ContactOnRecord | None] = {}
    letters = []
    for row in rows:
        if row.id not in granted_minor:
            row.state = State.NOTHING
        elif (contact := _contact(row, contacts, now)) is None:
            row.state = State.UNTOLD
        else:
            row.state = State.OPENED
            letters.append(_letter(row, granted_minor[row.id], contact, now))
    post_many(letters, now=now)
    for row in rows:
        row.save(update_fields=["state"])


def _proposals(rows: Sequence[AuditFinding]) -> dict[str, list[Proposal]]:
    """Finding → its proposals, each charge less what billing has given back."""
    booked: dict[str, int] = defaultdict(int)
    for fact in facts_on([row.service for row in rows], kinds=["RefundMade"]):
        booked[str(fact.payload["charge"])] += int(fact.payload["amount_minor"])
    by_id = {row.id: row for row in rows}
    proposals_by_finding: dict[str, list[Proposal]] = {}
    for wrong in AuditCharge.objects.filter(finding__in=list(by_id)).order_by("id"):
        row = by_id[wrong.finding_id]
        back = booked[wrong.charge]
        if (owed := min(wrong.owed_minor, wrong.charge_minor - back)) <= 0:
            continue
        proposals_by_finding.setdefault(row.id, []).append(
            Proposal(
                cause=refund_cause(row.service),
                kind="refund",
                subscriber=row.subscriber,
                service=row.service,
                charge=wrong.charge,
                charge_minor=wrong.charge_minor,
                refunded_elsewhere_minor=back,
                amount_minor=owed,
                currency=row.currency,
                reason_zh=_REASON_ZH,
                reason_en=_REASON_EN,
                rule=f"audit:{row.audit_id}",
            )
        )
    return proposals_by_finding


def _propose(
    proposals_by_finding: dict[str, list[Proposal]], actor: Actor, now: datetime
) -> dict[str, int]:
    """Finding → minor units proposed; one whose charges are given back already is absent."""
    granted_minor = {}
    for finding, proposals in proposals_by_finding.items():
        try:
            with transaction.atomic():
                remedies = propose(proposals, by=actor.ref, now=now)
        except UnableToPropose:
            continue
        granted_minor[finding] = sum(remedy.amount_minor for remedy in remedies)
    return granted_minor


def _contact(
    row: AuditFinding, contacts: dict[str, ContactOnRecord | None], now: datetime
) -> ContactOnRecord | None:
    if row.subscriber not in contacts:
        try:
            with transaction.atomic():
                contacts[row.subscriber] = reach(
                    system("confirmations"),
                    subscriber=row.subscriber,
                    reference=f"audit {row.audit_id}"[:40],
                    reason=gettext_noop("refund found by an audit"),
                    now=now,
                )
        except UnableToReach:
            contacts[row.subscriber] = None
    return contacts[row.subscriber]


def _letter(row: AuditFinding, minor: int, contact: ContactOnRecord, now: datetime) -> Outgoing:
    language = language_of(row.subscriber)
    fields = {
        "service": offer_name(row.offer, now, chinese=is_chinese(language)),
        "count": str(row.charges),
        "amount": format_money(minor, row.currency),
        "mine": f"{public_address()}/mine/",
    }
    return Outgoing(
        key=f"unconfirmed:{row.audit_id}:{row.id}",
        channel=reached_by(contact.kind),
        recipient=contact.recipient,
        subject="Amends",
        body=message("found", language, fields),
        language="zh" if is_chinese(language) else "en",
        reference=f"audit:{row.audit_id}",
    )
