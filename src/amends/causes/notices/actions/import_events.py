"""Events of the life cycle out of a file: what other systems know will happen to a service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from amends.causes.notices.actions.record_changes import LINE_EVENTS, strangers
from amends.causes.notices.actions.record_events import NewEvent, check_event, record_events
from amends.platform.kit.errors import BadInput
from amends.platform.tabular.report import FileReport, batches
from amends.platform.tabular.tables import Reject, read_table

BATCH = 2_000
NEEDED = ("ref", "kind", "subscriber", "service", "happens_at")
_WHOLE = ("_minor", "_mb", "_min", "_count", "_ms")


def import_events(path: Path, *, rejects: Path, now: datetime) -> FileReport:
    """Record the events of a file; bad rows go to `rejects` with their reasons, the rest counts."""
    table = read_table(path)
    if missing := [name for name in NEEDED if name not in table.header]:
        raise BadInput(
            _("The file has no column %(columns)s.") % {"columns": ", ".join(missing)},
            meaning=_("Nothing was recorded."),
            next_step=_("Name the columns %(needed)s; offer and figures may follow.")
            % {"needed": ", ".join(NEEDED)},
            where=f"{path.name}:1",
            code="events_not_imported",
        )
    report, refused = FileReport(read=table.read), list(table.rejects)
    unknown = _strangers(table.header, table.rows)
    events: list[NewEvent] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        try:
            event = _event(dict(zip(table.header, row, strict=True)))
            check_event(event)
            if event.kind in LINE_EVENTS and event.service in unknown:
                raise ValueError(
                    _("service “%(service)s” is not enrolled: nothing counts it")
                    % {"service": event.service}
                )
        except ValueError as why:
            refused.append(Reject(line, str(why), tuple(row)))
        except BadInput as why:
            refused.append(Reject(line, why.in_words(_), tuple(row)))
        else:
            events.append(event)
    for batch in batches(events, BATCH):
        fresh = record_events(batch, now=now)
        report.accepted += fresh
        report.duplicates += len(batch) - fresh
    report.set_aside(table.header, refused, rejects)
    return report


def _strangers(header: Sequence[str], rows: Sequence[Sequence[str]]) -> set[str]:
    """The services whose limits are said to change, and that are not enrolled."""
    kind, service = header.index("kind"), header.index("service")
    return strangers({row[service].strip() for row in rows if row[kind].strip() in LINE_EVENTS})


def _event(cells: dict[str, str]) -> NewEvent:
    fields = {name: cell.strip() for name, cell in cells.items()}
    needed_fields = {name: fields.pop(name) for name in NEEDED}
    offer = fields.pop("offer", "")
    figures: dict[str, str | int] = {}
    for name, cell in fields.items():
        if cell:
            figures[name] = _whole(name, cell) if name.endswith(_WHOLE) else cell
    try:
        happens_at = datetime.fromisoformat(needed_fields["happens_at"])
    except ValueError as error:
        raise ValueError(
            _("%(field)s “%(cell)s” is not a time")
            % {"field": "happens_at", "cell": needed_fields["happens_at"]}
        ) from error
    return NewEvent(
        ref=needed_fields["ref"],
        kind=needed_fields["kind"],
        subscriber=needed_fields["subscriber"],
        service=needed_fields["service"],
        happens_at=happens_at,
        offer=offer,
        figures=figures,
    )


def _whole(name: str, cell: str) -> int:
    try:
        return int(cell)
    except ValueError as error:
        raise ValueError(
            _("%(field)s “%(cell)s” is not a whole number") % {"field": name, "cell": cell}
        ) from error
