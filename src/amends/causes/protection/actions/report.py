"""Report a message, a call, a link or an app; take a report back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.causes.protection.actions.count_reports import count_reports
from amends.causes.protection.actions.second_contact import notify_second_contact
from amends.causes.protection.choices import ReportedThing, ReportState
from amends.causes.protection.models import NuisanceReport, ReportedNumber
from amends.causes.protection.numbers import entry_of, spelled
from amends.causes.protection.queries import UNDO_WITHIN
from amends.causes.protection.queries.contacts import was_contacted
from amends.causes.protection.rules.consequences import consequence_rules
from amends.causes.protection.rules.delivery import delivery_rules
from amends.causes.protection.rules.messages import MessageJudgement, judge_message
from amends.engines.classification.links import hosts_on
from amends.people.subscribers.queries import subscriber as subscriber_of
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.ids import random_id
from amends.platform.vault.indexes import blind_index
from amends.platform.vault.recognisers import mask_text
from amends.platform.vault.sealing import seal
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_about

REPORTS, NUMBERS = "protection_report", "protection_number"
STORED_CHARACTERS = 20_000
"""Of a longer message the beginning is stored; all of it is judged as `normalise` reads it."""

_FLOOD, _FLOOD_WITHIN = 200, timedelta(minutes=10)
_COMPLAINT_WITHIN = timedelta(days=30)
_NUISANCE = "nuisance."


class UnableToReport(BadInput):
    """What is reported is missing."""

    code = "unable_to_report"


class UnableToReportMore(Refused):
    """So many reports a day are no longer those of one person."""

    code = "unable_to_report_more"


class UnableToWithdrawReport(Refused):
    """The report is somebody else's, or was made too long ago."""

    code = "unable_to_withdraw_report"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """What is reported.

    key      idempotency key: the same message reported twice is one report
    number   of the sender or caller, "" where it is not known
    text     of the message, with its links
    subscriber, address  who reports: a pseudonym, else an address that is kept as a blind index
    proven   whether the channel proves that address
    source   blind index of the network address, or the client, that the report came from
    typed_by the colleague who enters it for a caller
    harmed   whether the person has paid, or shared a code or password
    complaint  reference of the complaint it was made from, "" to look for one of the reporter
    """

    key: str
    thing: str
    channel: str
    number: str = ""
    text: str = ""
    subscriber: str = ""
    address: str = ""
    proven: bool = False
    source: str = ""
    typed_by: str = ""
    harmed: bool = False
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class ReportReceipt:
    """A stored report.

    repeated   it was reported before; nothing was stored
    label, kind, score  what the message is; "" and None without words
    complaint  reference of the open complaint of the reporter it was joined to
    step       what the number is subject to now, "" for nothing
    harmed     whether the person said that they paid, or shared a code
    """

    ref: str
    repeated: bool
    label: str
    kind: str
    score: float | None
    complaint: str
    step: str
    harmed: bool


def report(new: NewReport, *, now: datetime) -> ReportReceipt:
    """Store and judge a report, and let follow what the rules say of its number.

    Raises UnableToReport where nothing is reported, UnableToReportMore above the day's limit.
    """
    text = new.text.strip()
    if new.thing not in ReportedThing.values or not (text or new.number.strip()):
        raise UnableToReport(
            _("What is reported is missing."),
            meaning=_("Nothing was stored."),
            next_step=_("Enter the number that called or wrote, or the text of the message."),
        )
    judged = judge_message(text, hosts=hosts_on(timezone.localdate(now))) if text else None
    if judged is not None and judged.doubt:
        # A text that says too little is stored, and its report counts as one without a text.
        judged = None
    try:
        with transaction.atomic():
            return _store(new, text, judged, now)
    except IntegrityError:
        # Another process stored the same message first: this is its repeat.
        with transaction.atomic():
            return _store(new, text, judged, now)


def receipt_of(ref: str) -> ReportReceipt:
    """The receipt of a report that was stored before."""
    return _receipt(NuisanceReport.objects.select_related("number").get(ref=ref), repeated=True)


def withdraw_report(ref: str, *, reporter: str, now: datetime) -> NuisanceReport:
    """Take a report back, as its reporter: it counts nothing from now on."""
    with transaction.atomic():
        row = NuisanceReport.objects.select_for_update().filter(ref=ref, reporter=reporter).first()
        if row is None or row.reported_at < now - UNDO_WITHIN:
            raise UnableToWithdrawReport(
                _("This report cannot be taken back."),
                meaning=_("Nothing was changed."),
                next_step=_(
                    "A report can be withdrawn within seven days, by the person who made it."
                ),
            )
        row.state = ReportState.WITHDRAWN
        row.save(update_fields=["state"])
        if row.number_id:
            locked = ReportedNumber.objects.select_for_update().get(ref=row.number_id)
            count_reports(locked, now=now)
    return row


def reporter_of(*, subscriber: str = "", address: str = "") -> str:
    """Under what a person's reports are counted."""
    return subscriber or (blind_index("protection.reporter", address) if address else "nobody")


def _store(
    new: NewReport, text: str, judged: MessageJudgement | None, now: datetime
) -> ReportReceipt:
    earlier = NuisanceReport.objects.filter(key=new.key).select_related("number").first()
    if earlier is not None:
        return _receipt(earlier, repeated=True)
    reporter = reporter_of(subscriber=new.subscriber, address=new.address)
    _refuse_flood(reporter, now)
    person = subscriber_of(new.subscriber) if new.subscriber else None
    number = _number(new.number, now) if new.number.strip() else None
    ref = random_id("rpt", length=12)
    row = NuisanceReport.objects.create(
        ref=ref,
        key=new.key,
        number=number,
        thing=new.thing,
        text=seal(REPORTS, "text", ref, text[:STORED_CHARACTERS]) if text else b"",
        label=judged.label if judged else "",
        kind=judged.kind if judged else "",
        score=judged.score if judged else None,
        words=[mask_text(part).text for part in judged.words] if judged else [],
        hosts=[[link.host[:200], str(link.kind)] for link in judged.links] if judged else [],
        reporter=reporter,
        proven=new.proven,
        verified=person is not None
        and number is not None
        and was_contacted(number.entry, person.pseudonym, now=now),
        source=new.source,
        typed_by=new.typed_by,
        subscriber=new.subscriber if person else "",
        brand=person.brand if person else "",
        channel=new.channel,
        complaint=new.complaint or (_complaint_of(new.subscriber, now) if person else ""),
        harmed=new.harmed,
        reported_at=now,
    )
    if person is not None and new.harmed:
        rules = delivery_rules(timezone.localdate(now))
        notify_second_contact(person, rules=rules, now=now, harmed=True)
    if person is not None:
        payload: dict[str, str | int] = {
            "report": ref,
            "thing": str(new.thing),
            "label": row.label or "none",
            "channel": new.channel,
        }
        append(
            [
                Fact(
                    kind="MessageReported",
                    subscriber=person.pseudonym,
                    subject=ref,
                    happened_at=now,
                    source="protection",
                    payload=payload,
                )
            ],
            now=now,
        )
    if number is not None:
        if number.reports.filter(reported_at__gt=now - _FLOOD_WITHIN).count() > _FLOOD:
            # Under an attack each count would read thousands of reports: `recount` follows.
            number.save(update_fields=["last_reported_at"])
        else:
            count_reports(number, now=now)
        row.refresh_from_db(fields=["state"])
    return _receipt(row, repeated=False)


def _receipt(row: NuisanceReport, *, repeated: bool) -> ReportReceipt:
    return ReportReceipt(
        ref=row.ref,
        repeated=repeated,
        label=row.label,
        kind=row.kind,
        score=row.score,
        complaint=row.complaint,
        step=row.number.step if row.number else "",
        harmed=row.harmed,
    )


def _number(number: str, now: datetime) -> ReportedNumber:
    """The row of a number, locked: reports of one number are counted one after the other."""
    entry = entry_of(number)
    row = ReportedNumber.objects.select_for_update().filter(entry=entry).first()
    if row is None:
        ref = random_id("num", length=12)
        row = ReportedNumber.objects.create(
            ref=ref,
            entry=entry,
            number=seal(NUMBERS, "number", ref, spelled(number)),
            last_reported_at=now,
        )
    row.last_reported_at = now
    return row


def _refuse_flood(reporter: str, now: datetime) -> None:
    daily_limit = consequence_rules(timezone.localdate(now)).weights["most_a_day"]
    day = NuisanceReport.objects.filter(reporter=reporter, reported_at__gt=now - timedelta(days=1))
    if day.count() >= daily_limit and reporter != "nobody":
        raise UnableToReportMore(
            _("You have reported as many as one person may within a day: %(most)s."),
            meaning=_("Nothing more was stored."),
            next_step=_("Go on tomorrow."),
            values={"most": int(daily_limit)},
        )


def _complaint_of(subscriber: str, now: datetime) -> str:
    """The newest complaint of the person about nuisance, of the last thirty days."""
    facts = facts_about(subscriber, kinds=("ComplaintReceived",), start=now - _COMPLAINT_WITHIN)
    about = [fact for fact in facts if str(fact.payload["code"]).startswith(_NUISANCE)]
    return str(about[-1].payload["complaint"]) if about else ""
