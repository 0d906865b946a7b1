"""Hand a table of personal data over: within the day's budget, marked for one recipient."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.causes.privacy.actions.authority import check
from amends.causes.privacy.models import DataExport
from amends.causes.privacy.rules.data_words import cost_of
from amends.causes.privacy.rules.watermark import WatermarkMatch, find, mark, small_groups
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.ids import random_id
from amends.platform.kit.packs import load_rules
from amends.platform.tabular.exports import write_csv
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

DAY = timedelta(hours=24)


class UnableToExportTable(Refused):
    """The day's budget is used up, or no recipient or purpose is named."""

    code = "unable_to_export_table"


class UnableToAggregate(BadInput):
    """There is no such column."""

    code = "unable_to_aggregate"


@dataclass(frozen=True, slots=True)
class Exported:
    """The export on record, and the file's text."""

    row: DataExport
    text: str


def limits(now: datetime) -> tuple[int, int]:
    """The day's budget of one person, and k of aggregates."""
    rules = {
        row["id"]: row
        for row in load_rules(
            "amends.causes.privacy", "export-limits", timezone.localdate(now)
        ).rules
    }
    return int(rules["day"]["budget"]), int(rules["group"]["k"])


def used(by: str, now: datetime) -> int:
    """What somebody exported in 24 hours; pieces add up, and a clock set back frees nothing."""
    rows = DataExport.objects.filter(by=by, at__gt=now - DAY)
    return int(rows.aggregate(total=Sum("cost"))["total"] or 0)


def export_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    recipient: str,
    purpose: str,
    actor: Actor,
    now: datetime,
) -> Exported:
    """Mark a table for its recipient and record the export; refused beyond the day's budget."""
    check(actor, "privacy.export")
    if not recipient.strip() or not purpose.strip():
        raise UnableToExportTable(
            _("An export names who gets it and what for."),
            meaning=_("Nothing was written."),
            next_step=_("Name the recipient and the purpose."),
        )
    cost = cost_of(list(columns), len(rows))
    key = secrets.token_bytes(16)
    text = _written(columns, mark(columns, rows, key))
    budget, _k = limits(now)
    with transaction.atomic():
        before = used(actor.ref, now)
        if before + cost > budget:
            raise UnableToExportTable(
                _("This export counts %(cost)s; %(left)s of the day's %(budget)s are left."),
                meaning=_("Nothing was written. Pieces of a table add up."),
                next_step=_("Leave out columns or rows, aggregate, or wait for tomorrow."),
                values={"cost": cost, "left": max(budget - before, 0), "budget": budget},
            )
        row = DataExport.objects.create(
            ref=random_id("exp", length=12),
            by=actor.ref,
            handed_to=recipient.strip()[:120],
            purpose=purpose.strip()[:200],
            columns=list(columns),
            rows=len(rows),
            cost=cost,
            mark=key.hex(),
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            at=now,
        )
        payload: dict[str, str | int] = {
            "export": row.ref,
            "rows": row.rows,
            "fields": ",".join(columns)[:200],
            "sha256": row.sha256,
            "by": actor.ref,
        }
        append(
            [
                Fact(
                    kind="PersonalDataExported",
                    subscriber="",
                    subject=row.ref,
                    happened_at=now,
                    source="privacy",
                    payload=payload,
                )
            ],
            now=now,
        )
    return Exported(row, text)


def aggregate(
    columns: Sequence[str], rows: Sequence[Sequence[str]], by: str, *, now: datetime
) -> tuple[list[tuple[str, int | None]], int]:
    """Counts by one column, None for groups below k, and one more where just one were hidden."""
    if by not in columns:
        raise UnableToAggregate(
            _("There is no column %(name)s."),
            next_step=_("Name one of %(names)s."),
            values={"name": by, "names": ", ".join(columns)},
        )
    at = list(columns).index(by)
    counts = sorted(Counter(row[at] for row in rows).items())
    _budget, k = limits(now)
    hidden = small_groups(counts, k)
    return [(name, None if name in hidden else count) for name, count in counts], k


def whose(rows: Sequence[Sequence[str]]) -> list[tuple[DataExport, WatermarkMatch]]:
    """The exports whose mark a table bears, the surest first."""
    matches = [
        (row, find(rows, bytes.fromhex(row.mark), row.rows)) for row in DataExport.objects.all()
    ]
    certain = [(row, mark_match) for row, mark_match in matches if mark_match.certain]
    return sorted(certain, key=lambda pair: (-pair[1].marked, -pair[1].order))


def _written(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    write_csv(out, columns, rows)
    return out.getvalue()
