"""Open or extend the case files of users whose looks are alerted."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
from django.db import transaction
from django.utils import timezone

from amends.causes.privacy.models import AccessAlert, MisuseCase
from amends.causes.privacy.queries.looks import looks_as_columns
from amends.causes.privacy.rules.alerts import CASES, LOOKS, Alert, access_alerts
from amends.causes.privacy.rules.usual import SILENT_DAYS
from amends.people.access.queries import actor_with_ref, cases_of_many
from amends.people.access.refusals import UnableToFindPerson
from amends.platform.kit.ids import random_id

READ_DAYS = 91
_AT = pl.Datetime("us")


def watch_looks(*, now: datetime) -> int:
    """Judge the looks of 13 weeks, store the alerts that are new, and return how many."""
    looks, partners = _looks(now)
    cases = _cases(looks["subscriber"].unique().to_list(), now)
    zone = timezone.get_current_timezone()
    return sum(
        store_alert(alert, timezone.make_aware(alert.at, zone), partners.get(alert.user, ""))
        is not None
        for alert in access_alerts(looks, cases)
    )


def _looks(now: datetime) -> tuple[pl.DataFrame, dict[str, str]]:
    """The looks on the local clock, and the partner that each user works for."""
    zone = timezone.get_current_timezone_name()
    look_rows = looks_as_columns(
        now - timedelta(days=READ_DAYS), now, "subscriber", "case", "purpose", "partner"
    )
    local = (
        pl.from_epoch("happened_at_ms", time_unit="ms")
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone(zone)
        .dt.replace_time_zone(None)
        .cast(_AT)
    )
    looks = look_rows.with_columns(at=local, team=pl.col("partner").fill_null(""))
    of = looks.filter(pl.col("team") != "").unique("user", keep="last")
    return looks.select(LOOKS), dict(of.select("user", "team").iter_rows())


def _cases(subscribers: list[str], now: datetime) -> pl.DataFrame:
    """Every case of these people; one that a contact brought was not opened for oneself."""

    def local(moment: datetime) -> datetime:
        return timezone.localtime(moment).replace(tzinfo=None)

    rows = [
        (
            case.ref,
            case.subscriber,
            local(case.opened_at),
            local(case.closed_at) if case.closed_at else None,
            "" if case.contact else case.opened_by,
        )
        for person_cases in cases_of_many(subscribers).values()
        for case in person_cases
    ]
    schema = dict.fromkeys(CASES, pl.String) | {"opened_at": _AT, "closed_at": _AT}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _brand(user: str) -> str:
    try:
        return actor_with_ref(user).brand
    except UnableToFindPerson:
        return ""


@transaction.atomic
def store_alert(alert: Alert, at: datetime, partner: str) -> MisuseCase | None:
    """The case of an alert that is new: of a user and cause without one since the week before it.

    None where it is not.
    """
    near = at - timedelta(days=SILENT_DAYS)
    earlier_alerts = AccessAlert.objects.filter(
        case__user=alert.user, signal=alert.signal, at__gt=near
    )
    if earlier_alerts.exists():
        return None
    case = MisuseCase.objects.filter(user=alert.user, decided_at=None).first()
    if case is None:
        case = MisuseCase.objects.create(
            ref=random_id("mis", length=12),
            user=alert.user,
            partner=partner,
            brand=_brand(alert.user),
            opened_at=at,
        )
    AccessAlert.objects.create(
        case=case,
        signal=alert.signal,
        at=at,
        p=alert.p,
        count=alert.count,
        expected=alert.expected,
        days=alert.days,
    )
    return case
