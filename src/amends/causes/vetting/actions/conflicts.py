"""Conflicts about a package: opened by a check, both sides heard, decided, appealed.

Two partners send in apps of one package that are signed by different keys. No app is refused
for it: a person decides whose the package is, after both sides could state their view.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from amends.causes.vetting.actions.authority import check, check_operator
from amends.causes.vetting.choices import AppVerdict, CheckOutcome, CheckState
from amends.causes.vetting.models import (
    AppCheck,
    ConflictDecision,
    ConflictSide,
    ConflictState,
    PackageConflict,
    PartnerNoticeAddress,
)
from amends.causes.vetting.queries.conflicts import (
    conflicts_of_package,
    has_lost,
    other_owners,
    visible_conflicts,
)
from amends.causes.vetting.rules.partner_consequences import partner_rules
from amends.channels.actions.post import post
from amends.people.operator.queries import operator
from amends.platform.environment.settings_values import own_pack
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.ids import random_id
from amends.platform.kit.packs import day_in
from amends.platform.vault.redaction import redact_person
from amends.platform.vault.sealing import open_sealed

_MOST_CHARACTERS = 4_000
_LONGEST_REASON = 400


def open_conflicts(row: AppCheck, *, lineage: Collection[str], now: datetime) -> None:
    """Open a conflict with each partner whose app of the same package has another certificate.

    lineage  certificates that a proof of rotation leads from
    """
    signed_by = {*row.certificates, *lineage}
    if not row.certificates:
        return
    rules = partner_rules(day_in(own_pack(), now))
    between = conflicts_of_package(row.package, row.partner)
    heard_parties = {
        party
        for package_conflict in between
        for party in (package_conflict.earlier, package_conflict.later)
    }
    for partner, (first_check, fingerprints) in other_owners(row.package, row.partner).items():
        if partner in heard_parties or fingerprints & signed_by:
            continue
        conflict = PackageConflict.objects.create(
            ref=random_id("pkg", length=12),
            package=row.package,
            state=ConflictState.HEARING,
            earlier=partner,
            earlier_check=first_check,
            later=row.partner,
            later_check=row,
            opened_at=now,
            statement_until=now + timedelta(days=rules.hearing_days),
        )
        _notify(conflict, now=now)


def state_on_conflict(
    ref: str, *, text: str, side: str = "", actor: Actor, now: datetime
) -> PackageConflict:
    """Record what a side states, until the decision.

    side  for which side the operator's people record it; a partner's people speak for their own
    """
    with transaction.atomic():
        row = _locked(ref, actor, ConflictState.HEARING)
        spoken_for = _side(row, side, actor)
        setattr(row, f"{spoken_for}_statement", _text(text))
        row.save(update_fields=[f"{spoken_for}_statement"])
    return row


def decide_conflict(
    ref: str, *, decision: str, reason: str, actor: Actor, now: datetime
) -> PackageConflict:
    """Decide whose the package is, once both sides stated their view or the time for it is over."""
    with transaction.atomic():
        row = _decidable(ref, decision, actor, ConflictState.HEARING)
        is_heard = row.earlier_statement and row.later_statement
        if not is_heard and now < row.statement_until:
            raise BadInput(
                _("Both sides may state their view until %(until)s."),
                meaning=_("Nothing was changed."),
                next_step=_("Record their statements, or decide after that day."),
                values={"until": f"{timezone.localdate(row.statement_until):%Y-%m-%d}"},
                code="conflict_not_changed",
            )
        rules = partner_rules(day_in(own_pack(), now))
        row.state, row.decision = ConflictState.DECIDED, decision
        row.reason = _text(reason)[:_LONGEST_REASON]
        row.decided_by, row.decided_at = actor.ref, now
        row.appeal_until = now + timedelta(days=rules.appeal_days)
        row.save()
        _apply(row, actor, now)
        _notify(row, now=now)
    return row


def appeal_conflict(
    ref: str, *, text: str, side: str = "", actor: Actor, now: datetime
) -> PackageConflict:
    """Record the appeal of the side that lost; the decision applies meanwhile."""
    with transaction.atomic():
        row = _locked(ref, actor, ConflictState.DECIDED)
        appellant = _side(row, side, actor)
        is_late = row.appeal_until is None or now > row.appeal_until or row.appealed_at
        if is_late or row.decision in (ConflictDecision.BOTH, appellant):
            raise BadInput(
                _("There is nothing to appeal, or the time for it is over."),
                meaning=_("Nothing was changed."),
                next_step=_("Ask the partner manager."),
                code="conflict_not_changed",
            )
        row.appeal_by, row.appeal, row.appealed_at = appellant, _text(text), now
        row.state = ConflictState.APPEALED
        row.save()
    return row


def answer_conflict_appeal(
    ref: str, *, decision: str, reason: str, actor: Actor, now: datetime
) -> PackageConflict:
    """Decide again on an appeal; by a person other than the one who decided."""
    with transaction.atomic():
        row = _decidable(ref, decision, actor, ConflictState.APPEALED)
        if actor.ref == row.decided_by:
            raise Refused(
                _("You decided on this conflict."),
                meaning=_("Nothing was changed."),
                next_step=_("Ask a colleague who decides on apps."),
                code="second_person_needed",
            )
        row.state, row.decision = ConflictState.DECIDED, decision
        row.answer = _text(reason)[:_LONGEST_REASON]
        row.answered_by, row.answered_at = actor.ref, now
        row.save()
        _apply(row, actor, now)
        _notify(row, now=now)
    return row


def _apply(row: PackageConflict, actor: Actor, now: datetime) -> None:
    """Reject the apps of the side that lost, and close the checks that waited for the decision."""
    for partner in (row.earlier, row.later):
        rows = AppCheck.objects.filter(partner=partner, package=row.package)
        rows = rows.exclude(state=CheckState.WAITING).exclude(outcome=CheckOutcome.REPLACED)
        if has_lost(row, partner):
            rows.exclude(outcome=CheckOutcome.REJECTED).update(
                is_open=False,
                outcome=CheckOutcome.REJECTED,
                reason=row.answer or row.reason,
                closed_by=actor.ref,
                closed_at=now,
            )
            continue
        # A check without findings was open, or rejected, for this conflict alone.
        rows.filter(
            Q(is_open=True) | Q(outcome=CheckOutcome.REJECTED), verdict=AppVerdict.PASS
        ).update(is_open=False, outcome=CheckOutcome.PASSED, reason="", closed_at=now)


def _locked(ref: str, actor: Actor, state: ConflictState) -> PackageConflict:
    check(actor, "apps.read")
    is_visible = visible_conflicts(actor).filter(ref=ref).exists()
    rows = PackageConflict.objects.select_for_update().filter(ref=ref)
    row = rows.first() if is_visible else None
    if row is None or row.state != state:
        raise BadInput(
            _("This conflict is not in that state."),
            meaning=_("Nothing was changed."),
            next_step=_("Load the page again: a colleague may have changed it."),
            code="conflict_not_changed",
        )
    return row


def _decidable(ref: str, decision: str, actor: Actor, state: ConflictState) -> PackageConflict:
    check_operator(actor, "apps.decide")
    if decision not in ConflictDecision.values:
        raise BadInput(
            _("There is no such decision."),
            next_step=_("Choose one of the list."),
            code="conflict_not_changed",
        )
    row = _locked(ref, actor, state)
    if actor.ref in (row.earlier_check.received_by, row.later_check.received_by):
        raise Refused(
            _("You sent in one of these apps."),
            meaning=_("Nothing was changed."),
            next_step=_("Ask a colleague who decides on apps."),
            code="second_person_needed",
        )
    return row


def _side(row: PackageConflict, side: str, actor: Actor) -> str:
    """The side that the actor speaks for."""
    if actor.partner:
        side = row.side_of(actor.partner) or ""
    else:
        check_operator(actor, "apps.decide")
    if side not in ConflictSide.values:
        raise BadInput(_("Choose the side that states this."), code="conflict_not_changed")
    return str(side)


def _text(text: str) -> str:
    """The text, with what identifies a person masked."""
    stripped = text.strip()
    if not stripped or len(stripped) > _MOST_CHARACTERS:
        raise BadInput(
            _("Write why, in up to 4,000 characters."),
            next_step=_("Shorten the text."),
            code="conflict_not_changed",
        )
    return redact_person(stripped)


def _notify(row: PackageConflict, *, now: datetime) -> None:
    """Post both partners a notice in the same transaction, where an address is on record."""
    event = "answered" if row.answered_at else row.state
    for partner in {row.earlier, row.later} - {""}:
        box = PartnerNoticeAddress.objects.filter(partner=partner).first()
        if box is None:
            continue
        with translation.override("zh-hans" if box.language == "zh" else "en"):
            subject, body = _letter(row)
            values = {
                "package": row.package,
                "until": date_format(timezone.localtime(row.statement_until), "DATE_FORMAT"),
                "decision": _decision_for(row, partner),
                "reason": row.answer or row.reason,
                "operator": operator().name_in(box.language),
                "ref": row.ref,
            }
            post(
                key=f"conflict:{row.ref}:{event}:{partner}",
                channel="mail",
                recipient=open_sealed(
                    PartnerNoticeAddress._meta.db_table, "address", partner, bytes(box.address)
                ),
                subject=subject % values,
                body=body % values,
                language=box.language,
                reference=row.ref,
                now=now,
            )


def _letter(row: PackageConflict) -> tuple[str, str]:
    if row.state == ConflictState.HEARING:
        return gettext("Another partner claims the package %(package)s (%(ref)s)"), gettext(
            "Another partner sent in an app of the package %(package)s, signed by another key.\n"
            "State until %(until)s whose app it is and how you can prove it, on the page of the "
            "conflict or in answer to this message. A person decides after both sides were heard.\n"
            "%(operator)s, reference %(ref)s"
        )
    return gettext("Decision about the package %(package)s (%(ref)s)"), gettext(
        "%(decision)s\nReason: %(reason)s\nYou may appeal within the term stated on the page of "
        "the conflict.\n%(operator)s, reference %(ref)s"
    )


def _decision_for(row: PackageConflict, partner: str) -> str:
    if row.decision == ConflictDecision.BOTH:
        return gettext("Both of you may send in apps of this package.")
    if has_lost(row, partner):
        return gettext("The package belongs to the other side; your apps of it are rejected.")
    return gettext("The package is yours.")
