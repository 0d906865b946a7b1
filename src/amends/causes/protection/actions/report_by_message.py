"""A message forwarded to the short code is a report: “举报 号码 内容”, “号码*内容”, “REPORT …”."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from amends.causes.protection.actions.evidence import (
    EvidenceFile,
    UnableToAddEvidence,
    add_evidence,
)
from amends.causes.protection.actions.guardianship import object_to_guardian
from amends.causes.protection.actions.report import (
    NewReport,
    ReportReceipt,
    UnableToReport,
    UnableToReportMore,
    report,
)
from amends.causes.protection.actions.set_protection import refuse_to_be_contact
from amends.causes.protection.choices import ReportedThing
from amends.causes.protection.texts.after_payment import after_payment
from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_on_request import UnableToSendOnRequest, send_on_request
from amends.channels.queries import files_of, open_file
from amends.channels.queries.capabilities import proves_number
from amends.people.subscribers.queries import identify, normal_form
from amends.platform.kit.formats import is_chinese

if TYPE_CHECKING:
    from amends.channels.queries.received import Waiting

_WORD = re.compile(r"^\s*(?:举报|投诉骚扰|report\b(?:\s+spam\b)?|spam\b)[\s:：,，]*", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*[\[（(]?(\+?\d[\d -]{3,18}\d)[\]）)]?\s*[*＊:：,，\s]\s*")
_STARRED = re.compile(r"^\s*(\+?\d[\d -]{3,18}\d)\s*[*＊](?=\S)")


_NO_CONTACT = re.compile(r"^\s*(?:no\s+contact|不做联系人|不当联系人)\W*$", re.IGNORECASE)
_NO_GUARDIAN = re.compile(r"^\s*(?:no\s+guardian|不同意监护|不要监护人)\W*$", re.IGNORECASE)


def read_report(text: str) -> tuple[str, str] | None:
    """Number and words of a report by message; None where the message is no report.

    >>> read_report("举报 10691234567 恭喜您中奖")
    ('10691234567', '恭喜您中奖')
    >>> read_report("10691234567*恭喜您中奖"), read_report("my bill is wrong")
    (('10691234567', '恭喜您中奖'), None)
    """
    word = _WORD.match(text)
    if word is None and not _STARRED.match(text):
        return None
    remainder = text[word.end() :] if word else text
    number = _NUMBER.match(f"{remainder} ")
    if number is None:
        return "", remainder.strip()
    return number[1].replace(" ", ""), remainder[number.end() :].strip()


def report_by_message(message: Waiting, now: datetime) -> str:
    """What the message became, such as `report:rpt-…`; "" where it reports nothing.

    The thanks say what the message is and what the person may do.
    """
    if proves_number(message.channel) and _NO_GUARDIAN.match(message.text):
        person = identify(phone=message.sender)
        objected = person is not None and object_to_guardian(person.pseudonym, now=now)
        return "guardian:objected" if objected else ""
    if proves_number(message.channel) and _NO_CONTACT.match(message.text):
        return "second-contact:refused" if refuse_to_be_contact(message.sender) else ""
    read = read_report(message.text) if proves_number(message.channel) else None
    if read is None or not any(read):
        return ""
    number, message_text = read
    person = identify(phone=message.sender)
    new = NewReport(
        key=f"inbound:{message.id}",
        thing=ReportedThing.MESSAGE if message_text else ReportedThing.CALL,
        channel=message.channel,
        number=number,
        text=message_text,
        subscriber=person.pseudonym if person else "",
        address=normal_form("phone", message.sender) or message.sender,
        # The number of a sender who is not our subscriber may be forged.
        proven=person is not None,
    )
    try:
        with transaction.atomic():
            receipt = report(new, now=now)
            chinese = is_chinese(person.language if person else message.language)
            if message.may_answer:
                letter = _thanks(message, receipt, chinese=chinese)
                with suppress(UnableToSendOnRequest):
                    send_on_request(letter, on_record=person is not None, now=now)
    except (UnableToReport, UnableToReportMore) as why:
        return f"report:{why.code}"
    _take_files(message, receipt.ref, now)
    return f"report:{receipt.ref}"


def _take_files(message: Waiting, report_ref: str, now: datetime) -> None:
    """Store the files of a multimedia message as evidence; those that cannot be are left out."""
    for file in files_of([message.id]):
        if file.refused:
            continue
        name, _type, content = open_file(file.id)
        try:
            add_evidence(report_ref, [EvidenceFile(name, content)], now=now)
        except UnableToAddEvidence:
            continue


def _thanks(message: Waiting, receipt: ReportReceipt, *, chinese: bool) -> Outgoing:
    with override("zh-hans" if chinese else "en"):
        body = f"{thanks(receipt)} {advice(receipt)}".strip()
    return Outgoing(
        key=f"report-thanks:{receipt.ref}",
        channel=message.channel,
        recipient=message.sender,
        body=body,
        language="zh" if chinese else "en",
        reference=receipt.ref,
    )


def thanks(receipt: ReportReceipt) -> str:
    """Thanks for a report, with its reference and the complaint it was joined to."""
    if receipt.complaint:
        return _(
            "Thank you for your report %(ref)s. It was added to your complaint, and whoever "
            "handles it sees it."
        ) % {"ref": receipt.ref}
    return _("Thank you for your report %(ref)s. It helps to stop such messages.") % {
        "ref": receipt.ref
    }


def advice(receipt: ReportReceipt) -> str:
    """What a person who got such a message should do; "" where nothing is to be done."""
    if receipt.harmed:
        return after_payment()
    if receipt.label == "fraud":
        return _(
            "This looks like a fraud. Do not open links, pay, or tell codes. If you did, call your "
            "bank and the police now."
        )
    if receipt.label == "legitimate":
        return _("To us it looks like an ordinary message; a person checks it if others report it.")
    return ""
