"""Turn notices that are due into messages: language, channel and quiet hours are decided here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from amends.causes.notices.actions.hold import keyword_of
from amends.causes.notices.actions.record_sandbox_gap import record_sandbox_gap
from amends.causes.notices.actions.text_values import TextTerms, completed, terms_of
from amends.causes.notices.models import Notice, NoticeMessage
from amends.causes.notices.queries import Choice, choices_of
from amends.causes.notices.rules.channels import addresses, next_channel
from amends.causes.notices.rules.texts import UnableToWriteNotice, WrittenNotice, words, write
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries import sends
from amends.channels.queries.capabilities import parts_of, reaching
from amends.engines.duties.book import DutyBook, book
from amends.engines.duties.duty import Duty
from amends.engines.duties.quiet_hours import next_sending
from amends.people.access.actions.reach import Reachable, reach_many
from amends.people.subscribers.queries import SubscriberView, subscribers
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import system
from amends.platform.kit.packs import day_in
from amends.platform.kit.periods import to_ms

State = Notice.State
_WRITTEN = ("state", "reason", "next_at_ms", "tried")
_GONE = {"left", "erased"}


@dataclass(frozen=True, slots=True)
class _Case:
    """One notice with all that decides how it is sent."""

    notice: Notice
    rules: DutyBook
    duty: Duty
    person: SubscriberView
    choice: Choice


@dataclass(frozen=True, slots=True)
class _Ready:
    case: _Case
    channel: str
    recipient: str
    text: WrittenNotice


def send_notices(*, now: datetime, limit: int = 100) -> dict[str, int]:
    """Post the notices whose time has come; how many went which way.

    A notice that waits for the end of quiet hours, was declined, or lacks what its text must say
    is counted as that. Any number of these may run at once: a message is posted under its key.
    """
    with transaction.atomic():
        rows = _claimed(to_ms(now), limit)
        if not rows:
            return {}
        cases = _cases(rows, now)
        wanted = [case for case in cases if case.notice.state == State.DUE]
        contacts = _reached(wanted, now)
        terms = terms_of(contacts, now=now)
        ready = [
            ready_notice for case in wanted if (ready_notice := _ready(case, contacts, terms, now))
        ]
        _post(ready, now)
        update(rows, _WRITTEN)
    return dict(Counter(_went(row, now) for row in rows))


def _claimed(now_ms: int, limit: int) -> list[Notice]:
    """Rows that are due, those held against another sender passed by."""
    rows = Notice.objects.filter(state=State.DUE, next_at_ms__lte=now_ms)
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    return list(rows.order_by("next_at_ms", "id")[:limit])


def _cases(rows: Sequence[Notice], now: datetime) -> list[_Case]:
    """The rows with their duty, person and choices; one that cannot be sent says why."""
    people = subscribers(row.subscriber for row in rows)
    chosen = choices_of({row.subscriber for row in rows})
    cases = []
    for row in rows:
        rules = book(row.pack, date.fromisoformat(row.version))
        duty, person = rules.find(row.duty), people.get(row.subscriber)
        if person is None or person.status in _GONE:
            _set(row, State.CANCELLED, "the subscriber has left")
        elif duty is None:
            _set(row, State.INCOMPLETE, f"no duty {row.duty} in {row.pack}@{row.version}")
        else:
            choice = chosen.of(row.subscriber, row.service, row.duty)
            cases.append(_Case(notice=row, rules=rules, duty=duty, person=person, choice=choice))
            _hold_back(cases[-1], now)
    return cases


def _hold_back(case: _Case, now: datetime) -> None:
    """Declined, or to wait for the end of quiet hours."""
    if case.duty.opt_out and case.choice.declined:
        _set(case.notice, State.DECLINED, "declined by the user")
    elif not case.duty.bypass_quiet:
        at = next_sending(now, case.rules.quiet, ZoneInfo(case.person.zone))
        case.notice.next_at_ms = max(case.notice.next_at_ms, to_ms(at))


def _reached(cases: Sequence[_Case], now: datetime) -> dict[str, Reachable]:
    """The contacts on record of everybody notified now."""
    now_ms = to_ms(now)
    about = {
        case.notice.subscriber: case.notice.key
        for case in cases
        if case.notice.next_at_ms <= now_ms
    }
    if not about:
        return {}
    return reach_many(system("notices"), about, reason=gettext_noop("a notice due to you"), now=now)


def _ready(
    case: _Case, contacts: Mapping[str, Reachable], terms: TextTerms, now: datetime
) -> _Ready | None:
    """The message of a notice, or None with the reason on its row."""
    row = case.notice
    if row.next_at_ms > to_ms(now):
        return None
    contact = contacts.get(row.subscriber)
    reachable_by = _there(contact)
    channel = next_channel(
        case.duty.channels,
        chosen=case.choice.channel,
        tried=row.tried.split(),
        reachable=reachable_by,
    )
    if not channel:
        tried = bool(row.tried)
        _set(
            row,
            State.FAILED if tried else State.INCOMPLETE,
            "no other channel is left" if tried else "no contact on record",
        )
        return None
    try:
        text = _written(case, terms, now)
    except UnableToWriteNotice as why:
        _set(row, State.INCOMPLETE, f"lacks {why.where}")
        return None
    return _Ready(case=case, channel=channel, recipient=reachable_by[channel], text=text)


def _there(contact: Reachable | None) -> dict[str, str]:
    """Where a person is reached: by letter and call too, where they are switched on."""
    if contact is None:
        return {}
    return addresses(contact.phone, contact.email, reaching=reaching())


def _written(case: _Case, terms: TextTerms, now: datetime) -> WrittenNotice:
    """The words of a notice: what was detected, completed by the terms of now."""
    row, duty = case.notice, case.duty
    step = duty.step(row.step or "once")
    figures = completed(
        json.loads(row.figures), duty=duty, step=step, service=row.service, terms=terms
    )
    if row.action == Notice.Action.HOLD and (keyword := keyword_of(row.key)):
        figures["keyword"] = keyword
    return write(
        duty,
        step,
        figures,
        language=case.choice.language or case.person.language,
        zone=case.person.zone,
        currency=duty.currency or case.rules.currency,
        notice_text=words(day_in(case.rules.jurisdiction, now)),
    )


def _post(ready: Sequence[_Ready], now: datetime) -> None:
    """Messages, their tellings, and the state of their notices."""
    rows = post_many([_outgoing(ready_notice) for ready_notice in ready], now=now)
    now_ms = to_ms(now)
    messages = []
    for ready_notice, message in zip(ready, rows, strict=True):
        notice = ready_notice.case.notice
        _set(notice, State.POSTED, "")
        messages.append(
            NoticeMessage(
                notice_id=notice.pk,
                channel=ready_notice.channel,
                language=ready_notice.text.language,
                message=message.id,
                text_version=ready_notice.text.version,
                posted_at_ms=now_ms,
                parts=parts_of(ready_notice.channel, ready_notice.text.body),
            )
        )
    create(messages, or_leave=True)
    held_dues = [
        ready_notice.case.notice.due_at_ms
        for ready_notice in ready
        if not sends(ready_notice.channel)
    ]
    if held_dues:
        record_sandbox_gap(min(held_dues), now=now)


def _outgoing(ready_notice: _Ready) -> Outgoing:
    notice = ready_notice.case.notice
    attempt = notice.tried.split().count(ready_notice.channel)
    return Outgoing(
        key=f"notice:{notice.key}:{ready_notice.channel}:{attempt}",
        channel=ready_notice.channel,
        recipient=ready_notice.recipient,
        subject=ready_notice.text.subject,
        body=ready_notice.text.body,
        language=ready_notice.text.language,
        reference=notice.key,
        duty=notice.duty,
        duty_key=notice.key,
        duty_step=notice.step,
        subscriber=notice.subscriber,
        service=notice.service,
        when_unknown="resend" if ready_notice.case.duty.if_unknown == "resend" else "ask",
    )


def _set(row: Notice, state: str, reason: str) -> None:
    row.state, row.reason = state, reason[:200]


def _went(row: Notice, now: datetime) -> str:
    return "waiting" if row.state == State.DUE and row.next_at_ms > to_ms(now) else str(row.state)
