"""Notify the operators of blocked numbers: a file, or a message to the configured address."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from amends.causes.protection.models import BlockListChange
from amends.causes.protection.numbers import is_foreign, national
from amends.causes.protection.queries.block_list import allowed_changes, changes_with_numbers
from amends.causes.protection.rules.operators import operator_of, operators
from amends.channels.actions.post import Outgoing, post_many
from amends.platform.tabular.exports import write_csv

AT_A_TIME = 1_000
HEADER = ("sequence", "number", "operator", "action", "at", "until", "rule", "reason")


@dataclass(frozen=True, slots=True)
class OperatorNotice:
    """A number that was blocked, or is no longer, for the operator it belongs to.

    operator  code of `operators@….toml`, by prefix
    rule      the dated rule it was blocked by
    reason    people, frauds and weight of the reports, without the reporters
    """

    sequence: int
    number: str
    operator: str
    action: str
    at: datetime
    until: datetime | None
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoticeFile:
    """The file of notices; `last` is the number of the last one: next time after it."""

    notices: int
    last: int
    out: str


def operator_notices(since: int = 0, *, limit: int = AT_A_TIME) -> list[OperatorNotice]:
    """The notices after the one numbered `since`, in order."""
    return _notices(changes_with_numbers(since, limit=limit))


def write_notices(out: Path, *, since: int) -> NoticeFile:
    """Write the notices after the one numbered `since` as CSV."""
    count, last = 0, since

    def lines() -> Iterator[list[object]]:
        nonlocal count, last
        while part := operator_notices(last):
            for notice in part:
                yield _line(notice)
            count, last = count + len(part), part[-1].sequence

    with out.open("w", encoding="utf-8", newline="") as file:
        write_csv(file, HEADER, lines())
    return NoticeFile(count, last, str(out))


def notify_operators(*, now: datetime) -> int:
    """Send the new notices by email to `AMENDS_BLOCK_NOTICES_TO`; how many. None without it."""
    to = settings.BLOCK_NOTICES_TO
    if not to:
        return 0
    with transaction.atomic():
        rows = list(
            BlockListChange.objects.select_for_update(of=("self",))
            .filter(notified_at__isnull=True)
            .select_related("number")
            .order_by("id")[:AT_A_TIME]
        )
        if not rows:
            return 0
        notified = [row.id for row in rows]
        allowed = allowed_changes(rows)
        if not allowed:
            BlockListChange.objects.filter(id__in=notified).update(notified_at=now)
            return 0
        table = io.StringIO()
        write_csv(table, HEADER, (_line(notice) for notice in _notices(allowed)))
        chinese = settings.JURISDICTION.startswith("cn")
        with override("zh-hans" if chinese else "en"):
            subject = _("Numbers blocked after reports")
            body = _(
                "These numbers were blocked, or are no longer. Each holder can appeal; a granted "
                "appeal is in a later notice."
            )
        letter = Outgoing(
            key=f"block-notice:{rows[0].id}-{rows[-1].id}",
            channel="mail",
            recipient=to,
            subject=subject,
            body=f"{body}\n\n{table.getvalue()}",
            language="zh" if chinese else "en",
        )
        post_many([letter], now=now)
        BlockListChange.objects.filter(id__in=notified).update(notified_at=now)
    return len(allowed)


def _notices(rows: list[tuple[BlockListChange, str]]) -> list[OperatorNotice]:
    operators_by_prefix = operators(timezone.localdate())
    return [
        OperatorNotice(
            sequence=row.id,
            number=number,
            operator=operator_of(
                national(number), foreign=is_foreign(number), prefixes=operators_by_prefix
            ).code,
            action="blocked" if row.added else "released",
            at=row.at,
            until=row.until,
            rule=row.number.rules,
            reason=row.reason,
        )
        for row, number in rows
    ]


def _line(operator_notice: OperatorNotice) -> list[object]:
    return [
        operator_notice.sequence,
        operator_notice.number,
        operator_notice.operator,
        operator_notice.action,
        operator_notice.at.isoformat(),
        operator_notice.until.isoformat() if operator_notice.until else "",
        operator_notice.rule,
        operator_notice.reason,
    ]
