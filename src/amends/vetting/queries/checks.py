"""Checks of apps: lists, findings in the reader's language, what is agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext

from amends.kit.citations import cited
from amends.kit.formats import is_chinese
from amends.vetting.choices import CheckState
from amends.vetting.models import AgreedHost, AppCertificate, AppCheck, AppCheckFinding
from amends.vetting.rules.check_app import AppRules, app_rules


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


def newest_of_service(service: str, *, brand: str = "") -> AppCheck | None:
    """The newest check of the app of a service, that of the brand or one without a brand."""
    rows = AppCheck.objects.filter(service=service)
    if brand:
        rows = rows.filter(brand__in=("", brand))
    return rows.exclude(state=CheckState.UNREADABLE).first() or rows.first()


def history(check: AppCheck, *, partner: str = "") -> QuerySet[AppCheck]:
    """Other checks of the same package, newest first; with `partner`, its checks only."""
    if not check.package:
        return AppCheck.objects.none()
    return checks(check.brand, partner=partner).filter(package=check.package).exclude(ref=check.ref)


def known_certificates(package: str) -> set[str]:
    """Fingerprints that apps of a package may be signed with; none for a new package."""
    return set(AppCertificate.objects.filter(package=package).values_list("sha256", flat=True))


def agreed_hosts() -> set[str]:
    """Hosts allowed in addition to those of the rules."""
    return set(AgreedHost.objects.values_list("host", flat=True))


def finding_texts(check: AppCheck) -> list[FindingText]:
    """The findings of a check in the active language, by the rules it was judged by."""
    on = timezone.localdate(check.checked_at or check.received_at)
    return [_text(one, _rules(on)) for one in check.findings.all()]


@cache
def _rules(on: date) -> AppRules:
    return app_rules(on)


def _text(row: AppCheckFinding, rules: AppRules) -> FindingText:
    language = get_language() or "en"
    if not row.rule:
        return FindingText(
            row.code, row.source, row.severity, row.evidence, row.title, row.title, "", ""
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


def refusal_text(check: AppCheck) -> str:
    """Why an app could not be read, in the active language; "" where it could."""
    from amends.vetting.rules.apk.errors import UnableToReadApk

    return UnableToReadApk(**check.refusal).in_words(gettext) if check.refusal else ""
