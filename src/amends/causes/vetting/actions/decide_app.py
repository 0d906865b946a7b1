"""Decide on an app whose check found something; agree to hosts."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.causes.vetting.actions.authority import check_operator, check_whole_operator
from amends.causes.vetting.choices import CheckOutcome, CheckState
from amends.causes.vetting.models import AgreedHost, AppCertificate, AppCheck
from amends.causes.vetting.queries.checks import checks
from amends.causes.vetting.queries.conflicts import open_conflict_of
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.vault.recognisers import mask_text

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}\Z")
_LONGEST_REASON = 400


def decide_app(ref: str, *, accept: bool, reason: str, actor: Actor, now: datetime) -> AppCheck:
    """Accept an app in spite of its findings, or reject it, with a reason.

    The sender of an app cannot accept it. With an app its certificate is accepted for later
    versions.
    """
    check_operator(actor, "apps.decide")
    reason = mask_text(reason.strip()).text[:_LONGEST_REASON]
    if not reason:
        raise BadInput(
            _("A reason is missing."), next_step=_("Write why."), code="unable_to_agree_host"
        )
    with transaction.atomic():
        row = checks(actor.brand).select_for_update().filter(ref=ref, is_open=True).first()
        if row is None or row.state == CheckState.WAITING:
            raise Refused(
                _("This check is not open."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the page again: a newer check may have replaced it."),
                code="unable_to_decide_app",
            )
        if accept and actor.ref == row.received_by:
            raise Refused(
                _("You sent in this app."),
                meaning=_("Nothing was changed."),
                next_step=_("Ask a colleague who decides on apps."),
                code="unable_to_decide_app",
            )
        if open_conflict_of(row) is not None:
            raise Refused(
                _("Another partner claims the package of this app."),
                meaning=_("Nothing was changed."),
                next_step=_("Decide first whose the package is."),
                code="unable_to_decide_app",
            )
        if accept and row.state != CheckState.CHECKED:
            raise Refused(
                _("This app could not be read, so it cannot be accepted."),
                meaning=_("Nothing was changed."),
                next_step=_("Have it sent in again."),
                code="unable_to_decide_app",
            )
        row.is_open = False
        row.outcome = CheckOutcome.ACCEPTED if accept else CheckOutcome.REJECTED
        row.reason, row.closed_by, row.closed_at = reason, actor.ref, now
        row.save(update_fields=["is_open", "outcome", "reason", "closed_by", "closed_at"])
        if accept:
            for fingerprint in row.certificates:
                AppCertificate.objects.get_or_create(
                    partner=row.partner,
                    package=row.package,
                    sha256=fingerprint,
                    defaults={"check_of": row, "accepted_at": now, "accepted_by": actor.ref},
                )
    return row


def agree_host(host: str, *, reason: str, actor: Actor, now: datetime) -> AgreedHost:
    """Let apps call a host and those below it."""
    check_whole_operator(actor, "apps.decide")
    host = host.strip().strip(".").lower()
    reason = mask_text(reason.strip()).text[:_LONGEST_REASON]
    if not _HOST.match(host) or not reason:
        raise BadInput(
            _("“%(host)s” is not a host, or the reason is missing."),
            next_step=_("Write a host such as api.example.com, and why apps may call it."),
            values={"host": host[:100]},
            code="unable_to_agree_host",
        )
    row, _created = AgreedHost.objects.update_or_create(
        host=host, defaults={"reason": reason, "agreed_by": actor.ref, "agreed_at": now}
    )
    return row


def withdraw_host(host: str, *, actor: Actor) -> None:
    """Stop allowing a host."""
    check_whole_operator(actor, "apps.decide")
    AgreedHost.objects.filter(host=host).delete()
