"""Check an app in a file at once, as the command does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_noop as _

from amends.causes.vetting.actions.inspect_process import inspect_file
from amends.causes.vetting.actions.judge import judge
from amends.causes.vetting.choices import CheckState
from amends.causes.vetting.models import AppCheck
from amends.causes.vetting.rules.other_scanners import UnableToReadReport, read_report
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import random_id
from amends.platform.kit.json_in import read_json

_MOST_REPORT = 50_000_000


def check_file(
    path: Path,
    *,
    app_type: str = "",
    against: Path | None = None,
    hosts: Collection[str] = (),
    reports: Collection[Path] = (),
    actor: Actor,
    now: datetime,
) -> AppCheck:
    """Read, judge and record an app.

    against  an earlier version whose certificate counts instead of the remembered one
    hosts    allowed for this app
    reports  of MobSF or Exodus on the same app
    """
    facts = inspect_file(path)
    certificates: set[str] = set()
    if against is not None:
        earlier = inspect_file(against)
        if earlier.manifest.package != facts.manifest.package:
            raise BadInput(
                _("The earlier version is another app: %(other)s, not %(package)s."),
                next_step=_("Choose an earlier version of the same app."),
                values={
                    "other": earlier.manifest.package,
                    "package": facts.manifest.package,
                },
                code="unable_to_compare_versions",
            )
        if not earlier.signature.signers:
            raise BadInput(
                _("The earlier version is not signed, so there is no certificate to compare."),
                next_step=_("Choose a version that was released."),
                code="unable_to_compare_versions",
            )
        certificates = {signer.sha256 for signer in earlier.signature.signers}
    reported = [
        finding
        for report in reports
        for finding in read_report(_document(report), package=facts.manifest.package)
    ]
    row = AppCheck(
        ref=random_id("app", length=12),
        brand=actor.brand,
        app_type=app_type,
        file_name=path.name[:200],
        state=CheckState.WAITING,
        received_at=now,
        received_by=actor.ref,
    )
    return judge(
        row,
        facts,
        certificates=certificates,
        hosts=hosts,
        reported=reported,
        is_inspection=True,
        now=now,
    )


def _document(path: Path) -> object:
    try:
        if path.stat().st_size > _MOST_REPORT:
            raise ValueError("too large")
        return read_json(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UnableToReadReport(
            _("%(file)s is not a JSON report."),
            next_step=_("Send the JSON report of MobSF or Exodus."),
            values={"file": path.name},
        ) from error
