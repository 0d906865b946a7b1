"""Notify colleagues: an entry in their list, and a mail where the operator wants one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from amends.channels.actions.post import Outgoing, post_many
from amends.people.access.queries.colleagues import Colleague, colleagues_by_ref, people
from amends.people.operator.queries import public_address
from amends.platform.kit.formats import is_chinese
from amends.work.casework.choices import NotificationKind
from amends.work.casework.models import Assignment, CaseNotification, Watcher
from amends.work.casework.queries.kinds import CaseSummary, summary

MAILED = (NotificationKind.MENTION, NotificationKind.ASSIGNED, NotificationKind.ESCALATED)


def notify(
    recipients: Iterable[str],
    kind: str,
    key: str,
    what: NotificationKind,
    *,
    by: str,
    now: datetime,
) -> None:
    """Put an entry into the list of each person but the one who acts, in the caller's transaction.

    What somebody has not seen yet is counted up instead of listed twice.
    """
    fresh = []
    for person in dict.fromkeys(recipients):
        if person in ("", by):
            continue
        unseen = CaseNotification.objects.filter(
            person=person, kind=kind, key=key, what=what, seen_at__isnull=True
        )
        if not unseen.update(times=F("times") + 1, at=now, by=by):
            row = CaseNotification(kind=kind, key=key, person=person, what=what, at=now, by=by)
            fresh.append(row)
    CaseNotification.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh and settings.NOTIFY_STAFF_BY_MAIL and what in MAILED:
        _mail(fresh, now=now)


def notify_watchers(
    kind: str, key: str, what: NotificationKind, *, by: str, now: datetime, also: str = ""
) -> None:
    """Notify everybody who watches a case, and one more person."""
    watching = Watcher.objects.filter(kind=kind, key=key).values_list("person", flat=True)
    notify([*watching, also], kind, key, what, by=by, now=now)


def notify_interested(
    kind: str, cases: Mapping[str, str], what: NotificationKind, *, now: datetime
) -> None:
    """Notify the owner and the watchers of each of many cases.

    cases  key of a case → reference of who acts, "" for a customer; most cases have nobody yet
    """
    if not cases:
        return
    rows = [
        *Assignment.objects.filter(kind=kind, key__in=cases)
        .exclude(person="")
        .values_list("key", "person"),
        *Watcher.objects.filter(kind=kind, key__in=cases).values_list("key", "person"),
    ]
    for key, person in rows:
        notify([person], kind, key, what, by=cases[key], now=now)


def mark_seen(person: str, *, ids: Iterable[str] | None = None, now: datetime) -> int:
    """Mark notifications of a person as seen, all of them or some; how many."""
    rows = CaseNotification.objects.filter(person=person, seen_at__isnull=True)
    if ids is not None:
        rows = rows.filter(id__in=list(ids))
    return rows.update(seen_at=now)


def case_opened(person: str, kind: str, key: str, *, now: datetime) -> None:
    """Somebody opened the page of a case: what they were notified of it is seen."""
    CaseNotification.objects.filter(person=person, kind=kind, key=key, seen_at__isnull=True).update(
        seen_at=now
    )


def _mail(rows: list[CaseNotification], *, now: datetime) -> None:
    """One mail each; it says who and which case, and nothing of what was written."""
    case = summary(rows[0].kind, rows[0].key)
    if case is None:
        return
    by = people([rows[0].by]).get(rows[0].by, "Amends")
    people_by_ref = colleagues_by_ref(row.person for row in rows)
    post_many(
        [
            _letter(row, people_by_ref[row.person], case, by)
            for row in rows
            if row.person in people_by_ref
        ],
        now=now,
    )


def _letter(row: CaseNotification, person: Colleague, case: CaseSummary, by: str) -> Outgoing:
    chinese = is_chinese(person.language or settings.LANGUAGE_CODE)
    with translation.override("zh-hans" if chinese else "en"):
        fields = {
            "who": by,
            "what": NotificationKind(row.what).label,
            "case": case.label,
            "address": f"{public_address()}{case.path}",
        }
        subject = _("%(case)s: %(who)s %(what)s") % fields
        body = _("%(who)s %(what)s: %(case)s\n\n%(address)s") % fields
    return Outgoing(
        key=f"case-notification:{row.id}",
        channel="mail",
        recipient=person.email,
        subject=subject,
        body=body,
        language="zh" if chinese else "en",
        reference=case.key,
    )
