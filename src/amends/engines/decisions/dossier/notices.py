"""Was the notice due sent, delivered and in time; and what was charged without it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from amends.engines.decisions.dossier.account import RECURRING, AccountCharge, Seen
from amends.engines.decisions.dossier.sheet import Both, DossierSheet, Gaps, Values
from amends.engines.decisions.evidence import FactLike

_MINUTE_MS = 60_000
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS

CAP, LIMIT, RENEWAL = "roaming_cap", "limit_reached", "renewal"
_QUESTIONS = {CAP: "cap_notice", LIMIT: "limit_notice", RENEWAL: "renewal_notice"}
_RECEIPTS = ("NoticeDelivered", "NoticeFailed")
_MONEY = {CAP: "beyond_cap", LIMIT: "limit_untold", RENEWAL: "renewal_untold"}


@dataclass(slots=True)
class NoticeInQuestion:
    """One notice that was due, and what became of it; `name` is the duty as it is called here."""

    due_ms: int
    fact: FactLike
    name: str
    key: str
    service: str
    sent: list[Seen] = field(default_factory=list)
    delivered: list[Seen] = field(default_factory=list)
    failed: list[Seen] = field(default_factory=list)

    @property
    def notified_ms(self) -> int | None:
        """When it first reached the user, or None."""
        return self.delivered[0][0] if self.delivered else None

    @property
    def facts(self) -> tuple[str, ...]:
        """Ids of all facts of this notice."""
        later = (*self.sent, *self.delivered, *self.failed)
        return (self.fact.id, *(fact.id for _, fact in later))


def cap_notice(sheet: DossierSheet) -> None:
    """One row a notice due before the roaming cap is passed."""
    _ask(sheet, CAP)


def limit_notice(sheet: DossierSheet) -> None:
    """One row a notice due when the allowance is used up."""
    _ask(sheet, LIMIT)


def renewal_notice(sheet: DossierSheet) -> None:
    """One row a notice due before a contract or a subscription renews itself."""
    _ask(sheet, RENEWAL)


def notice_given(sheet: DossierSheet) -> None:
    """One row each other notice due in the period; if none was due, one row that says so."""
    notices = _notices(sheet)
    for notice in notices:
        if notice.name not in _QUESTIONS:
            _judge(sheet, "notice_given", notice)
    if not notices:
        period = sheet.window
        sheet.silence(
            "notice_given", "notice.none_due", kinds=("NoticeDue",), period=period, source="auditor"
        )


def _ask(sheet: DossierSheet, name: str) -> None:
    for notice in _notices(sheet):
        if notice.name == name:
            _judge(sheet, _QUESTIONS[name], notice)


def _notices(sheet: DossierSheet) -> list[NoticeInQuestion]:
    """The notices due to the complainant's services within the period, earliest first."""
    account = sheet.account
    notices: dict[str, NoticeInQuestion] = {}
    for at_ms, fact in account.of("NoticeDue"):
        due_ms = int(fact.payload.get("due_at_ms", at_ms))
        mine = fact.subject in account.services
        if mine and account.window_ms <= due_ms <= account.until_ms:
            key = str(fact.payload["key"])
            notices.setdefault(
                key,
                NoticeInQuestion(
                    due_ms=due_ms, fact=fact, name=_name(sheet, fact), key=key, service=fact.subject
                ),
            )
    for kind, name in (
        ("NoticeSent", "sent"),
        ("NoticeDelivered", "delivered"),
        ("NoticeFailed", "failed"),
    ):
        for seen in account.of(kind):
            notice = notices.get(str(seen[1].payload["key"]))
            if notice is not None:
                getattr(notice, name).append(seen)
    return sorted(notices.values(), key=lambda each: each.due_ms)


def _name(sheet: DossierSheet, fact: FactLike) -> str:
    return sheet.data.duty_name(str(fact.payload["duty"]))


def _judge(sheet: DossierSheet, question: str, notice: NoticeInQuestion) -> None:
    texts = sheet.texts
    late_ms = notice.due_ms + _tolerance_ms(sheet, notice.name)
    values: Values = {
        "duty": texts.word("duty", notice.name),
        "due": texts.when(notice.due_ms),
    }
    if notice.notified_ms is not None and notice.notified_ms <= late_ms:
        channel = str(notice.delivered[0][1].payload["channel"])
        sentence = texts.say(
            "notice.yes",
            when=texts.when(notice.notified_ms),
            channel=texts.word("channel", channel),
            **values,
        )
        _row(sheet, question, notice, "yes", sentence)
        return
    charges = _unwarned(sheet, notice)
    coverage: tuple[str, ...] = ()
    if notice.notified_ms is not None:
        sentence = texts.say("notice.late", when=texts.when(notice.notified_ms), **values)
    elif notice.failed:
        at_ms, fact = notice.failed[-1]
        sentence = texts.say(
            "notice.failed",
            when=texts.when(at_ms),
            channel=texts.word("channel", str(fact.payload["channel"])),
            **values,
        )
    elif notice.sent:
        if not _receipt_is_missing(sheet, question, notice, values):
            return
        sentence = texts.say("notice.no_receipt", when=texts.when(notice.sent[0][0]), **values)
        coverage = sheet.account.stated(_RECEIPTS, *_receipt_wait(sheet, notice))
    else:
        _never_sent(sheet, question, notice, charges, values)
        return
    _row(sheet, question, notice, "no", sentence, coverage)
    _grounds(sheet, question, notice, charges)


def _row(
    sheet: DossierSheet,
    question: str,
    notice: NoticeInQuestion,
    answer: str,
    sentence: Both,
    coverage: Iterable[str] = (),
) -> None:
    end = notice.notified_ms or notice.due_ms
    sheet.row(
        question,
        "yes" if answer == "yes" else "no",
        sentence,
        about=notice.key,
        service=notice.service,
        facts=notice.facts,
        period=(min(notice.due_ms, end), max(notice.due_ms, end)),
        coverage=coverage,
    )


def _tolerance_ms(sheet: DossierSheet, name: str) -> int:
    numbers = sheet.data.numbers
    minutes = numbers.get(f"notice_late_minutes_{name}", numbers["notice_late_minutes"])
    return minutes * _MINUTE_MS


def _receipt_is_missing(
    sheet: DossierSheet, question: str, notice: NoticeInQuestion, values: Values
) -> bool:
    """Sent, and no word of its arrival: only after the wait for receipts does silence count."""
    sent_ms, end = _receipt_wait(sheet, notice)
    gaps: Gaps = sheet.account.gaps(_RECEIPTS, sent_ms, end)
    if not gaps and end <= sheet.account.until_ms:
        return True
    sentence = sheet.texts.say("notice.receipt_pending", when=sheet.texts.when(sent_ms), **values)
    sheet.row(
        question,
        "not_covered",
        sentence,
        about=notice.key,
        service=notice.service,
        facts=notice.facts,
        period=(sent_ms, end),
        gaps=gaps or [(sheet.account.until_ms, end)],
        coverage=sheet.account.stated(_RECEIPTS, sent_ms, end),
    )
    return False


def _receipt_wait(sheet: DossierSheet, notice: NoticeInQuestion) -> tuple[int, int]:
    """From the sending to the end of the wait for a receipt."""
    sent_ms = notice.sent[0][0]
    return sent_ms, sent_ms + sheet.number("receipt_wait_hours") * _HOUR_MS


def _never_sent(
    sheet: DossierSheet,
    question: str,
    notice: NoticeInQuestion,
    charges: list[tuple[AccountCharge, int]],
    values: Values,
) -> None:
    start = notice.due_ms - sheet.number("notice_ahead_hours") * _HOUR_MS
    last = charges[-1][0].at_ms if charges else notice.due_ms
    end = max(last, notice.due_ms + _tolerance_ms(sheet, notice.name)) + 1
    covered = sheet.silence(
        question,
        "notice",
        kinds=("NoticeSent", "NoticeDelivered"),
        period=(start, end),
        about=notice.key,
        service=notice.service,
        facts=notice.facts,
        values=values,
    )
    if covered:
        _grounds(sheet, question, notice, charges)


def _grounds(
    sheet: DossierSheet,
    question: str,
    notice: NoticeInQuestion,
    charges: list[tuple[AccountCharge, int]],
) -> None:
    for charge, excess in charges:
        sheet.ground(
            _MONEY[notice.name],
            question,
            charge,
            about=notice.key,
            facts=notice.facts,
            event_at_ms=notice.due_ms,
            excess_minor=excess,
        )


def _unwarned(sheet: DossierSheet, notice: NoticeInQuestion) -> list[tuple[AccountCharge, int]]:
    """The charges the notice would have warned of, and how much of each it is answerable for."""
    if notice.name == CAP:
        return _beyond_cap(sheet, notice)
    kinds = {LIMIT: frozenset(("overage",)), RENEWAL: RECURRING}.get(notice.name)
    if kinds is None:
        return []
    end = _end_of_effect(sheet, notice)
    return [
        (charge, charge.amount_minor)
        for charge in sheet.account.services[notice.service].charges
        if charge.kind in kinds and notice.due_ms <= (charge.start_ms or charge.at_ms) < end
    ]


def _end_of_effect(sheet: DossierSheet, notice: NoticeInQuestion) -> int:
    """Until it was told after all, the same duty fell due again, or its month was over."""
    due_again = [
        int(fact.payload.get("due_at_ms", at_ms))
        for at_ms, fact in sheet.account.of("NoticeDue")
        if fact.subject == notice.service and _name(sheet, fact) == notice.name
    ]
    later = [due_ms for due_ms in due_again if due_ms > notice.due_ms]
    end = notice.due_ms + sheet.number("cap_period_days") * _DAY_MS
    if notice.notified_ms is not None:
        end = min(end, max(notice.notified_ms, notice.due_ms))
    return min([end, *later])


def _beyond_cap(sheet: DossierSheet, notice: NoticeInQuestion) -> list[tuple[AccountCharge, int]]:
    """What was charged after the notice fell due, as far as the spending was above the cap.

    The notice falls due when the cap is used up, so what comes later is above it; charges that
    billing states late are held against the cap first.
    """
    cap = int(notice.fact.payload.get("threshold_minor", 0))
    start = notice.due_ms - sheet.number("cap_period_days") * _DAY_MS
    end = _end_of_effect(sheet, notice)
    roaming = [
        charge
        for charge in sheet.account.services[notice.service].charges
        if charge.kind == "roaming_data" and start <= charge.at_ms < end
    ]
    spent, beyond_charges = 0, []
    for charge in roaming:
        spent += charge.amount_minor
        beyond = min(charge.amount_minor, max(0, spent - cap))
        if charge.at_ms >= notice.due_ms and beyond:
            beyond_charges.append((charge, beyond))
    return beyond_charges
