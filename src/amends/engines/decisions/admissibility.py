"""Whether the regulator will take a complaint, from when until when, and which regulator it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from amends.engines.decisions.clocks import counting_of, named_zone, pack_zone, placed, term_of
from amends.platform.kit.calendars import WorkingDays, working_days
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.packs import RuleFile, Verified, pack, rules_in_force
from amends.platform.kit.terms import ending, shifted

_SECOND = timedelta(seconds=1)


class UnableToJudgeAdmissibility(BadInput):
    """The question lacks what the rule asks for."""


@dataclass(frozen=True, slots=True)
class AppealMatter:
    """What is known of a complaint that may go to the regulator; None means not known.

    `complained_at` and `answered_at`: to and by the operator. `event_at`: what the dispute is
    about. `letter_at`: the deadlock letter. `charge_dispute`: whether it is about a charge.
    """

    complained_at: datetime | None
    event_at: datetime | None = None
    answered_at: datetime | None = None
    letter_at: datetime | None = None
    charge_dispute: bool = False
    settled: bool = False
    already_handled: bool = False
    elsewhere: bool = False
    direct_interest: bool = True
    small_customer: bool | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the rule: met, not met, or None where nobody knows; and its window."""

    rule_id: str
    holds: bool | None
    zh: str
    en: str
    note_zh: str
    note_en: str
    source: str
    verified: Verified
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Admissibility:
    """The answer: `admissible`, `not_yet`, `too_late`, `inadmissible` or `unknown`.

    `opens_at` and `closes_at` bound the time in which the regulator takes it, as far as known.
    """

    verdict: str
    conditions: tuple[Condition, ...]
    opens_at: datetime | None
    closes_at: datetime | None
    rule: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Regulator:
    """Who takes the complaint after the operator. What the pack does not know it says.

    en  as it stands within a sentence: "the Telecommunications Industry Ombudsman"
    """

    zh: str
    en: str
    channel_zh: str
    channel_en: str
    contact_zh: str
    contact_en: str
    when_zh: str
    when_en: str
    source: str
    verified: Verified
    contact_source: str = ""


@dataclass(frozen=True, slots=True)
class _Setting:
    matter: AppealMatter
    asked_at: datetime
    zone: tzinfo
    working: WorkingDays
    law: Mapping[str, Any]


_WORDS: Mapping[str, tuple[str, str]] = {
    "admissible": ("可以提交监管机构。", "It can go to the regulator."),
    "not_yet": ("现在提交还早。", "It is too early."),
    "too_late": ("已超过提交的期限。", "The time for it has passed."),
    "inadmissible": ("不符合受理条件。", "A condition is not met."),
    "unknown": ("资料或规则不足，由人判断。", "Too little is known; a person must decide."),
}


def admissibility(
    *,
    jurisdiction: str,
    matter: AppealMatter,
    asked_at: datetime,
    province: str = "",
    zone: str | tzinfo | None = None,
) -> Admissibility:
    """Whether the regulator would take `matter` if it were handed in at `asked_at` (aware).

    China: Order 35, articles 10 and 11, on the day of the appeal. United Kingdom: the rule of the
    day first raised. Where a pack has no rule the answer is `unknown`, never yes.

    >>> from datetime import UTC
    >>> day = lambda month, number: datetime(2026, month, number, 2, tzinfo=UTC)
    >>> waiting = AppealMatter(complained_at=day(4, 9), event_at=day(3, 1), charge_dispute=True)
    >>> early = admissibility(jurisdiction="cn", matter=waiting, asked_at=day(4, 20))
    >>> early.verdict, early.opens_at.isoformat(), early.closes_at.isoformat()
    ('not_yet', '2026-04-25T00:00:00+08:00', '2026-08-01T23:59:59+08:00')
    >>> admissibility(jurisdiction="cn", matter=waiting, asked_at=day(4, 25)).verdict
    'admissible'
    """
    pack_code, region = placed(jurisdiction, province)
    local = zone if isinstance(zone, tzinfo) else named_zone(zone or pack_zone(pack_code))
    for moment in (asked_at, matter.complained_at, matter.event_at, matter.letter_at):
        if moment is not None and moment.tzinfo is None:
            raise UnableToJudgeAdmissibility(gettext_noop("Every moment needs a time zone."))
    file, day = _governing(pack_code, matter, asked_at, local)
    if file is None:
        return _answer("unknown", (), "")
    setting = _Setting(
        matter=matter,
        asked_at=asked_at,
        zone=local,
        working=working_days(pack_code.partition("-")[0], region),
        law=pack(pack_code, day).data["counting"],
    )
    rows = (
        row for row in file.rules if row.get("from", date.min) <= day <= row.get("to", date.max)
    )
    checks = tuple(_CHECKS[row["check"]](row, setting) for row in rows if _concerns(row, matter))
    return _answer(_verdict(checks, asked_at), checks, file.version)


def regulator(jurisdiction: str, province: str = "") -> Regulator:
    """Who takes the complaint: in China the respondent's province, else the ministry's centre.

    >>> regulator("cn", "41").zh, regulator("cn").zh
    ('河南省通信管理局', '工业和信息化部电信用户申诉受理中心')
    """
    pack_code, _ = placed(jurisdiction, province)
    data = pack(pack_code, date.max).data
    regulator_data = dict(data["regulator"])
    code = province[:2] or pack_code.partition("-")[2]
    if code in data.get("provinces", {}):
        zh, en = data["provinces"][code]
        local = data["provincial_regulator"]
        regulator_data |= {**local, "zh": local["zh"].format(province=zh)}
        regulator_data["en"] = local["en"].format(province=en)
    return Regulator(**regulator_data)


def _governing(
    pack_code: str, matter: AppealMatter, asked_at: datetime, zone: tzinfo
) -> tuple[RuleFile | None, date]:
    """The rule that governs and its day: that of the appeal, or of the first complaint."""
    first = matter.complained_at or asked_at
    for name, moment in (("appealed", asked_at), ("complained", first)):
        day = moment.astimezone(zone).date()
        for file in rules_in_force(pack_code, "decisions", "admissibility", day):
            if file.data["file"]["governed_by"] == name:
                return file, day
    return None, asked_at.astimezone(zone).date()


def _concerns(row: Mapping[str, Any], matter: AppealMatter) -> bool:
    return row.get("matter") in (None, "charge" if matter.charge_dispute else "other")


def _verdict(conditions: tuple[Condition, ...], asked_at: datetime) -> str:
    failed = [c for c in conditions if c.holds is False]
    if any(c.closes_at is not None and asked_at > c.closes_at for c in failed):
        return "too_late"
    if any(c.opens_at is None for c in failed):
        return "inadmissible"
    if failed:
        return "not_yet"
    return "unknown" if any(c.holds is None for c in conditions) else "admissible"


def _answer(verdict: str, conditions: tuple[Condition, ...], rule: str) -> Admissibility:
    opens = [c.opens_at for c in conditions if c.opens_at is not None]
    closes = [c.closes_at for c in conditions if c.closes_at is not None]
    zh, en = _WORDS[verdict]
    return Admissibility(
        verdict=verdict,
        conditions=conditions,
        opens_at=max(opens, default=None),
        closes_at=min(closes, default=None),
        rule=rule,
        zh=zh,
        en=en,
    )


def _condition(
    row: Mapping[str, Any],
    holds: bool | None,
    *,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> Condition:
    return Condition(
        rule_id=row["id"],
        holds=holds,
        zh=row["zh"],
        en=row["en"],
        note_zh=row.get("note_zh", ""),
        note_en=row.get("note_en", ""),
        source=row["source"],
        verified=row["verified"],
        opens_at=opens_at,
        closes_at=closes_at,
    )


def _end(row: Mapping[str, Any], start: datetime, setting: _Setting) -> datetime:
    how = counting_of(row, setting.law)
    return ending(term_of(row), start, zone=setting.zone, working=setting.working, counting=how).at


def _waited(row: Mapping[str, Any], setting: _Setting) -> Condition:
    """The operator was asked first and has answered, or the days have passed."""
    matter = setting.matter
    if matter.complained_at is None:
        return _condition(row, False)
    opens = _end(row, matter.complained_at, setting) + _SECOND
    if matter.answered_at is not None:
        opens = min(opens, matter.answered_at)
    return _condition(row, setting.asked_at >= opens, opens_at=opens)


def _waited_or_letter(row: Mapping[str, Any], setting: _Setting) -> Condition:
    matter = setting.matter
    if matter.complained_at is None:
        return _condition(row, False)
    opens = _end(row, matter.complained_at, setting) + _SECOND
    if matter.letter_at is not None:
        opens = min(opens, matter.letter_at)
    return _condition(row, setting.asked_at >= opens, opens_at=opens)


def _age(row: Mapping[str, Any], setting: _Setting) -> Condition:
    """Not older than so many months: the corresponding day is the last one."""
    if setting.matter.event_at is None:
        return _condition(row, None)
    happened = setting.matter.event_at.astimezone(setting.zone).date()
    last = shifted(happened, row["amount"])
    closes = datetime.combine(last, time(23, 59, 59), tzinfo=setting.zone)
    return _condition(row, setting.asked_at <= closes, closes_at=closes)


def _within(start: datetime | None, row: Mapping[str, Any], setting: _Setting) -> Condition:
    if start is None:
        return _condition(row, True)
    closes = _end(row, start, setting)
    return _condition(row, setting.asked_at <= closes, closes_at=closes)


_CHECKS: Mapping[str, Callable[[Mapping[str, Any], _Setting], Condition]] = {
    "waited": _waited,
    "waited_or_letter": _waited_or_letter,
    "age": _age,
    "within_letter": lambda row, s: _within(s.matter.letter_at, row, s),
    "within_answer": lambda row, s: _within(s.matter.answered_at, row, s),
    "answered": lambda row, s: _condition(row, s.matter.answered_at is not None),
    "not_settled": lambda row, s: _condition(row, not s.matter.settled),
    "not_handled": lambda row, s: _condition(row, not s.matter.already_handled),
    "not_elsewhere": lambda row, s: _condition(row, not s.matter.elsewhere),
    "direct_interest": lambda row, s: _condition(row, s.matter.direct_interest),
    "small_customer": lambda row, s: _condition(row, s.matter.small_customer),
}
