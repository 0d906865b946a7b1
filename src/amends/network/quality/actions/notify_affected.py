"""Notify the affected users of an incident: once when it begins, and everybody when it ends.

Only by a plan that two people approved beforehand; never more users than its cap.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.network.quality.actions.incident_records import record_event
from amends.network.quality.actions.plan_notices import message, plan_of
from amends.network.quality.incident_choices import IncidentState
from amends.network.quality.models import IncidentPerson, NetworkIncident, NoticePlan
from amends.network.quality.queries.affected import silent_people
from amends.network.quality.rules.incidents import at_least
from amends.people.access.actions.reach import reach_many
from amends.people.access.actions.record_count import note_count
from amends.people.subscribers.queries import subscribers
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import system
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.formats import format_moment, is_chinese, join_words
from amends.platform.kit.packs import zone_of
from amends.record.catalogue.queries import areas

AT_ONCE = 200
JOB = system("quality")
FIRST_HOUR, LAST_HOUR = 8, 22
"""Nobody is written to about the network in the night; what is owed then waits until morning."""
LEAST_SHARE = 0.5
"""Where fewer of an area's cells are hit, nobody knows which users are: none is written to."""
ENDED_WITHIN = timedelta(days=3)
NOBODY = "nobody"


def notify_affected(*, now: datetime) -> tuple[int, int]:
    """One pass; users notified that an incident began, and that one ended."""
    hour = now.astimezone(ZoneInfo(zone_of(settings.JURISDICTION))).hour
    if not FIRST_HOUR <= hour < LAST_HOUR:
        return 0, 0
    begun = ended = 0
    lasting = NetworkIncident.objects.filter(state=IncidentState.OPEN)
    for row in lasting.order_by("started_at", "number"):
        begun += notify_begin(row, now=now)
    over = NetworkIncident.objects.filter(
        state=IncidentState.ENDED, ended_at__gte=now - ENDED_WITHIN
    )
    for row in over.order_by("ended_at", "number"):
        ended += notify_end(row, now=now)
    return begun, ended


def notify_begin(row: NetworkIncident, *, now: datetime) -> int:
    """Notify the affected users who have not complained, of each brand by its plan."""
    informed_count = 0
    if not NoticePlan.objects.filter(stopped_at__isnull=True).exclude(second_by="").exists():
        return 0
    for brand, silent in sorted(silent_people(row).items()):
        plan = plan_of(brand)
        if plan is None or not _calls_for(plan, row, now):
            continue
        known_people = set(row.people.filter(brand=brand).values_list("subscriber", flat=True))
        people = [pseudonym for pseudonym in silent if pseudonym not in known_people]
        left = plan.cap - row.people.filter(brand=brand, told_at__isnull=False).count()
        if not people:
            continue
        with transaction.atomic():
            note_count(JOB, about=row.ref, fields=("services",), now=now)
        reached_count = 0
        for part in slices(people[: max(left, 0)], AT_ONCE):
            with transaction.atomic():
                fresh = [
                    IncidentPerson(incident=row, subscriber=pseudonym, brand=brand)
                    for pseudonym in part
                ]
                create(fresh, or_leave=True)
                rows = row.people.select_for_update().filter(subscriber__in=part, told_on="")
                reached_count += _post(row, list(rows.order_by("id")), plan, now=now)
        informed_count += reached_count
        if reached_count:
            texts = {name: _words(row, plan, name, ended=False) for name in ("zh", "en")}
            record_event(
                row, "notified", by=JOB.ref, at=now, people=reached_count, brand=brand, words=texts
            )
        if len(people) > left and not row.events.filter(verb="cap_reached").exists():
            over = len(people) - max(left, 0)
            record_event(row, "cap_reached", by=JOB.ref, at=now, people=over, brand=brand)
    return informed_count


def notify_end(row: NetworkIncident, *, now: datetime) -> int:
    """Tell everybody who was notified, and everybody who complained, that it is over."""
    informed_count = 0
    brands = {*row.complaints.values_list("brand", flat=True)}
    for brand in sorted(brands | {*row.people.values_list("brand", flat=True)}):
        plan = plan_of(brand)
        if plan is None:
            continue
        spoke = row.complaints.filter(brand=brand).exclude(subscriber="")
        known_people = set(row.people.filter(brand=brand).values_list("subscriber", flat=True))
        fresh = sorted(set(spoke.values_list("subscriber", flat=True)) - known_people)
        create(
            [
                IncidentPerson(
                    incident=row, subscriber=pseudonym, brand=brand, told_on="complained"
                )
                for pseudonym in fresh
            ],
            or_leave=True,
        )
        waiting = row.people.filter(brand=brand, told_end_at__isnull=True).exclude(
            told_on__in=("", NOBODY)
        )
        refs = list(waiting.order_by("id").values_list("id", flat=True))
        reached_count = 0
        for part in slices(refs, AT_ONCE):
            with transaction.atomic():
                rows = row.people.select_for_update().filter(id__in=part, told_end_at__isnull=True)
                reached_count += _post(row, list(rows.order_by("id")), plan, now=now, ended=True)
        if reached_count:
            texts = {name: _words(row, plan, name, ended=True) for name in ("zh", "en")}
            record_event(
                row,
                "end_notified",
                by=JOB.ref,
                at=now,
                people=reached_count,
                brand=brand,
                words=texts,
            )
        informed_count += reached_count
    return informed_count


def _calls_for(plan: NoticePlan, row: NetworkIncident, now: datetime) -> bool:
    return (
        row.kind in plan.kinds
        and at_least(row.severity, plan.least_severity)
        and now - row.started_at >= timedelta(minutes=plan.least_minutes)
    )


def _post(
    row: NetworkIncident,
    people: list[IncidentPerson],
    plan: NoticePlan,
    *,
    now: datetime,
    ended: bool = False,
) -> int:
    """Post to these people and mark them; how many could be reached. In a transaction."""
    if not people:
        return 0
    contacts = _contacts(row, people, now)
    subscriber_views = subscribers(person.subscriber for person in people)
    texts = {language: _words(row, plan, language, ended=ended) for language in ("zh", "en")}
    letters = []
    for person in people:
        way = contacts.get(person.subscriber)
        if way is None:
            if not ended:
                person.told_on = NOBODY
            person.told_end_at = now if ended else None
            continue
        language = (
            "zh" if is_chinese(subscriber_views[person.subscriber].language or "zh") else "en"
        )
        letters.append(
            Outgoing(
                key=f"network:{row.id}:{person.subscriber}:{'end' if ended else 'begin'}",
                channel=way[0],
                recipient=way[1],
                subject="Amends",
                body=texts[language],
                language=language,
                reference=row.ref,
            )
        )
        if ended:
            person.told_end_at = now
        else:
            person.told_at, person.told_on = now, way[0]
    post_many(letters, now=now)
    update(people, ["told_end_at"] if ended else ["told_at", "told_on"])
    return len(letters)


def _contacts(
    row: NetworkIncident, people: list[IncidentPerson], now: datetime
) -> dict[str, tuple[str, str]]:
    """Subscriber → channel and address on record; those without one are absent."""
    ways_by_subscriber = reach_many(
        JOB,
        {person.subscriber: row.ref for person in people},
        reason=gettext_noop("told of a fault that concerns this line"),
        now=now,
    )
    return {
        pseudonym: (reached_by("phone"), way.phone)
        if way.phone
        else (reached_by("email"), way.email)
        for pseudonym, way in ways_by_subscriber.items()
        if way.phone or way.email
    }


def _words(row: NetworkIncident, plan: NoticePlan, language: str, *, ended: bool) -> str:
    names = {area.code: (area.name_zh, area.name_en) for area in areas()}
    name_index = language != "zh"
    where = join_words([names.get(area, (area, area))[name_index] for area in row.areas], language)
    zone = zone_of(settings.JURISDICTION)
    since = format_moment(row.started_at, language, zone)
    until = format_moment(row.ended_at, language, zone) if row.ended_at else ""
    text = {
        ("zh", False): plan.begins_zh,
        ("en", False): plan.begins_en,
        ("zh", True): plan.ends_zh,
        ("en", True): plan.ends_en,
    }[language, ended]
    return message(text, area=where, since=since, until=until)
