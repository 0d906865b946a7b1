"""Reporters learn once what became of their reports, by message, unless they do not want it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext, override

from amends.causes.protection.choices import ReportState
from amends.causes.protection.models import NuisanceReport, ProtectionSettings
from amends.causes.protection.queries.settings import send_after
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import Reachable, reach_many
from amends.people.subscribers.queries import subscribers
from amends.platform.kit.actors import system
from amends.platform.kit.formats import is_chinese

JOB = system("protection")
AT_A_TIME = 500
_ANSWERED_WITHIN = timedelta(days=7)
_ONE_A = timedelta(days=1)


def notify_reporters(*, now: datetime) -> int:
    """Send each reporter one message about the reports that were answered; how many were sent.

    At most one a day, outside quiet hours. Reports answered longer ago are left to the page.
    """
    due_reports = NuisanceReport.objects.filter(
        state__in=(ReportState.CONFIRMED, ReportState.NOT_CONFIRMED),
        outcome_sent_at__isnull=True,
        answered_at__gt=now - _ANSWERED_WITHIN,
    ).exclude(subscriber="")
    by_person: dict[str, list[NuisanceReport]] = defaultdict(list)
    for row in due_reports.order_by("reported_at", "ref")[:AT_A_TIME]:
        by_person[row.subscriber].append(row)
    later = _not_now(by_person, now)
    wanted = {pseudonym: rows for pseudonym, rows in by_person.items() if pseudonym not in later}
    if not wanted:
        return 0
    with transaction.atomic():
        contacts = reach_many(
            JOB,
            {pseudonym: rows[0].ref for pseudonym, rows in wanted.items()},
            reason=_("informed of what became of a report of spam or fraud"),
            now=now,
        )
        subscribers_by_ref = subscribers(wanted)
        letters = [
            letter
            for pseudonym, rows in wanted.items()
            if pseudonym in contacts
            and (
                letter := _letter(rows, contacts[pseudonym], subscribers_by_ref[pseudonym].language)
            )
            is not None
        ]
        post_many(letters, now=now)
        refs = [row.ref for rows in wanted.values() for row in rows]
        NuisanceReport.objects.filter(ref__in=refs).update(outcome_sent_at=now)
    return len(letters)


def _not_now(people: dict[str, list[NuisanceReport]], now: datetime) -> set[str]:
    """Reporters who want no such message, got one today, or are in their quiet hours."""
    refused = ProtectionSettings.objects.filter(
        subscriber__in=list(people), outcome_messages=False
    ).values_list("subscriber", flat=True)
    recent = NuisanceReport.objects.filter(
        subscriber__in=list(people), outcome_sent_at__gt=now - _ONE_A
    ).values_list("subscriber", flat=True)
    return {*refused, *recent, *send_after("report_outcome", list(people), now)}


def _letter(rows: list[NuisanceReport], to: Reachable, language: str) -> Outgoing | None:
    by_mail = bool(to.email) and (rows[-1].channel == "mail" or not to.phone)
    recipient = to.email if by_mail else to.phone
    if not recipient:
        return None
    chinese = is_chinese(language or "zh")
    acted = sum(row.state == ReportState.CONFIRMED for row in rows)
    with override("zh-hans" if chinese else "en"):
        parts = []
        if acted:
            parts.append(
                ngettext(
                    "We acted on %(count)s number that you reported: others are now warned of it, "
                    "or it is blocked.",
                    "We acted on %(count)s reports of yours: others are now warned of the numbers, "
                    "or they are blocked.",
                    acted,
                )
                % {"count": acted}
            )
        if left := len(rows) - acted:
            parts.append(
                ngettext(
                    "%(count)s report of yours was not confirmed by others.",
                    "%(count)s reports of yours were not confirmed by others.",
                    left,
                )
                % {"count": left}
            )
    return Outgoing(
        key=f"report-outcome:{rows[0].ref}",
        channel=reached_by("email" if by_mail else "phone"),
        recipient=recipient,
        body=("" if chinese else " ").join(parts),
        language="zh" if chinese else "en",
        subject="Amends" if by_mail else "",
        reference=rows[0].ref,
        subscriber=rows[0].subscriber,
    )
