"""Complaints about nuisance become reports of the number and message that they quote."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db import transaction

from amends.causes.protection.actions.report import (
    NewReport,
    UnableToReport,
    UnableToReportMore,
    report,
)
from amends.causes.protection.choices import ReportedThing
from amends.causes.protection.models import NuisanceReport
from amends.people.subscribers.queries import identify
from amends.platform.registry import ComplaintText, complaint_texts

CLASSES = "nuisance."
_SINCE = timedelta(days=3)
_NUMBER = re.compile(r"(?<![\d.¥$])(\+?\d[\d-]{3,18}\d)(?![\d.])")
_AMOUNT = re.compile(r"(?<![\d.])\d{1,6}\s*(?:元|块|yuan|天|次|个|条|年|月|日|点)")
_QUOTED = re.compile(r"[“\"「『【]([^”\"」』]{10,600})[”\"」』]")


def read_complaint(text: str) -> tuple[list[str], str]:
    """The numbers that a complaint names, and the message it quotes, "" for none.

    >>> read_complaint("10698800001天天发“您的包裹已滞留，点击领取补偿金”，烦死了")
    (['10698800001'], '您的包裹已滞留，点击领取补偿金')
    >>> read_complaint("扣了我30元，打了20次电话")
    ([], '')
    """
    quoted = _QUOTED.search(text)
    outside = text.replace(quoted[1], " ") if quoted else text
    numbers = _NUMBER.findall(_AMOUNT.sub(" ", outside))
    return list(dict.fromkeys(numbers)), quoted[1].strip() if quoted else ""


def report_complaints(*, now: datetime) -> int:
    """Report what complaints of the last days name; how many became reports.

    The report refers to the complaint; the page of the complaint shows the report.
    """
    complaints = complaint_texts(CLASSES, since=now - _SINCE)
    keys = {f"complaint:{complaint.ref}"[:80]: complaint for complaint in complaints}
    stored_keys = NuisanceReport.objects.filter(key__in=list(keys)).values_list("key", flat=True)
    reported_keys = set(stored_keys)
    return sum(
        _report(key, complaint, now) for key, complaint in keys.items() if key not in reported_keys
    )


def _report(key: str, complaint: ComplaintText, now: datetime) -> bool:
    numbers, text = read_complaint(complaint.text)
    number = next((number for number in numbers if not _is_own(number, complaint.subscriber)), "")
    if not number and not text:
        return False
    new = NewReport(
        key=key,
        thing=ReportedThing.MESSAGE if text else ReportedThing.CALL,
        channel=complaint.channel,
        number=number,
        text=text,
        subscriber=complaint.subscriber if complaint.identified else "",
        address="" if complaint.identified else f"complaint {complaint.ref}",
        complaint=complaint.ref,
        typed_by=complaint.staff,
    )
    try:
        with transaction.atomic():
            report(new, now=now)
    except (UnableToReport, UnableToReportMore):
        return False
    return True


def _is_own(number: str, subscriber: str) -> bool:
    """Whether a number in the text is the complainant's: people name theirs too."""
    if not subscriber:
        return False
    owner = identify(phone=number)
    return owner is not None and owner.pseudonym == subscriber
