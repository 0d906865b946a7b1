"""Duties in force as a page or the command line shows them: in words, with their texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, pgettext

from amends.causes.notices import refusals
from amends.causes.notices.rules.texts import sample_figures, words, write
from amends.causes.notices.rules.watching import marks_of
from amends.channels.queries.capabilities import channel_noun, most_parts
from amends.engines.duties.book import DutyBook, book
from amends.engines.duties.duty import Duty, DutyStep, LeadTime
from amends.engines.duties.regions import Region, regions_on
from amends.engines.duties.titles import words_of
from amends.engines.metering.engine.compile import not_counted
from amends.platform.kit.formats import format_date, format_money, is_chinese
from amends.platform.kit.packs import load_rules

LANGUAGES = ("zh", "en")
_DATED = re.compile(r"(?:(?P<where>[A-Z]{2})@)?(?P<day>\d{4}-\d\d-\d\d)(?:/(?P<what>\w+))?")


@dataclass(frozen=True, slots=True)
class TextPreview:
    """What a reader gets at one step, with invented figures; `parts` as a text message."""

    step: str
    language: str
    subject: str
    body: str
    characters: int
    parts: int
    version: str


@dataclass(frozen=True, slots=True)
class DutyPreview:
    """The texts of a duty with invented figures; none where it is not met by a notice."""

    duty: str
    title_zh: str
    title_en: str
    rules: str
    met_by: str
    texts: list[TextPreview]


@dataclass(frozen=True, slots=True)
class DutyList:
    """The duties of a jurisdiction in force on a day.

    rules        versions of the rule files
    quiet_hours  from, to (local time, HH:MM) and their source; None where there are none
    duties       each with what is `not_counted` of it, and the duty it `stands_for`
    """

    pack: str
    on: date
    rules: list[str]
    quiet_hours: dict[str, Any] | None
    duties: list[dict[str, Any]]


def find_duty(jurisdiction: str, duty: str, on: date) -> tuple[DutyBook, Duty]:
    """A duty in force; UnableToShowDuty where there is none."""
    rules = book(jurisdiction, on)
    duty_rule = rules.find(duty)
    if duty_rule is None:
        raise refusals.unknown_duty(duty=duty, jurisdiction=jurisdiction, on=on)
    return rules, duty_rule


def preview_of(
    jurisdiction: str, duty: str, *, on: date, figures: Mapping[str, str | int] = {}
) -> DutyPreview:
    """A duty in force with the texts of its steps; UnableToShowDuty where there is none."""
    rules, duty_rule = find_duty(jurisdiction, duty, on)
    return DutyPreview(
        duty=duty,
        title_zh=duty_rule.title_zh,
        title_en=duty_rule.title_en,
        rules=duty_rule.rules,
        met_by=duty_rule.met_by,
        texts=previews(rules, duty_rule, figures=figures),
    )


def previews(
    rules: DutyBook, duty: Duty, *, figures: Mapping[str, str | int] = {}
) -> list[TextPreview]:
    """The text of every step in both languages, with sample figures under those given."""
    if duty.met_by != "notice":
        return []
    vocabulary = words(rules.on)
    text_previews = []
    for step in duty.steps:
        for language in LANGUAGES:
            text = write(
                duty,
                step,
                {**sample_figures(step, vocabulary), **figures},
                language=language,
                zone=rules.zone,
                currency=duty.currency or rules.currency,
                notice_text=vocabulary,
            )
            text_previews.append(
                TextPreview(
                    step=step.id,
                    language=language,
                    subject=text.subject,
                    body=text.body,
                    characters=len(text.body),
                    parts=most_parts(text.body),
                    version=text.version,
                )
            )
    return text_previews


def step_words(step: DutyStep, currency: str, *, chinese: bool) -> str:
    """A step as a reader says it.

    >>> from datetime import date
    >>> near = book("cn", date(2026, 1, 1)).find("cn.allowance_near")
    >>> step_words(near.steps[0], "CNY", chinese=False)
    '80%'
    """
    value = f"{step.value}%"
    amount = _amount(step, currency)
    zh, en = {
        "percent": (value, value),
        "absolute": (f"达到{amount}", f"at {amount}"),
        "every": (f"每{amount}", f"each {amount}"),
        "remaining": (f"剩余{amount}", f"{amount} left"),
        "below": (f"余额低于{amount}", f"balance under {amount}"),
        "negative": ("余额为负", "balance below zero"),
        "times_mean": (
            f"超过前{step.months}个月平均值的{step.value}倍",
            f"over {step.value} times the mean of {step.months} months",
        ),
        "own": (
            f"用户自选{f'，默认{amount}' if step.value else ''}",
            f"the user's own{f', by default {amount}' if step.value else ''}",
        ),
        "once": ("每次", "each time"),
    }[step.kind]
    return zh if chinese else en


def lead_words(lead: LeadTime, *, chinese: bool) -> str:
    """How long before the event, or after it, a duty is to be met."""
    if lead.earliest is None:
        return lead.latest.zh if chinese else lead.latest.en
    if chinese:
        return f"{lead.latest.amount}至{lead.earliest.zh}"
    return f"{lead.latest.amount} to {lead.earliest.en}"


@dataclass(frozen=True, slots=True)
class NotCounted:
    """What the engine does not count of a duty.

    counters  those that usage records do not show; `entirely`: it has no other
    """

    duty: Duty
    counters: tuple[str, ...]
    entirely: bool

    def words(self, *, chinese: bool) -> str:
        """What it means, in a sentence."""
        language_key = 0 if chinese else 1
        named = ("、" if chinese else ", ").join(
            _COUNTERS[counter][language_key] for counter in self.counters
        )
        return f"本引擎不计数：{named}" if chinese else f"not counted by this engine: {named}"


def counter_words(counter: str, *, chinese: bool) -> str:
    """What a counter counts.

    >>> counter_words("data", chinese=False), counter_words("parsecs", chinese=False)
    ('data', 'parsecs')
    """
    return _COUNTERS[counter][0 if chinese else 1] if counter in _COUNTERS else counter


def exempt_words(duty: Duty, *, chinese: bool) -> str:
    """Whom a duty leaves out; "" where it concerns everybody."""
    language_key = 0 if chinese else 1
    return ("、" if chinese else ", ").join(
        _EXEMPT[exemption][language_key] for exemption in duty.exempt
    )


def region_words(duty: Duty, day: date, *, chinese: bool) -> tuple[str, Region] | None:
    """Where a duty holds, in words, and the region; None where it holds everywhere."""
    if not duty.region:
        return None
    region, count = regions_on(day)[duty.region], len(duty.countries)
    region_text = f"{region.zh}（{count}个国家）" if chinese else f"{region.en} ({count} countries)"
    return region_text, region


def mark_words(duty: Duty, currency: str, *, chinese: bool) -> str:
    """The marks of a duty, and how long before the event it is sent, in one line."""
    parts = [
        step_words(step, duty.currency or currency, chinese=chinese)
        for step in duty.steps
        if step.kind != "once"
    ]
    if duty.lead is not None:
        lead_text = lead_words(duty.lead, chinese=chinese)
        parts.append(f"提前{lead_text}" if chinese else f"{lead_text} before")
    return ("，" if chinese else ", ").join(parts)


_COUNTERS = {
    "mms": ("彩信", "multimedia messages"),
    "roaming_data": ("漫游流量包用量", "data of a roaming pack"),
    "roaming_voice": ("漫游语音", "calls abroad"),
    "roaming_sms": ("漫游短信", "messages abroad"),
    "data": ("流量", "data"),
    "voice": ("语音", "calls"),
    "sms": ("短信", "messages"),
    "money": ("费用", "charges"),
}
_EXEMPT = {"m2m": ("物联网终端", "machines"), "b2b": ("企业用户", "business users")}


def not_counted_of(rules: DutyBook) -> list[NotCounted]:
    """The duties of a book that the engine does not count, fully or in part."""
    missing = not_counted(rules.duties)
    return [
        NotCounted(duty, counters, set(counters) >= set(duty.counters))
        for duty in rules.duties
        if (counters := missing.get(duty.id, ()))
    ]


def duty_list(rules: DutyBook) -> DutyList:
    """The duties in force, and what the engine does not count of each."""
    uncounted = not_counted(rules.duties)
    return DutyList(
        pack=rules.jurisdiction,
        on=rules.on,
        rules=list(rules.versions),
        quiet_hours=_quiet(rules),
        duties=[
            duty_document(duty)
            | {
                "not_counted": list(uncounted.get(duty.id, ())),
                "stands_for": duty_document(national)
                if (national := rules.national_duty_of(duty.id))
                else None,
            }
            for duty in rules.duties
        ],
    )


def duty_document(duty: Duty) -> dict[str, Any]:
    """One duty as JSON."""
    return {
        "id": duty.id,
        "rules": duty.rules,
        "phase": duty.phase,
        "trigger": duty.trigger,
        "who": duty.who,
        "title_zh": duty.title_zh,
        "title_en": duty.title_en,
        "zh": duty.zh,
        "en": duty.en,
        "counters": list(duty.counters),
        "over": duty.over,
        "period": duty.period,
        "met_by": duty.met_by,
        "must_say": list(duty.must_say),
        "channels": list(duty.channels),
        "if_failed": duty.if_failed,
        "if_unknown": duty.if_unknown,
        "bypass_quiet": duty.bypass_quiet,
        "opt_out": duty.opt_out,
        "exempt": list(duty.exempt),
        "region": duty.region,
        "countries": list(duty.countries),
        "lead": _lead(duty.lead),
        "within": _lead(duty.within),
        "steps": [
            {
                "id": step.id,
                "kind": step.kind,
                "value": step.value,
                "unit": step.unit,
                "months": step.months,
                "applies": step.applies,
                "action": step.action,
                "text": step.text,
                "must_say": list(step.must_say),
                "source": step.source,
                "verified": step.verified,
            }
            for step in duty.steps
        ],
        "source": duty.source,
        "verified": duty.verified,
    }


def _lead(lead: LeadTime | None) -> dict[str, Any] | None:
    if lead is None:
        return None
    earliest = lead.earliest.en if lead.earliest else None
    return {
        "latest": lead.latest.en,
        "earliest": earliest,
        "source": lead.source,
        "verified": lead.verified,
    }


def _quiet(rules: DutyBook) -> dict[str, Any] | None:
    quiet = rules.quiet
    if quiet is None:
        return None
    return {
        "from": f"{quiet.start:%H:%M}",
        "to": f"{quiet.end:%H:%M}",
        "source": quiet.source,
        "verified": quiet.verified,
    }


def _amount(step: DutyStep, currency: str) -> str:
    if step.unit == "minor":
        return format_money(step.value, currency)
    return f"{step.value} {step.unit.upper() if step.unit == 'mb' else step.unit}"


def duty_title(duty: str, on: date) -> str:
    """The short title of a duty, its code where none is known.

    A notice may be older than the rule that asks for it: it then has the title of today.
    """
    jurisdiction = duty.partition(".")[0]
    duty_rule = words_of(duty, on, jurisdiction) or words_of(
        duty, timezone.localdate(), jurisdiction
    )
    return title_in_language(duty_rule) if duty_rule else duty


def channel_words(channel: str) -> str:
    """A channel by its name."""
    elsewhere = {
        "contract": pgettext("channel", "contract"),
        "bill": pgettext("channel", "bill"),
        "store": pgettext("channel", "shop"),
    }
    return elsewhere.get(channel) or channel_noun(channel)


def charge_words(kind: str) -> str:
    """A kind of charge as notices name it."""
    kind_words = marks_of(
        load_rules("amends.causes.notices", "watching", timezone.localdate())
    ).kinds
    both = kind_words.get(kind)
    return (both[0] if is_chinese(get_language() or "") else both[1]) if both else kind


def period_words(period: str) -> str:
    """What a notice was due for: a day, the month from it, what was used or charged, and where.

    An order stays as the operator's systems number it.
    """
    language = get_language() or ""
    period_match = _DATED.fullmatch(period)
    day = _day_of(period_match["day"]) if period_match else None
    if period_match is None or day is None:
        return period
    parts = [format_date(day, language)]
    if period_match["where"]:
        parts.append(period_match["where"])
    if period_match["what"]:
        what = period_match["what"]
        counted = counter_words(what, chinese=is_chinese(language))
        parts.append(charge_words(what) if counted == what else counted)
    return " · ".join(parts)


def _day_of(written: str) -> date | None:
    """None for what only looks like a day: an order may be numbered 2026-13-45."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def title_in_language(titled: Any) -> str:
    """The short title of a duty, in the reader's language."""
    return str(titled.title_zh if is_chinese(get_language() or "") else titled.title_en)


def in_language(described: Any) -> str:
    """What carries a text in both languages, in the reader's."""
    return str(described.zh if is_chinese(get_language() or "") else described.en)
