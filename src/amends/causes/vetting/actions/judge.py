"""Judge an app that was read, and record the check."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amends.causes.vetting.actions.conflicts import open_conflicts
from amends.causes.vetting.choices import AppVerdict, CheckOutcome, CheckState
from amends.causes.vetting.models import AppCertificate, AppCheck, AppCheckFinding
from amends.causes.vetting.queries.checks import agreed_hosts
from amends.causes.vetting.queries.conflicts import (
    all_certificates,
    known_certificates,
    open_conflict_of,
)
from amends.causes.vetting.rules.apk.facts import AppFacts
from amends.causes.vetting.rules.check_app import AppFinding, app_rules, check_app, verdict_of
from amends.causes.vetting.rules.other_scanners import ReportedFinding
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

_SOURCE = "vetting"


def judge(
    row: AppCheck,
    facts: AppFacts,
    *,
    certificates: Collection[str] = (),
    hosts: Collection[str] = (),
    reported: Sequence[ReportedFinding] = (),
    is_inspection: bool = False,
    now: datetime,
) -> AppCheck:
    """Fill in a check: what it is, what was found, the verdict; state it as a fact.

    A newer check of a package replaces the partner's open ones before it. The first certificate of
    a partner's package whose signature verifies is remembered; a later one counts only by a proof
    of rotation, or once it is accepted. Where another partner has the package with another
    certificate, a conflict is opened, and the check stays open until it is decided.

    certificates   to compare with instead of the remembered ones
    hosts          allowed for this app in addition to those agreed
    reported       findings of other scanners
    is_inspection  a file that staff look into: compared with the certificates of every partner, and
                   no conflict is opened
    """
    manifest, signature = facts.manifest, facts.signature
    rules = app_rules(timezone.localdate(now))
    signed_by = [] if signature.problem else [signer.sha256 for signer in signature.signers]
    with transaction.atomic():
        remembered = known_certificates(manifest.package, row.partner)
        if is_inspection:
            remembered = remembered or all_certificates(manifest.package)
        app_result = check_app(
            facts,
            rules=rules,
            app_type=row.app_type,
            known_hosts={*agreed_hosts(), *hosts},
            certificates=set(certificates) or remembered,
        )
        severities = [
            *(finding.severity for finding in app_result.findings),
            *(reported_finding.severity for reported_finding in reported),
        ]
        row.state = CheckState.CHECKED
        row.size, row.sha256 = facts.size, facts.sha256
        row.package = manifest.package[:255]
        row.version = (manifest.version or str(manifest.version_code))[:100]
        row.target_sdk = min(manifest.target_sdk, 1_000_000)
        row.certificates = signed_by
        row.verdict = verdict_of(severities, rules)
        row.rules = app_result.rules
        row.checked_at = now
        row.is_open = row.verdict != AppVerdict.PASS
        if not row.is_open:
            row.outcome, row.closed_at = CheckOutcome.PASSED, now
        row.save()
        AppCheckFinding.objects.bulk_create(_rows(row, app_result.findings, reported))
        if not is_inspection:
            open_conflicts(row, lineage=signature.lineage, now=now)
            if not row.is_open and open_conflict_of(row) is not None:
                row.is_open, row.outcome, row.closed_at = True, "", None
                row.save(update_fields=["is_open", "outcome", "closed_at"])
        _remember(row, set(certificates), changed=_changed(app_result.findings))
        _replace_earlier(row, now)
        append([_fact(row, now)], now=now)
    return row


def _rows(
    row: AppCheck, findings: Sequence[AppFinding], reported: Sequence[ReportedFinding]
) -> list[AppCheckFinding]:
    own = [
        AppCheckFinding(
            check_of=row,
            position=index,
            rule=finding.rule,
            code=finding.code,
            severity=finding.severity,
            evidence=finding.evidence,
            values=dict(finding.values),
        )
        for index, finding in enumerate(findings)
    ]
    reported_rows = [
        AppCheckFinding(
            check_of=row,
            position=len(own) + index,
            code=reported_finding.code,
            severity=reported_finding.severity,
            evidence=reported_finding.evidence,
            title=reported_finding.title,
            source=reported_finding.source,
        )
        for index, reported_finding in enumerate(reported)
    ]
    return own + reported_rows


def _changed(findings: Sequence[AppFinding]) -> bool:
    return any(finding.code == "CERTIFICATE_CHANGED" for finding in findings)


def _remember(row: AppCheck, fingerprints: set[str], *, changed: bool) -> None:
    """Keep the first certificates of a partner's package, those stated, and rotated ones."""
    if changed or row.checked_at is None:
        return
    for fingerprint in sorted({*fingerprints, *row.certificates}):
        AppCertificate.objects.get_or_create(
            partner=row.partner,
            package=row.package,
            sha256=fingerprint,
            defaults={"check_of": row, "accepted_at": row.checked_at},
        )


def _replace_earlier(row: AppCheck, now: datetime) -> None:
    # Of the same sender: another partner's app may claim the name of a package.
    earlier = AppCheck.objects.filter(
        package=row.package, brand=row.brand, partner=row.partner, is_open=True
    )
    earlier.exclude(ref=row.ref).exclude(state=CheckState.WAITING).update(
        is_open=False, outcome=CheckOutcome.REPLACED, closed_at=now
    )


def _fact(row: AppCheck, now: datetime) -> Fact:
    return Fact(
        kind="AppChecked",
        subscriber="",
        subject=row.service or row.package[:64],
        happened_at=now,
        source=_SOURCE,
        payload={"app": row.package, "app_version": row.version, "verdict": row.verdict},
    )
