"""Open, close and reopen an issue; each states its fact, and is a happening on its page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_noop as _

from amends.platform.database.locks import advisory_lock
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.periods import to_ms
from amends.platform.vault.redaction import redact_person
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.actions.signals import reopened
from amends.problems.hotissues.models import Cell, HotIssue
from amends.problems.hotissues.texts.reasons import in_english
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


class UnableToOpenIssue(BadInput):
    """An issue consists of at least one place and does not begin after it was found."""

    code = "unable_to_open_issue"


class UnableToClose(Refused):
    """The issue is not in the state this needs, or no reason is given."""

    code = "unable_to_close_issue"


def open_issue(
    cell_keys: Sequence[str],
    *,
    started_at: datetime,
    now: datetime,
    actor: Actor,
    title: str = "",
    brand: str = "",
    grain: str = "day",
    drill: bool = False,
    false_a_week: float = 0.0,
) -> HotIssue:
    """Open an issue on these places, the first of them its main one."""
    if not cell_keys or started_at > now:
        raise UnableToOpenIssue(
            _("An issue needs a place, and a beginning that is not in the future."),
            next_step=_("Name what it is about and since when."),
        )
    with transaction.atomic():
        one_at_a_time()
        last = HotIssue.objects.aggregate(last=Max("number"))["last"] or 0
        issue = HotIssue.objects.create(
            number=last + 1,
            brand=brand,
            title=redact_person(title)[:160],
            drill=drill,
            grain=grain,
            opened_by="scan" if actor.kind == "system" else actor.ref,
            started_at=started_at,
            detected_at=now,
            last_alarm_at=now,
            false_a_week=false_a_week,
        )
        Cell.objects.bulk_create(
            Cell(issue=issue, place=cell_key, main=at == 0, added_at=now)
            for at, cell_key in enumerate(dict.fromkeys(cell_keys))
        )
        note(issue, "opened", actor=actor, now=now, details={"places": list(cell_keys)})
        _state(issue, "HotIssueOpened", now, places="; ".join(cell_keys)[:300])
    return issue


def one_at_a_time() -> None:
    """Wait until no other transaction opens issues or lets a scan write what it found; call inside
    one. Two scans at once would each open the issue both found, and under the same number."""
    advisory_lock("hot issues", ["scan"])


def close_issue(ref: str, *, because: str, actor: Actor, now: datetime) -> HotIssue:
    """Close an open issue; complaints that come later are asked about, not joined silently."""
    with transaction.atomic():
        issue = HotIssue.objects.select_for_update().get(id=ref)
        if issue.state != "open" or not because.strip():
            raise UnableToClose(
                _("Only an open issue can be closed, and only with a reason."),
                next_step=_("Say why it is over."),
            )
        issue.state, issue.closed_at = "closed", now
        issue.closed_by = actor.ref
        issue.closed_because = redact_person(because.strip())[:400]
        issue.save()
        note(issue, "closed", actor=actor, now=now, reason=because)
        _state(issue, "HotIssueClosed", now, reason=in_english(issue.closed_because))
    return issue


def reopen_issue(ref: str, *, because: str, actor: Actor, now: datetime) -> HotIssue:
    """Open a closed issue again: it came back, or its measure did not work. What its emergency owes
    to everybody hit, and the review, is due anew."""
    with transaction.atomic():
        issue = HotIssue.objects.select_for_update().get(id=ref)
        if issue.merged_into_id is not None:
            raise UnableToClose(
                _("The issue continues as another one."),
                meaning=_("Its complaints and its places are there."),
                next_step=_("Open that one again."),
            )
        if issue.state != "closed" or not because.strip():
            raise UnableToClose(
                _("Only a closed issue can be opened again, and only with a reason."),
                next_step=_("Say what happened."),
            )
        issue.state, issue.closed_at, issue.closed_by, issue.closed_because = "open", None, "", ""
        issue.reopened_count += 1
        issue.save()
        note(issue, "reopened", actor=actor, now=now, reason=because)
        cells = issue.cells.values_list("place", flat=True)
        _state(issue, "HotIssueOpened", now, places="; ".join(cells)[:300], reopened=1)
        reopened.send(HotIssue, issue=issue, now=now)
    return issue


def give_owner(ref: str, *, owner: str, actor: Actor, now: datetime) -> HotIssue:
    """Say whose the issue is; `owner` is the reference of a user."""
    with transaction.atomic():
        issue = HotIssue.objects.select_for_update().get(id=ref)
        issue.owner = owner
        issue.save(update_fields=["owner"])
        note(issue, "owned", actor=actor, now=now, details={"owner": owner})
    return issue


def _state(issue: HotIssue, kind: str, now: datetime, **more: str | int) -> None:
    payload: dict[str, str | int] = {"issue": issue.id, "drill": int(issue.drill), **more}
    if kind == "HotIssueOpened":
        payload["started_ms"] = to_ms(issue.started_at)
    append(
        [
            Fact(
                kind=kind,
                subscriber="",
                subject=issue.id,
                happened_at=now,
                source="hotissues",
                payload=payload,
            )
        ],
        now=now,
    )
