"""An advert read once into statements."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from amends.causes.publicity.rules.reader.grammar import Cue, Grammar, Sense
from amends.causes.publicity.rules.reader.normalise import lowered, normalise
from amends.causes.publicity.rules.reader.quantities import Quantity, quantities, without
from amends.causes.publicity.rules.reader.roles import PAUSE_COST, Claim, Layout, claims
from amends.causes.publicity.rules.reader.statements import AdvertStatement, Certainty, Role


@dataclass(frozen=True, slots=True)
class Mention:
    """The name of an offer in a text."""

    start: int
    end: int
    offer: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with what it states.

    cues   the words of the grammar in it, those within names and numbers aside
    text   normalised, of the same length as the original; `small` the same in small letters
    aside  where another offer is introduced (“or try …”, 也可以选): places in the text
    """

    text: str
    small: str
    layout: Layout
    statements: tuple[AdvertStatement, ...]
    mentions: tuple[Mention, ...]
    cues: tuple[Cue, ...]
    aside: tuple[int, ...]

    def of(self, *roles: Role) -> list[AdvertStatement]:
        """The statements of some roles."""
        return [statement for statement in self.statements if statement.role in roles]


def read(
    text: str,
    grammar: Grammar,
    jurisdiction: str,
    mentions: Sequence[Mention] = (),
    *,
    normalised: bool = False,
) -> Reading:
    """What a text states.

    jurisdiction  whose manner of writing money and dates the text follows: "cn", "uk", …
    mentions      names of offers in the text; numbers within them state nothing
    """
    text = text if normalised else normalise(text)
    small = lowered(text)
    layout = Layout(text)
    locale = grammar.units.places.get(jurisdiction) or grammar.units.places["cn"]
    unnamed = without(small, [(mention.start, mention.end) for mention in mentions])
    numbers = quantities(unnamed, grammar.units, locale)
    cues = _apart(grammar.cues(unnamed), numbers)
    by_kind: dict[str, list[Quantity]] = {}
    for number in numbers:
        by_kind.setdefault(number.kind, []).append(number)
    reader = _Reader(text=small, layout=layout, numbers=numbers, by_kind=by_kind, cues=cues)
    statements = sorted(reader.statements(), key=lambda statement: (statement.start, statement.end))
    aside = tuple(
        cue.start for cue in cues if any(sense.role == "other_offer" for sense in cue.senses)
    )
    return Reading(
        text=text,
        small=small,
        layout=layout,
        statements=tuple(statements),
        mentions=tuple(mentions),
        cues=tuple(cues),
        aside=aside,
    )


def _apart(cues: Iterable[Cue], taken_quantities: Iterable[Quantity]) -> list[Cue]:
    """The words that are no part of a number."""
    spans = sorted((quantity.start, quantity.end) for quantity in taken_quantities)
    free_cues, at = [], 0
    for cue in cues:
        while at < len(spans) and spans[at][1] <= cue.start:
            at += 1
        says = any(sense.kind == "says" for sense in cue.senses)
        if at == len(spans) or cue.end <= spans[at][0] or (says and cue.end > spans[at][1]):
            free_cues.append(cue)
    return free_cues


_CALLS = re.compile(
    r"通话|语音|主叫|拨打|打电话|电话|市话|长途|\b(?:calls?|calling|voice|talk|talktime)\b"
)
_FOR = re.compile(r"(?:\bfor|\bjust|\bonly|仅|只|就|才)\s?(?:a |the )?$")
_OWN_PLACES = re.compile(
    r"名额|places|spots|slots|available|left|of (?:them|these)|grabs|give away|in (?:total|all)"
    r"|lines|accounts|connections|plans|contracts|deals|bundles|handsets|phones|routers|boxes|kits|cards"
    r"|codes|coupons|passes|subscriptions|numbers|activations"
    r"|(?:[\d零一二两三四五六七八九十百千万k]|hundred|thousand|lakhs?)$"
)
"""Places by their own words, or a number by itself after “first” or 限."""
_OFF = re.compile(r"\s?(?:off|discount|reduction|优惠)")
_OTHER_GOODS = re.compile(
    r"会员|手机(?!卡|套餐|号)|终端|配件|耳机|路由|购机|accessor|handset|device|phones?\b|router|membership"
    r"|tablet|headphone|"
    r"watch|case|restaurant|cinema|ticket"
)
_STORED_BEFORE = re.compile(
    r"(?:\b(?:transfer|move|copy|migrate|back up|restore|recover|save|keep|free up)"
    r" (?:over )?(?:up to |as much as |about |around )?"
    r"|\b(?:photos|pictures|files|contacts|backups?|storage|memory|cloud|ssd|memory card"
    r"|usb stick)\b[^.!?;,]{0,16}"
    r"|(?:传输|迁移|备份|拷贝|转移|导入|相册|照片|网盘|云盘|云空间|云存储|内存|存储|硬盘|u盘)"
    r"[^，。；！]{0,8})$"
)
_STORED_BEHIND = re.compile(
    r"(?: of)?(?: your| their| free| extra| online| secure)?"
    r" (?:photos?|pictures|files|contacts|storage|memory|ram|ssd|cloud|backups?|usb|disk|space)\b"
    r"|[^.!?;]{0,24}\b(?:(?:from|off) (?:your|an?|the) (?:old|other|previous)"
    r" (?:phone|handset|laptop|device)|from phone to phone)\b"
    r"|的?(?:免费|个人|手机)?"
    r"(?:照片|相册|内存|存储|空间|机身|网盘|云盘|云空间|u盘|硬盘|备份|存储卡)"
)
_OF_DATA = re.compile(r"(?: of)?(?: [\w-]+)? data\b|[^\s。，；,.;]{0,4}流量")
_RANGE_OF_DAYS = re.compile(
    r"\s?(?:\(含\)|起|日起|开始|开售)?[,，]?\s?"
    r"(?:-{1,2}|to|至|到|until|till|through|and|截止)\s?(?:the )?"
)


_MONTHS_ROLES: dict[str, Role] = {
    "contract": "contract_months",
    "gift": "gift_months",
    "promo": "promo_months",
}
_MEASURED = ("median", "peak")
"""Words of measuring, and of the time of day at which a speed is had."""
_DAY_ROLES: dict[str, Role] = {"start": "start", "end": "end", "other": "other"}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes statements of the numbers and words of one text."""

    text: str
    layout: Layout
    numbers: Sequence[Quantity]
    by_kind: dict[str, list[Quantity]]
    cues: Sequence[Cue]

    def _claims(self, kind: str, extra: Iterable[Cue] = ()) -> dict[int, list[Claim]]:
        cues = [*self.cues, *extra]
        return claims(kind, self.by_kind.get(kind, []), self.numbers, cues, self.layout)

    def statements(self) -> Iterable[AdvertStatement]:
        months = list(self._months())
        yield from months
        yield from self._money(months)
        yield from self._data()
        yield from self._minutes()
        yield from self._places()
        yield from self._days()
        yield from self._shares()
        yield from self._said()

    def _months(self) -> Iterable[AdvertStatement]:
        claims_by_index = self._claims("months")
        for at, month in enumerate(self.by_kind.get("months", [])):
            role, certainty = self._months_role(month, claims_by_index.get(at, []))
            yield _statement(role, month, certainty)
        for quantity in self.by_kind.get("from_month", []):
            yield replace(_statement("promo_months", quantity, "likely"), value=quantity.value - 1)

    def _months_role(self, quantity: Quantity, claimed: list[Claim]) -> tuple[Role, Certainty]:
        if quantity.ranged:
            return "other", "unsure"
        if quantity.said == "last":
            return "months", "unsure"
        if quantity.said == "promo":
            return "promo_months", "certain" if quantity.value > 1 else "unsure"
        if quantity.after:
            return "promo_months", "likely"
        if claimed:
            role = claimed[0].role
            if role == "after":
                return "promo_months", "likely"
            if role == "other":
                return "other", "unsure"
            sure: Certainty = "certain" if claimed[0].cost <= 20 else "likely"
            return _MONTHS_ROLES[role], sure
        money = self._last_before("money", quantity.start)
        if _FOR.search(self.text[max(0, quantity.start - 8) : quantity.start]) or (
            money is not None and quantity.start - money.end <= 3
        ):
            return "months", "likely"
        return "months", "unsure"

    def _last_before(self, kind: str, at: int) -> Quantity | None:
        """The last number of a kind that ends before a place."""
        numbers = self.by_kind.get(kind, [])
        number_index = bisect_right(numbers, at, key=lambda number: number.end)
        return numbers[number_index - 1] if number_index else None

    def _money(self, months: Sequence[AdvertStatement]) -> Iterable[AdvertStatement]:
        later = (Sense("money", "after", "any"),)
        extra = [
            Cue(quantity.start, quantity.end, later)
            for quantity in [*self.by_kind.get("months", []), *self.by_kind.get("from_month", [])]
            if quantity.after or quantity.kind == "from_month"
        ]
        spoken = {cue.start for cue in extra}
        extra += [
            Cue(statement.start, statement.end, later)
            for statement, number in zip(months, self.by_kind.get("months", []), strict=False)
            if statement.role == "promo_months"
            and statement.certainty == "likely"
            and number.start not in spoken
        ]
        claims_by_index = self._claims("money", extra)
        for at, quantity in enumerate(self.by_kind.get("money", [])):
            role, certainty = _money_role(quantity, claims_by_index.get(at, []))
            yield _statement(
                role, quantity, certainty, currency=quantity.currency, period=quantity.period
            )

    def _data(self) -> Iterable[AdvertStatement]:
        data, thresholds = self._claims("data"), []
        for at, quantity in enumerate(self.by_kind.get("data", [])):
            claimed = [claim.role for claim in data.get(at, [])]
            if quantity.ranged or (claimed and claimed[0] == "other") or self._is_stored(quantity):
                yield _statement("other", quantity, "unsure")
            elif claimed:
                thresholds.append(quantity.end)
                yield _statement("threshold", quantity, "certain")
            else:
                yield _statement("allowance", quantity, "certain")
        speed = self._claims("speed")
        for at, quantity in enumerate(self.by_kind.get("speed", [])):
            yield self._speed(quantity, speed.get(at, []), thresholds)

    def _is_stored(self, quantity: Quantity) -> bool:
        """Whether an amount of data is that of a memory, or of photos and files that are moved."""
        low, high = self.layout.clause(quantity.start, quantity.end)
        if _OF_DATA.match(self.text, quantity.end):
            return False
        return bool(
            _STORED_BEFORE.search(self.text[max(low, quantity.start - 48) : quantity.start])
            or _STORED_BEHIND.match(self.text[quantity.end : min(high, quantity.end + 64)])
        )

    def _speed(
        self, quantity: Quantity, claimed: list[Claim], thresholds: list[int]
    ) -> AdvertStatement:
        roles = [claim.role for claim in claimed]
        up_to = "up_to" in roles
        if quantity.said == "descriptor" and not up_to:
            return replace(_statement("speed", quantity, "unsure"), in_words=True)
        if quantity.ranged:
            return _statement("other", quantity, "unsure")
        adjacent = any(claim.role == "up_to" and claim.cost <= 4 for claim in claimed)
        role = next(
            (
                claim.role
                for claim in claimed
                if claim.role != "up_to"
                and not (adjacent and claim.role in _MEASURED and claim.cost >= PAUSE_COST)
            ),
            "",
        )
        if role == "reduced":
            return _statement("reduced_speed", quantity, "certain", up_to=up_to)
        if role == "other":
            return _statement("other", quantity, "unsure")
        if role in _MEASURED:
            measured = "median" in roles
            return _statement(
                "median_speed", quantity, "certain" if measured else "likely", up_to=up_to
            )
        threshold_index = bisect_right(thresholds, quantity.start)
        slowed = threshold_index > 0 and self.layout.same_sentence(
            thresholds[threshold_index - 1], quantity.start
        )
        if slowed:
            return _statement("reduced_speed", quantity, "certain", up_to=up_to)
        return _statement("speed", quantity, "certain", up_to=up_to)

    def _minutes(self) -> Iterable[AdvertStatement]:
        claims_by_index = self._claims("minutes")
        for at, minute in enumerate(self.by_kind.get("minutes", [])):
            low, high = self.layout.clause(minute.start, minute.end)
            calls = bool(_CALLS.search(self.text[low:high]))
            time = bool(claims_by_index.get(at)) and not (calls and minute.value >= 50)
            if minute.ranged or time or not (calls or minute.value >= 50):
                yield _statement("other", minute, "unsure")
            else:
                yield _statement("minutes", minute, "certain")

    def _places(self) -> Iterable[AdvertStatement]:
        claims_by_index = self._claims("places")
        for at, quantity in enumerate(self.by_kind.get("places", [])):
            claimed = claims_by_index.get(at, [])
            places_text = self.text[quantity.start : quantity.end]
            own = bool(_OWN_PLACES.search(places_text))
            if quantity.value < 5 or quantity.ranged or (claimed and claimed[0].role == "other"):
                yield _statement("other", quantity, "unsure")
            elif own or claimed:
                yield _statement("places", quantity, "certain")
            elif quantity.value >= 20:
                low, high = self.layout.clause(quantity.start, quantity.end)
                alone = not re.search(
                    r"\w", self.text[low : quantity.start] + self.text[quantity.end : high]
                )
                yield _statement("places", quantity, "likely" if alone else "unsure")
            else:
                yield _statement("other", quantity, "unsure")

    def _days(self) -> Iterable[AdvertStatement]:
        days, claims_by_index = self.by_kind.get("day", []), self._claims("day")
        for at, day in enumerate(days):
            role: Role = "date"
            claimed = [claim.role for claim in claims_by_index.get(at, [])]
            if claimed:
                role = _DAY_ROLES[claimed[0]]
            if role != "other":
                if self._ranged(day, days[at + 1] if at + 1 < len(days) else None):
                    role = "start"
                elif at and self._ranged(days[at - 1], day):
                    role = "end"
                elif day.said in ("first", "last"):
                    role = "start" if day.said == "first" else "end"
            unsure = role in ("date", "other") or day.said == "unreal"
            yield _statement(role, day, "unsure" if unsure else "certain")

    def _ranged(self, first: Quantity, second: Quantity | None) -> bool:
        return second is not None and bool(
            _RANGE_OF_DAYS.fullmatch(self.text[first.end : second.start])
        )

    def _shares(self) -> Iterable[AdvertStatement]:
        for quantity in [*self.by_kind.get("share", []), *self.by_kind.get("percent", [])]:
            value = quantity.value
            if quantity.kind == "percent":
                if not _OFF.match(self.text, quantity.end):
                    yield from self._rise(quantity)
                    continue
                value = 1 - value / 100
            low, high = self.layout.clause(quantity.start, quantity.end)
            has_other_goods = bool(_OTHER_GOODS.search(self.text[low:high]))
            near = any(
                last_number is not None and last_number.start >= low
                for kind in ("money", "months")
                for last_number in (self._last_before(kind, high),)
            )
            certainty: Certainty = "unsure" if has_other_goods else "certain" if near else "likely"
            yield replace(_statement("discount", quantity, certainty), value=value)

    def _rise(self, quantity: Quantity) -> Iterable[AdvertStatement]:
        low, high = self.layout.sentence(quantity.start)
        for cue in self.cues:
            if low <= cue.start < high and any(sense.role == "rise" for sense in cue.senses):
                yield _statement("price_rise", quantity, "certain")
                return

    _ROLES = (
        "contract_none",
        "exit_none",
        "minutes_unlimited",
        "never_slow",
        "forever",
        "now",
        "scarce",
        "free_months",
    )

    def _said(self) -> Iterable[AdvertStatement]:
        for cue in self.cues:
            roles = [sense.role for sense in cue.senses if sense.kind == "says"]
            for role in roles:
                if (role == "unlimited" and not self._of_calls(cue)) or (
                    role == "unlimited_not" and self._and_data(cue)
                ):
                    yield AdvertStatement(role="unlimited", value=0, start=cue.start, end=cue.end)
                elif role == "gift":
                    yield AdvertStatement(role="gift_named", value=0, start=cue.start, end=cue.end)
                elif role == "rise_percent":
                    low, high = self.layout.sentence(cue.start)
                    if re.search(r"\d\s?%|[+]|ris|increas|涨", self.text[low:high]):
                        yield AdvertStatement(
                            role="price_rise", value=0, start=cue.start, end=cue.end
                        )
                elif role in self._ROLES:
                    yield AdvertStatement(role=role, value=0, start=cue.start, end=cue.end)  # type: ignore[arg-type]

    _DATA_TOO = re.compile(
        r"(?:[, ]+(?:\w+,? ?){0,3}(?:and|&|\+) |, )(?:5g |4g )?data\b|和流量|与流量|、流量"
    )
    _ONLY_CALLS = re.compile(
        r"\s(?:\w{1,16}\s){0,4}?(?:calls?|calling|minutes|mins|texts?|texting|messag\w{1,4}|sms|talk|"
        r"voice|landline|devices|users|photos?)\b"
    )

    def _of_calls(self, cue: Cue) -> bool:
        """“Unlimited” that speaks of calls or texts and not of data."""
        behind = self.text[cue.end : cue.end + 60]
        before = self.text[max(0, cue.start - 5) : cue.start]
        if re.search(r"\bnot $|n't $|(?:非|不是|并非)$", before):
            return True
        low, _high = self.layout.clause(cue.start, cue.end)
        if re.search(
            r"(?:sms|texts?|calls?|minutes|voice|短信|通话|语音)(?: (?:are|is))?[:：]?\s?$",
            self.text[low : cue.start],
        ):
            return True
        calls = self._ONLY_CALLS.match(behind)
        if calls is None or "data" in calls[0]:
            return False
        return not self._DATA_TOO.match(behind, calls.end())

    def _and_data(self, cue: Cue) -> bool:
        return bool(self._DATA_TOO.match(self.text, cue.end))


def _money_role(quantity: Quantity, claimed: list[Claim]) -> tuple[Role, Certainty]:
    other_claims = [claim for claim in claimed if claim.role != "price"]
    if quantity.ranged:
        return "other", "unsure"
    if other_claims:
        role, cost = other_claims[0].role, other_claims[0].cost
        if role == "exit":
            return "exit_fee", "certain"
        if role == "fee":
            return "fee", "certain"
        if role == "gift":
            return "gift", "certain" if cost <= 24 else "likely"
        if role == "after":
            return "price_after", "certain" if quantity.period or cost <= 12 else "likely"
        if role == "was":
            return "price_after", "unsure"
        return "other", "unsure"
    if quantity.period > 0:
        return "price", "certain"
    if quantity.period < 0:
        return "other", "unsure"
    return ("price", "likely") if claimed else ("money", "unsure")


def _statement(
    role: Role,
    quantity: Quantity,
    certainty: Certainty,
    *,
    currency: str = "",
    period: float = 0,
    up_to: bool = False,
) -> AdvertStatement:
    return AdvertStatement(
        role=role,
        value=quantity.value,
        start=quantity.start,
        end=quantity.end,
        certainty=certainty,
        currency=currency,
        period=period,
        up_to=up_to,
        otherwise=quantity.otherwise,
    )
