"""Report an unwanted message or call, as its recipient."""

from __future__ import annotations

from datetime import datetime

from amends.causes.protection.actions.report import NewReport, ReportReceipt, report
from amends.entrances.selfservice.queries import IdentifiedUser


def report_message(
    user: IdentifiedUser, *, number: str, text: str, key: str, source: str, now: datetime
) -> ReportReceipt:
    """Store a report of the user; text "" reports a call. The same key is one report.

    source  blind index of the network address, or the client, that it came from
    """
    new = NewReport(
        key=f"self:{user.channel}:{key}",
        thing="message" if text.strip() else "call",
        channel=user.channel,
        number=number,
        text=text,
        subscriber=user.subscriber,
        proven=True,
        source=source,
    )
    return report(new, now=now)
