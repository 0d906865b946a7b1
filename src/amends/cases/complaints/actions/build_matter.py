"""The matter of a complaint, as the rules ask for it: class, period, services, cases, identity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from amends.cases.complaints.models import Complaint, Event, Identity
from amends.cases.complaints.queries.subjects import named_services
from amends.engines.decisions.clocks import pack_currency
from amends.engines.decisions.evidence import Matter, NamedService
from amends.people.access.queries import cases_of_many
from amends.people.subscribers.queries import ServiceView, services_of_many
from amends.platform.kit.actors import is_user
from amends.platform.kit.periods import Period
from amends.record.catalogue.queries import areas

NOT_ON_FILE = "unknown"
"""Stands for the other classes of a complaint that was classified before they were kept."""

LOOK_BACK = timedelta(days=730)
"""How far back evidence is read: the longest time limit of an appeal in China."""


def matters_of(complaints: Sequence[Complaint]) -> dict[str, Matter]:
    """Complaint → matter, in a few queries.

    What is looked into ends with the receipt; of a complaint opened again, with the last reopening:
    “it was charged again” is about what came since. The rules stay those of the day of receipt.
    """
    reopened_ids = [item.id for item in complaints if item.reopened_count]
    reopened = Event.objects.filter(complaint__in=reopened_ids, to_state="reopened").order_by(
        "at", "id"
    )
    until = dict(reopened.values_list("complaint_id", "at")) if reopened_ids else {}
    people = {item.subscriber for item in complaints}
    services = services_of_many(people)
    cases = cases_of_many(people)
    names = {area.code: (area.name_zh, area.name_en) for area in areas()}
    named = named_services([item.id for item in complaints])
    return {
        item.id: _matter(
            item,
            services.get(item.subscriber, []),
            frozenset(case.ref for case in cases.get(item.subscriber, [])),
            names.get(item.area, ("", "")),
            until.get(item.id, item.received_at),
            named.get(item.id, ()),
        )
        for item in complaints
    }


def _matter(
    item: Complaint,
    services: Sequence[ServiceView],
    cases: frozenset[str],
    area_words: tuple[str, str],
    until: datetime,
    named: tuple[NamedService, ...],
) -> Matter:
    return Matter(
        code=item.code,
        code2=item.code2,
        received_at=item.received_at,
        period=Period(item.received_at - LOOK_BACK, until),
        services=tuple(service.ref for service in services),
        service=item.service,
        area=item.area,
        area_words=area_words,
        brand=item.brand,
        jurisdiction=item.jurisdiction,
        province=item.province,
        language=item.language,
        zone=settings.TIME_ZONE,
        currency=pack_currency(item.jurisdiction),
        complaint=item.id,
        cases=cases,
        identity_verified=item.identity == Identity.VERIFIED,
        confident=not item.ask_for_words,
        plausible=possible_classes(item),
        named=named,
    )


def possible_classes(item: Complaint) -> tuple[str, ...]:
    """The classes it may be about; none where a person set the class, or it is certain."""
    if is_user(item.classified_by):
        return ()
    if item.plausible is None:
        return (item.code, NOT_ON_FILE)
    return tuple(code for code, _ in item.plausible)
