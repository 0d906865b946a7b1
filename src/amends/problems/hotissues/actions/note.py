"""What happened to an issue, written down: who, when, why."""

from __future__ import annotations

from datetime import datetime

from amends.platform.kit.actors import Actor
from amends.platform.vault.redaction import redact_person
from amends.problems.hotissues.models import Happening, HotIssue


def note(
    issue: HotIssue,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    details: dict[str, object] | None = None,
) -> None:
    """Write on the issue's page that something happened."""
    Happening.objects.create(
        issue=issue,
        at=now,
        verb=verb,
        actor=actor.ref,
        reason=redact_person(reason.strip())[:400],
        details=details or {},
    )
