"""The sheet of a dossier: rows, grounds and time axis, with their sentences in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from amends.engines.decisions.dossier.account import Account, AccountCharge
from amends.engines.decisions.dossier.model import Answer, ChargeGround, Lane, Row, Strip, StripMark
from amends.platform.kit.formats import (
    both_dates,
    both_moments,
    format_count,
    format_duration,
    format_money,
    format_speed,
    join_words,
    local,
)
from amends.platform.kit.packs import load_rules, load_version
from amends.platform.kit.terms import Term

Both = tuple[str, str]
"""The same thing in Chinese and in English."""

Values = dict[str, Both | str]
"""What fills a sentence; a plain string is the same in both languages."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Within which time a fault must be repaired, and for which technologies; none means any."""

    term: Term
    technologies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Questions:
    """The dated data behind a dossier."""

    version: str
    asked: Mapping[str, Both]
    sources: Mapping[str, str]
    by_class: Mapping[str, tuple[str, ...]]
    sentences: Mapping[str, Both]
    words: Mapping[str, Mapping[str, Both]]
    lanes: Mapping[str, Both]
    numbers: Mapping[str, int]
    repair: Mapping[str, Repair]
    duty_names: Mapping[str, str]

    def repair_of(self, jurisdiction: str, technology: str) -> Term | None:
        """The time a pack gives to repair a fault of a technology; None where it sets none.

        A fault whose technology is not on file may be one the limit holds for.
        """
        repair = self.repair.get(jurisdiction)
        if repair is None:
            return None
        is_covered = (
            not repair.technologies or not technology or technology in {*repair.technologies, "all"}
        )
        return repair.term if is_covered else None

    def duty_name(self, duty: str) -> str:
        """The name a duty goes by here: `limit_reached` of `cn.allowance_reached`."""
        own = duty.partition(".")[2] or duty
        return self.duty_names.get(own, own)


@lru_cache(maxsize=4096)
def questions(on: date) -> Questions:
    """The questions in force on the day `on`."""
    return _read(load_rules("amends.engines.decisions", "dossier", on).effective_from)


def code_title(group: str, code: str, *, zh: bool) -> str:
    """A code of dossiers (a source, a field, a cause) by its name; what they do not name stays."""
    both = questions(date.today()).words.get(group, {}).get(code)  # noqa: DTZ011 - names hold on any day
    return both[0 if zh else 1] if both else code


def source_title(source: str, *, zh: bool) -> str:
    """The system that stated a fact, by its name."""
    return code_title("source", source, zh=zh)


@cache
def _read(version: date) -> Questions:
    file = load_version("amends.engines.decisions", "dossier", version)
    data = file.data
    return Questions(
        version=file.version,
        asked={key: (row["zh"], row["en"]) for key, row in data["questions"].items()},
        sources={key: row["stated_by"] for key, row in data["questions"].items()},
        by_class={row["code"]: tuple(row["questions"]) for row in data["classes"]},
        sentences={key: (row["zh"], row["en"]) for key, row in data["sentences"].items()},
        words={
            group: {word: (row["zh"], row["en"]) for word, row in table.items()}
            for group, table in data["words"].items()
        },
        lanes={key: (row["zh"], row["en"]) for key, row in data["lanes"].items()},
        numbers=data["numbers"],
        repair={
            pack_code: Repair(
                Term(row["amount"], row["unit"]), frozenset(row.get("technologies", ()))
            )
            for pack_code, row in data["repair"].items()
        },
        duty_names=data.get("duty_names", {}),
    )


class Texts:
    """Says a sentence in both languages, with times on the complainant's clock."""

    def __init__(self, data: Questions, account: Account) -> None:
        self.data = data
        self.account = account
        self._zone = account.matter.zone
        self._moments: dict[int, Both] = {}

    def say(self, key: str, /, **values: Both | str) -> Both:
        """The sentence `key` with its values filled in."""
        zh, en = self.data.sentences[key]
        first = {name: v if isinstance(v, str) else v[0] for name, v in values.items()}
        second = {name: v if isinstance(v, str) else v[1] for name, v in values.items()}
        return zh.format_map(first), en.format_map(second)

    def when(self, at_ms: int) -> Both:
        """A moment to the minute."""
        moment_texts = self._moments.get(at_ms)
        if moment_texts is None:
            moment_texts = self._moments[at_ms] = both_moments(local(at_ms, self._zone))
        return moment_texts

    def day(self, at_ms: int) -> Both:
        """A day."""
        return both_dates(local(at_ms, self._zone))

    def word(self, group: str, key: str) -> Both:
        """A channel, initiator, method, … in words; what is not listed is shown as it is."""
        head, _, _ = key.partition(":")
        return self.data.words[group].get(head, (key, key))

    def area(self) -> Both:
        """The complainant's area by its name; one without a name is shown by its code."""
        matter = self.account.matter
        zh, en = matter.area_words
        return zh or matter.area, en or matter.area

    def name(self, offer: str) -> Both:
        """An offer in words."""
        return self.account.names(offer)

    def money(self, minor: int, currency: str) -> str:
        """An amount, the same in both languages."""
        return format_money(minor, currency)

    def speed(self, kbps: int) -> str:
        """A line speed, the same in both languages."""
        return format_speed(kbps)

    def length(self, milliseconds: int) -> Both:
        """A length of time."""
        seconds = milliseconds / 1000
        return format_duration(seconds, "zh"), format_duration(seconds, "en")

    def count(self, number: int) -> Both:
        """A whole number."""
        return format_count(number, "zh"), format_count(number, "en")

    def charges(self, number: int) -> Both:
        """So many charges."""
        return format_count(number, "zh"), _plural(number, "charge")

    def days(self, number: int) -> Both:
        """So many days."""
        return format_count(number, "zh"), _plural(number, "day")

    def listed(self, texts: Iterable[Both]) -> Both:
        """Several words as one phrase."""
        pairs = list(texts)
        return (
            join_words((zh for zh, _ in pairs), "zh"),
            join_words((en for _, en in pairs), "en"),
        )

    def stretch(self, start_ms: int, end_ms: int) -> Both:
        """From one moment to another."""
        (start_zh, start_en), (end_zh, end_en) = self.when(start_ms), self.when(end_ms)
        return f"{start_zh}至{end_zh}", f"{start_en} to {end_en}"

    def gap(self, source: str, gaps: list[tuple[int, int]]) -> Both:
        """What is missing, as a note for the row."""
        start, end = gaps[0][0], gaps[-1][1]
        period = self.stretch(start, end)
        key = "gap.one" if len(gaps) == 1 else "gap.many"
        return self.say(key, source=self.word("source", source), period=period)


def _plural(number: int, word: str) -> str:
    return f"{format_count(number, 'en')} {word}{'' if number == 1 else 's'}"


# The sheet a dossier is written on: rows and grounds, added one question at a time.


Gaps = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """A record of an app in favour of a person whose complaint a rule is about to reject.

    kind       as the rules of rejections say it (`support` in `rejections@….toml`)
    reference  the app's own reference
    at_ms      when it happened, milliseconds UTC; amount in minor units, 0 for none
    """

    kind: str
    reference: str
    at_ms: int
    amount_minor: int = 0
    currency: str = ""


class DossierSheet:
    """Collects the rows of one dossier. `account` and `texts` are what questions read.

    codes  the classes that the complaint may be about; by default its first and second one
    """

    def __init__(self, account: Account, data: Questions, *, codes: Iterable[str] = ()) -> None:
        self.account = account
        self.codes = tuple(codes) or (account.matter.code, account.matter.code2)
        self.data = data
        self.texts = Texts(data, account)
        self.rows: list[Row] = []
        self.grounds: list[ChargeGround] = []

    @property
    def asks_network(self) -> bool:
        """Whether a question of the classes is whether the network failed."""
        questions_by_code = (self.data.by_class.get(code, ()) for code in self.codes)
        return any("incident_cleared" in questions for questions in questions_by_code)

    @property
    def window(self) -> tuple[int, int]:
        """The part of the period in which charges may still be disputed."""
        return self.account.window_ms, self.account.until_ms

    def number(self, name: str) -> int:
        """A figure of the dated data, its unit in its name."""
        return self.data.numbers[name]

    def row(
        self,
        question: str,
        answer: Answer,
        sentence: Both,
        *,
        about: str = "",
        source: str = "",
        facts: Iterable[str] = (),
        period: tuple[int, int] | None = None,
        gaps: Gaps | None = None,
        conflicting: bool = False,
        coverage: Iterable[str] = (),
        unruled: bool = False,
        technology: str = "",
        open_why: str = "",
        service: str = "",
    ) -> None:
        """Add a row; `gaps` are turned into the note that goes with `not_covered`."""
        start, end = period or self.window
        stated_by = source or self.data.sources[question]
        gap = self.texts.gap(stated_by, gaps) if gaps else ("", "")
        question_texts = self.data.asked[question]
        self.rows.append(
            Row(
                question=question,
                about=about,
                answer=answer,
                zh=sentence[0],
                en=sentence[1],
                source=stated_by,
                facts=tuple(facts),
                start_ms=start,
                end_ms=end,
                gap_zh=gap[0],
                gap_en=gap[1],
                conflicting=conflicting,
                asked_zh=question_texts[0],
                asked_en=question_texts[1],
                coverage=tuple(coverage),
                unruled=unruled,
                technology=technology,
                open_why=open_why,
                service=service,
            )
        )

    def silence(
        self,
        question: str,
        key: str,
        *,
        kinds: tuple[str, ...],
        period: tuple[int, int],
        about: str = "",
        facts: Iterable[str] = (),
        source: str = "",
        values: Values | None = None,
        service: str = "",
    ) -> bool:
        """Nothing was found: add a row that says whether that silence is evidence.

        The sentences are `<key>.nothing_found` and `<key>.not_covered`; both know `{start}` and
        `{end}`. Returns whether the source covers the whole period.
        """
        stated_by = source or self.data.sources[question]
        gaps = self.account.gaps(kinds, *period)
        answer: Answer = "not_covered" if gaps else "nothing_found"
        sentence = self.texts.say(
            f"{key}.{answer}",
            start=self.texts.when(period[0]),
            end=self.texts.when(period[1]),
            **(values or {}),
        )
        self.row(
            question,
            answer,
            sentence,
            about=about,
            source=stated_by,
            facts=facts,
            period=period,
            gaps=gaps,
            coverage=self.account.stated(kinds, *period),
            service=service,
        )
        return not gaps

    def nothing_there(
        self, question: str, kinds: tuple[str, ...], texts: Mapping[str, Both]
    ) -> None:
        """There is nothing to ask a question about: an answer where its records are complete.

        kinds  of the facts it is about; texts  the sentences `answered` and `open`
        """
        gaps = self.account.gaps(kinds, *self.window)
        start, end = (self.texts.when(moment) for moment in self.window)
        zh, en = texts["open" if gaps else "answered"]
        sentence = zh.format(start=start[0], end=end[0]), en.format(start=start[1], end=end[1])
        self.row(
            question,
            "not_covered" if gaps else "not_applicable",
            sentence,
            gaps=gaps,
            coverage=self.account.stated(kinds, *self.window),
        )

    def support(
        self, support: Support, question_texts: Both, sentence: Both, *, stated_by: str
    ) -> None:
        """Add a row for what an app has on record in the person's favour."""
        day = self.texts.day(support.at_ms)
        amount = self.texts.money(support.amount_minor, support.currency)
        self.rows.append(
            Row(
                question=f"support.{support.kind}",
                about=support.reference,
                answer="yes",
                zh=sentence[0].format(day=day[0], amount=amount),
                en=sentence[1].format(day=day[1], amount=amount),
                source=stated_by,
                start_ms=support.at_ms,
                end_ms=support.at_ms,
                asked_zh=question_texts[0],
                asked_en=question_texts[1],
            )
        )

    def ground(
        self,
        ground: str,
        question: str,
        charge: AccountCharge,
        *,
        about: str,
        event_at_ms: int,
        excess_minor: int,
        facts: Iterable[str] = (),
    ) -> None:
        """State that `excess_minor` of a charge is not supported by the facts."""
        zh, en = self._what_for(charge)
        self.grounds.append(
            ChargeGround(
                ground=ground,
                question=question,
                about=about,
                service=charge.service,
                charge=charge.ref,
                charged_at_ms=charge.at_ms,
                event_at_ms=event_at_ms,
                amount_minor=charge.amount_minor,
                excess_minor=excess_minor,
                refunded_minor=charge.refunded_minor,
                currency=charge.currency,
                facts=(charge.fact, *facts, *charge.refund_facts),
                zh=zh,
                en=en,
                offer=charge.offer,
            )
        )

    def _what_for(self, charge: AccountCharge) -> Both:
        """The offer a charge was made for, or the kind of charge where its offer has no name."""
        zh, en = self.texts.name(charge.offer)
        if zh == charge.offer:
            return self.texts.word("charge_kind", charge.kind)
        return f"“{zh}”费用", f"“{en}”"


# The strip: services, charges, notices, confirmations and looks on one axis, gaps included.


_LANES: dict[str, tuple[str, ...]] = {
    "services": ("ServiceOrdered", "ServiceActivated", "ServiceChanged", "ServiceStopped"),
    "confirmations": ("ConfirmationAsked", "ConfirmationGiven", "ConfirmationRefused"),
    "charges": ("ChargeMade", "RefundMade"),
    "notices": ("NoticeDue", "NoticeSent", "NoticeDelivered", "NoticeFailed"),
    "quality": (
        "SpeedMeasured",
        "SpeedJudged",
        "QualityDegraded",
        "IncidentOpened",
        "IncidentClosed",
    ),
    "looks": ("DataAccessed",),
}


def strip(account: Account, texts: Texts) -> Strip:
    """The period in question with everything that happened in it, one lane a source."""
    start, end = account.start_ms, account.until_ms
    lanes = []
    for lane, kinds in _LANES.items():
        marks = [
            mark
            for kind in kinds
            for mark in _marks(account, texts, kind)
            if mark.at_ms < end and mark.end_ms >= start
        ]
        gaps = tuple(account.gaps(kinds, start, end))
        if marks or lane in ("services", "confirmations", "charges", "notices"):
            zh, en = texts.data.lanes[lane]
            marks.sort(key=lambda mark: (mark.at_ms, mark.fact))
            lanes.append(Lane(lane=lane, zh=zh, en=en, marks=tuple(marks), gaps=gaps))
    return Strip(start, end, tuple(lanes))


def _marks(account: Account, texts: Texts, kind: str) -> list[StripMark]:
    """A mark for each fact; what lasts (a degradation, a billing period) has its own end."""
    marks = []
    for at_ms, fact in account.of(kind):
        end = at_ms
        values: Values = {}
        if kind == "QualityDegraded":
            at_ms, end = int(fact.payload["from_ms"]), int(fact.payload["to_ms"])
        elif fact.subject not in account.services and kind not in (
            "DataAccessed",
            "IncidentOpened",
            "IncidentClosed",
        ):
            continue
        if kind in ("ChargeMade", "RefundMade"):
            currency = str(fact.payload["currency"])
            values["amount"] = texts.money(int(fact.payload["amount_minor"]), currency)
        elif "duty" in fact.payload:
            values["duty"] = texts.word("duty", texts.data.duty_name(str(fact.payload["duty"])))
        elif "role" in fact.payload:
            values["role"] = texts.word("role", str(fact.payload["role"]))
        elif kind == "SpeedMeasured":
            values["speed"] = texts.speed(int(fact.payload["down_kbps"]))
        elif "offer" in fact.payload or "to_offer" in fact.payload:
            payload = fact.payload
            values["name"] = texts.name(str(payload.get("to_offer", payload.get("offer", ""))))
        zh, en = texts.say(f"mark.{kind}", **values)
        marks.append(StripMark(at_ms=at_ms, end_ms=end, kind=kind, zh=zh, en=en, fact=fact.id))
    return marks
