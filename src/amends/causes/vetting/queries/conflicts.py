"""Conflicts about packages: who may see one, what is open, whose certificates count."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from amends.causes.vetting.models import (
    AppCertificate,
    AppCheck,
    ConflictDecision,
    ConflictSide,
    ConflictState,
    PackageConflict,
)
from amends.people.access.queries import lacks_partner, may
from amends.platform.kit.actors import Actor


def visible_conflicts(actor: Actor) -> QuerySet[PackageConflict]:
    """Conflicts of the actor's partner; for the operator's people those of all their brands.

    Staff of one brand see a conflict only where both apps are of that brand.
    """
    rows = PackageConflict.objects.select_related("earlier_check", "later_check")
    if lacks_partner(actor) or not may(actor.roles, "apps.read"):
        return rows.none()
    if actor.partner:
        rows = rows.filter(Q(earlier=actor.partner) | Q(later=actor.partner))
    if actor.brand and not actor.partner:
        rows = rows.filter(earlier_check__brand=actor.brand, later_check__brand=actor.brand)
    return rows


def open_conflict_of(check: AppCheck) -> PackageConflict | None:
    """The open conflict that the launch of an app waits for.

    Only the later side waits, so that no partner can stop the launch of another.
    """
    if not check.package:
        return None
    rows = PackageConflict.objects.filter(package=check.package, later=check.partner)
    return rows.exclude(state=ConflictState.DECIDED).first()


def conflicts_of_package(package: str, partner: str) -> QuerySet[PackageConflict]:
    """The conflicts of a partner about a package."""
    sides = Q(earlier=partner) | Q(later=partner)
    return PackageConflict.objects.filter(sides, package=package)


def has_lost(conflict: PackageConflict, partner: str) -> bool:
    """Whether it was decided against a partner."""
    side = conflict.side_of(partner)
    return side is not None and conflict.decision not in ("", ConflictDecision.BOTH, side)


def known_certificates(package: str, partner: str) -> set[str]:
    """Fingerprints that a partner's apps of a package may be signed with; none for a new package.

    Where a conflict was decided against the partner, those of the other side.
    """
    owners = {partner}
    for conflict in conflicts_of_package(package, partner):
        if has_lost(conflict, partner):
            is_earlier = conflict.side_of(partner) == ConflictSide.EARLIER
            owners = {conflict.later if is_earlier else conflict.earlier}
    rows = AppCertificate.objects.filter(package=package, partner__in=owners)
    return set(rows.values_list("sha256", flat=True))


def all_certificates(package: str) -> set[str]:
    """Fingerprints that apps of a package may be signed with, of every partner."""
    rows = AppCertificate.objects.filter(package=package)
    return set(rows.values_list("sha256", flat=True))


def other_owners(package: str, partner: str) -> dict[str, tuple[AppCheck, set[str]]]:
    """Other partners with certificates of a package: their first check, and fingerprints.

    One that a conflict about the package was decided against is left out. The operator itself
    claims a package only with an app of one of its services, not by inspecting a file.
    """
    lost = {
        party
        for conflict in PackageConflict.objects.filter(package=package).exclude(decision="")
        for party in (conflict.earlier, conflict.later)
        if has_lost(conflict, party)
    }
    rows = AppCertificate.objects.filter(package=package).exclude(partner__in={partner, *lost})
    rows = rows.exclude(partner="", check_of__service="")
    owners: dict[str, tuple[AppCheck, set[str]]] = {}
    for row in rows.select_related("check_of").order_by("accepted_at", "pk"):
        owners.setdefault(row.partner, (row.check_of, set()))[1].add(row.sha256)
    return owners


def checks_in_conflict(partner: str, now: datetime) -> set[str]:
    """Checks of a partner that a conflict is about that it may still speak on."""
    waits = ~Q(state=ConflictState.DECIDED) | Q(appeal_until__gt=now, appealed_at__isnull=True)
    rows = PackageConflict.objects.filter(Q(earlier=partner) | Q(later=partner)).filter(waits)
    return {row.earlier_check_id if row.earlier == partner else row.later_check_id for row in rows}
