"""The deadline rules (SLA) of a pack, row by row: which rules apply, and the moment each gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from amends.engines.classification.taxonomy import taxonomy
from amends.platform.kit.calendars import WorkingDays, working_days
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.packs import Pack, RuleFile, Verified, jurisdictions, pack, rules_in_force
from amends.platform.kit.terms import Counting, Ending, Term, ending

KINDS: Mapping[str, tuple[str, str]] = {
    "": ("不限", "any matter"),
    "billing": ("资费与账单", "billing"),
    "outage": ("断网", "outage"),
    "fault": ("故障", "fault"),
    "speed": ("网速", "speed"),
    "install": ("装移机", "installation or move"),
    "port": ("携号转网", "number porting"),
    "cancel": ("退订销户", "cancelling"),
    "privacy": ("个人信息", "personal data"),
    "spam": ("骚扰信息", "spam"),
    "platform": ("互联网信息服务", "internet information service"),
}
"""What a complaint may be about, as far as clocks differ by it."""

EVENTS: Mapping[str, tuple[str, str]] = {
    "received": ("收到投诉", "the complaint is received"),
    "accepted": ("用户同意方案", "the user accepts the proposal"),
    "resolved": ("投诉处理完毕", "the complaint is resolved"),
    "paid": ("缴清费用", "the arrears are paid"),
    "appeal": ("监管机构收到申诉", "the authority receives the appeal"),
    "appeal_complete": ("申诉材料齐备", "the appeal's material is complete"),
    "appeal_forwarded": ("申诉转到企业", "the appeal is forwarded to the operator"),
    "agreed_date": ("约定的日期", "the agreed date"),
    "service_closed": ("销户", "the service is closed"),
}
"""What starts a clock."""


REPAIR = "repair"
"""The step of the clock that no state of a complaint meets, but the repair itself."""

ANSWER_REGULATOR = "answer_regulator"
"""The step of the clock that our file to the regulator meets."""

ANSWER = "resolve"
"""The step of the clock that what we decided meets, told to the user."""

ADR_LETTER = "adr_letter"
"""The step of the clock that the letter on dispute resolution meets."""

STEPS: Mapping[str, tuple[str, str]] = {
    "acknowledge": ("确认收到", "acknowledge"),
    "act": ("采取措施", "act on the report"),
    ANSWER: ("答复或解决", "answer or resolve"),
    REPAIR: ("修复", "repair"),
    "restore": ("恢复服务", "restore service"),
    "implement": ("落实处理结果", "carry out the remedy"),
    "pick_up": ("上门收取设备", "fetch the equipment"),
    "port": ("完成携号转网", "port the number"),
    "close_service": ("办结销户", "close the service"),
    "refund_deposit": ("退还押金", "repay the deposit"),
    ADR_LETTER: ("发出争议解决告知书", "send the letter on dispute resolution"),
    ANSWER_REGULATOR: ("答复监管机构", "answer the regulator"),
    "appeal_admission": ("监管机构决定是否受理", "the authority admits or refuses the appeal"),
    "appeal_answer": ("监管机构答复", "the authority answers the appeal"),
}
"""What a clock is for."""


class UnableToCountDeadlines(BadInput):
    """The question cannot be answered as it is put."""


class UnableToKnowLimits(UnableToCountDeadlines):
    """The rules of that day are not in this installation."""


@dataclass(frozen=True, slots=True)
class Due:
    """One clock: what must be done by when, under which rule.

    `binding` is true for the shortest clock of its step; the others are shown beside it.
    `rule` is the version in force, `effective_from` the day this rule began to read so.
    `due_at` is aware, in the zone of the pack; a term of days ends at 23:59:59 of its last day.
    `pauses` and `extension_days` are what the rule allows; no rule in the shipped packs has either.
    """

    step: str
    due_at: datetime
    counting: str
    counting_zh: str
    source: str
    rule: str
    rule_id: str
    effective_from: date
    verified: Verified
    zh: str
    en: str
    note_zh: str
    note_en: str
    binding: bool
    who: str = "operator"
    starts: str = "received"
    pauses: tuple[str, ...] = ()
    extension_days: int = 0


@dataclass(frozen=True, slots=True)
class RuleStatement:
    """What a rule says without a number of days, or which complaints it calls urgent.

    excepts  what it does not hold for, e.g. `natural_disaster`
    """

    id: str
    zh: str
    en: str
    source: str
    verified: Verified
    rule: str
    excepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What decides which rules apply, apart from the moment."""

    jurisdiction: str
    region: str
    urgent: bool
    kind: str
    rural: bool | None
    on: date


@dataclass(frozen=True, slots=True)
class ClockPlan:
    """The rules that apply to a question; `daily` if only the day of the moment matters."""

    rows: tuple[tuple[RuleFile, dict[str, Any]], ...]
    pack: Pack
    working: WorkingDays
    daily: bool


def rule_sets(*, jurisdiction: str, on: date, province: str = "") -> tuple[RuleFile, ...]:
    """The versions that applied on the day `on`: national first, provincial overlay second.

    >>> [f.version for f in rule_sets(jurisdiction="cn", province="41", on=date(2020, 12, 31))]
    ['deadlines-cn@2016-07-30']
    """
    pack_code, _ = placed(jurisdiction, province)
    files_in_force = rules_in_force(pack_code, "decisions", "deadlines", on)
    if not files_in_force:
        raise UnableToKnowLimits(
            gettext_noop("No time limits of %(place)s are known for %(day)s."),
            meaning=gettext_noop("What applied on that day is not in this installation."),
            next_step=gettext_noop("Choose a later day, or add a dated rule file (docs/packs.md)."),
            values={"place": pack_code, "day": on},
        )
    return files_in_force


@cache
def kind_of(kind: str) -> str:
    """The kind of a taxonomy code, or the kind itself.

    >>> kind_of("network.outage"), kind_of("billing"), kind_of("service.support")
    ('outage', 'billing', '')
    """
    if kind in KINDS:
        return kind
    code = taxonomy().codes.get(kind)
    if code is None:
        raise UnableToCountDeadlines(
            gettext_noop("“%(kind)s” is not a kind of complaint."),
            next_step=gettext_noop("Use a code of the taxonomy, or %(known)s."),
            values={"kind": kind, "known": ", ".join(filter(None, KINDS))},
        )
    return code.kind


@lru_cache(maxsize=4096)
def is_provincial(rule: str, jurisdiction: str) -> bool:
    """Whether the version of a deadline's rule is of a province of `jurisdiction`.

    >>> is_provincial("deadlines-cn-41@2021-01-01", "cn"), is_provincial("deadlines-cn@2016", "cn")
    (True, False)
    """
    return rule.startswith(f"deadlines-{jurisdiction}-")


def placed(jurisdiction: str, province: str) -> tuple[str, str]:
    """The pack that applies and the region of its calendar.

    >>> placed("cn", "410000"), placed("cn", "44"), placed("au-NSW", "")
    (('cn-41', ''), ('cn', ''), ('au', 'NSW'))
    """
    if jurisdiction in jurisdictions():
        overlay = f"{jurisdiction}-{province[:2]}"
        if province and overlay in jurisdictions():
            return overlay, ""
        return jurisdiction, "" if jurisdiction.startswith("cn") else province.upper()
    head, _, tail = jurisdiction.partition("-")
    if head in jurisdictions() and tail:
        return placed(head, tail)
    raise UnableToCountDeadlines(
        gettext_noop("There is no pack “%(jurisdiction)s”."),
        next_step=gettext_noop("Choose one of %(known)s."),
        values={"jurisdiction": jurisdiction, "known": ", ".join(jurisdictions())},
    )


@lru_cache(maxsize=64)
def pack_zone(jurisdiction: str) -> str:
    """The IANA name of a pack's zone.

    >>> pack_zone("in")
    'Asia/Kolkata'
    """
    return pack(placed(jurisdiction, "")[0], date.max).zone


@lru_cache(maxsize=64)
def pack_currency(jurisdiction: str) -> str:
    """The currency of a pack.

    >>> pack_currency("uk"), pack_currency("cn-41")
    ('GBP', 'CNY')
    """
    return pack(placed(jurisdiction, "")[0], date.max).currency


@lru_cache(maxsize=256)
def named_zone(name: str) -> ZoneInfo:
    """The zone of that IANA name, or UnableToCountDeadlines."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnableToCountDeadlines(
            gettext_noop("“%(name)s” is not a time zone."),
            next_step=gettext_noop("Use a name such as Asia/Shanghai."),
            values={"name": name},
        ) from error


@lru_cache(maxsize=65536)
def plan_of(question: Question) -> ClockPlan:
    """The rules that apply to `question`."""
    files = rule_sets(jurisdiction=question.jurisdiction, on=question.on)
    rows = tuple((f, row) for f in files for row in f.rules if _applies(row, question))
    return ClockPlan(
        rows=rows,
        pack=pack(question.jurisdiction, question.on),
        working=working_days(question.jurisdiction.partition("-")[0], question.region),
        daily=not any(_needs_the_hour(row) for _, row in rows),
    )


def _needs_the_hour(row: Mapping[str, Any]) -> bool:
    """Whether more than the day of receipt decides when the clock ends."""
    if row.get("starts", "received") != "received":
        return False
    return row["unit"] == "hours" or "received_by" in row


def _applies(row: Mapping[str, Any], question: Question) -> bool:
    if not row.get("from", date.min) <= question.on <= row.get("to", date.max):
        return False
    if row.get("urgent", False) and not question.urgent:
        return False
    kinds = row.get("kinds", ())
    if (kinds and question.kind not in kinds) or question.kind in row.get("except_kinds", ()):
        return False
    if question.rural is None or "area" not in row:
        return True
    return bool((row["area"] == "rural") is question.rural)


def dues(plan: ClockPlan, moments: Mapping[str, datetime], zone: tzinfo) -> list[Due]:
    """The clocks of `plan` that have started, soonest first, the shortest of each step binding."""
    due_list = [
        _due(file, row, plan, moments[row.get("starts", "received")], zone)
        for file, row in plan.rows
        if row.get("starts", "received") in moments
    ]
    due_list.sort(key=lambda due_step: due_step.due_at)
    seen: set[str] = set()
    for index, due_step in enumerate(due_list):
        if due_step.step in seen:
            due_list[index] = replace(due_step, binding=False)
        seen.add(due_step.step)
    return due_list


def _due(
    file: RuleFile, row: Mapping[str, Any], plan: ClockPlan, start: datetime, zone: tzinfo
) -> Due:
    law = plan.pack.data["counting"]
    end = ending(
        term_of(row), start, zone=zone, working=plan.working, counting=counting_of(row, law)
    )
    moving, certain = _moving(row, end, law, plan.pack.on)
    own = [(row["note_zh"], row["note_en"])] if "note_en" in row else []
    notes = [*own, *moving, *end.doubts]
    return Due(
        step=row["step"],
        due_at=end.at,
        counting=term_of(row).en,
        counting_zh=term_of(row).zh,
        source=row["source"],
        rule=file.version,
        rule_id=row["id"],
        effective_from=row.get("from", row["since"]),
        verified=row["verified"] if certain and not end.doubts else False,
        zh=row["zh"],
        en=row["en"],
        note_zh="".join(zh for zh, _ in notes),
        note_en=" ".join(en for _, en in notes),
        binding=True,
        who=row.get("who", "operator"),
        starts=row.get("starts", "received"),
        pauses=tuple(row.get("pauses", ())),
        extension_days=row.get("extension_days", 0),
    )


def _moving(
    row: Mapping[str, Any], end: Ending, law: Mapping[str, Any], on: date
) -> tuple[list[tuple[str, str]], bool]:
    """Why a day off moved the end, and whether a rule that was read says so."""
    if not end.moved:
        return [], True
    if on < law.get("holds_from", date.min):
        return [(law["before_note_zh"], law["before_note_en"])], False
    notes = [(law["note_zh"], law["note_en"])]
    if row.get("who") == "authority" and "authority_note_en" in law:
        return [*notes, (law["authority_note_zh"], law["authority_note_en"])], False
    return notes, True


def term_of(row: Mapping[str, Any]) -> Term:
    """How long the row gives."""
    return Term(row["amount"], row["unit"])


def counting_of(row: Mapping[str, Any], law: Mapping[str, Any]) -> Counting:
    """How the row counts; what it does not say it takes from the pack."""
    counting = {**law, **row}
    return Counting(
        start_day_counted=counting["start_day_counted"],
        carry_over=counting["carry_over"],
        closes=_clock_time(counting.get("closes")),
        received_by=_clock_time(counting.get("received_by")),
    )


def _clock_time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
