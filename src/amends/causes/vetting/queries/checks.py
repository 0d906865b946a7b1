"""Checks of apps: lists, findings in the reader's language, what is agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from amends.causes.vetting.choices import AppVerdict, CheckState
from amends.causes.vetting.models import (
    AgreedHost,
    AppCheck,
    AppCheckFinding,
    LinkKind,
    PartnerProceeding,
    ProceedingState,
    RegisteredService,
)
from amends.causes.vetting.queries.app_access import AppAccess, app_access_of
from amends.causes.vetting.queries.conflicts import checks_in_conflict
from amends.causes.vetting.rules.check_app import AppRules, app_rules
from amends.people.partners.queries import contracts_in_force, partner_status
from amends.platform.kit.actors import Actor
from amends.platform.kit.citations import cited
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import offer_provider, offers_of_provider


@dataclass(frozen=True, slots=True)
class FindingText:
    """A finding as people read it, in one language.

    item   articles and items it is about
    title  what was found; why, what it means for users; fix, what the maker does; check, how it is
           checked again
    """

    code: str
    item: str
    severity: str
    evidence: str
    title: str
    why: str
    fix: str
    check: str


def checks(brand: str = "", *, partner: str = "") -> QuerySet[AppCheck]:
    """Checks visible to a brand, newest first; with `partner`, its checks only."""
    rows = AppCheck.objects.all()
    if brand:
        rows = rows.filter(brand=brand)
    return rows.filter(partner=partner) if partner else rows


def checks_for(actor: Actor, *, now: datetime) -> QuerySet[AppCheck]:
    """Checks that an actor may read, newest first.

    A partner's people read those of their partner. Those of a stopped partner read what its open
    proceedings and conflicts are about, and nothing else.
    """
    access = app_access_of(actor, now=now)
    if access == AppAccess.NONE:
        return AppCheck.objects.none()
    rows = checks(actor.brand, partner=actor.partner)
    if access == AppAccess.ALL:
        return rows
    in_question = Q(ref__in=checks_in_conflict(actor.partner, now))
    if open_proceedings(actor.partner, now).exists():
        in_question |= Q(verdict=AppVerdict.REJECT)
    return rows.filter(in_question)


def open_proceedings(partner: str, now: datetime) -> QuerySet[PartnerProceeding]:
    """Proceedings in which a partner may still state its view or appeal, or waits for an answer."""
    waits = Q(state__in=(ProceedingState.HEARING, ProceedingState.APPEALED)) | Q(
        state=ProceedingState.IN_FORCE, appeal_until__gte=now, answered_at__isnull=True
    )
    return PartnerProceeding.objects.filter(waits, partner=partner)


def registered_services(subject: str) -> list[RegisteredService]:
    """The registered services of a reference: the service itself, or those of an offer."""
    rows = RegisteredService.objects.filter(Q(ref=subject) | Q(offer=subject))
    return list(rows.prefetch_related("links"))


def owners_of_service(subject: str) -> tuple[bool, set[str]]:
    """Whether an offer or service is on record, and the partners who provide it or its app."""
    registered, listed = registered_services(subject), offer_provider(subject)
    partners = {row.provider for row in registered} | {listed or ""}
    partners |= {
        link.partner for row in registered for link in row.links.all() if link.kind == LinkKind.APP
    }
    return bool(registered) or listed is not None, partners - {""}


def is_under_contract(subject: str, partner: str, *, now: datetime) -> bool:
    """Whether a service or offer is the partner's, under a contract in force for its brand."""
    _is_known, owners = owners_of_service(subject)
    in_force = contracts_in_force(partner, now)
    if partner not in owners or not in_force:
        return False
    status = partner_status(partner, now)
    return all(
        status.serves(row.brand) and (not row.contract or row.contract in in_force)
        for row in registered_services(subject)
    )


def selectable_services(partner: str, *, now: datetime, brand: str = "") -> list[RegisteredService]:
    """The registered services that people of a partner may choose for an app, by reference."""
    mine = Q(provider=partner) | Q(links__partner=partner, links__kind=LinkKind.APP)
    rows = RegisteredService.objects.filter(mine | Q(offer__in=offers_of_provider(partner)))
    return [
        row
        for row in rows.distinct().order_by("ref")
        if (not brand or row.brand in ("", brand)) and is_under_contract(row.ref, partner, now=now)
    ]


def newest_of_service(service: str, *, brand: str = "") -> AppCheck | None:
    """The newest check of the app of a service, that of the brand or one without a brand.

    A check sent in by people of a partner counts only for a service of that partner; one sent in
    by staff counts unless it is of another partner than the service.
    """
    _is_known, owners = owners_of_service(service)
    by_staff = Q(sent_by_partner=False)
    if owners:
        by_staff &= Q(partner__in=owners | {""})
    rows = AppCheck.objects.filter(service=service)
    rows = rows.filter(by_staff | Q(sent_by_partner=True, partner__in=owners))
    if brand:
        rows = rows.filter(brand__in=("", brand))
    return rows.exclude(state=CheckState.UNREADABLE).first() or rows.first()


def history(check: AppCheck, *, partner: str = "") -> QuerySet[AppCheck]:
    """Other checks of the same package, newest first; with `partner`, its checks only."""
    if not check.package:
        return AppCheck.objects.none()
    return checks(check.brand, partner=partner).filter(package=check.package).exclude(ref=check.ref)


def agreed_hosts() -> set[str]:
    """Hosts allowed in addition to those of the rules."""
    return set(AgreedHost.objects.values_list("host", flat=True))


def finding_texts(check: AppCheck) -> list[FindingText]:
    """The findings of a check in the active language, by the rules it was judged by."""
    on = timezone.localdate(check.checked_at or check.received_at)
    return [_text(finding, _rules(on)) for finding in check.findings.all()]


@cache
def _rules(on: date) -> AppRules:
    return app_rules(on)


def _text(row: AppCheckFinding, rules: AppRules) -> FindingText:
    language = get_language() or "en"
    if not row.rule:
        return FindingText(
            code=row.code,
            item=row.source,
            severity=row.severity,
            evidence=row.evidence,
            title=row.title,
            why=row.title,
            fix="",
            check="",
        )
    rule = rules.rule(row.rule)
    suffix = "zh" if is_chinese(language) else "en"
    values = {**row.values, **_translated(row.values, rules, suffix)}

    def filled(name: str) -> str:
        return str(rule[f"{name}_{suffix}"]).format(**values)

    return FindingText(
        code=row.code,
        item=cited(rule["source"], language),
        severity=row.severity,
        evidence=row.evidence,
        title=rule[suffix],
        why=filled("why"),
        fix=filled("fix"),
        check=filled("check"),
    )


def _translated(values: Mapping[str, str], rules: AppRules, suffix: str) -> dict[str, str]:
    """Ids of permission groups as titles."""
    groups = {row["id"]: row[suffix] for row in rules.permissions.data["groups"]}
    return {name: groups.get(value, value) for name, value in values.items() if name == "group"}
