"""Speeds, data and minutes that an advert states."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amends.publicity.rules.numerals import NUMBER, number
from amends.publicity.rules.text import Around, StatedFact, Text, any_of

_I = re.I
_RATE = re.compile(
    rf"(?P<n>{NUMBER})\s?-?(?P<unit>Gbps|Gb/s|Gbit/s|Mbps|Mb/s|Mbit/s|megabits?(?: per second|"
    rf" a second)?|"
    r"(?:megs?|kbps|kbit/s|[GTM]B?)(?![a-z])|个G|兆(?:字节)?|"
    r"(?:gigabytes?|gigs?(?: of data)?)(?![a-z]))", _I,
)  # fmt: skip
_SPEEDY = any_of(
    r"宽带|家宽|光宽|速|带宽|光纤|下载|下行|上行|broadband|speed|download|upload|fibre|fiber|实测|忙时|高峰"
)
UP_TO = any_of(
    r"最高|高达|可达|至高|峰值|最大|理论|up to|max\w*|peak (?:rate|speed)|as fast as|"
    r"as much as|at most"
)
MEASURED = any_of(
    r"平均|均值|中位|实测|典型|实际|average|median|typical|measured|mean\b|"
    r"half (?:of )?(?:our |all )?(?:customers|users)"
)
SLOWED = any_of(
    r"限速|降至|降到|降为|降速|减至|限至|回落|reduc|slow|throttl|limited to|drop|"
    r"\bcut\b|then at|continue at|capped at"
)
UPLOAD = any_of(r"上行|上传|upload")
_OTHER_DATA = any_of(
    r"漫游|定向|加油包|结转|赠|(?<!发)送|每天|每日|roam|bonus|roll|extra|additional|"
    r"a day|per day|daily|free"
)
OVER = any_of(
    r"超过|用满|达到|用完|用尽|超出|满|以上|\bafter\b|\bonce\b|over\b|beyond|exceed|"
    r"reach|\bpast\b|above|use more|first"
)


def rates_and_data(text: Text) -> Iterator[StatedFact]:
    """Speeds (nominal, median, throttle, upload) and data (allowance, threshold)."""
    found = list(_RATE.finditer(text.text))
    for at, this in enumerate(found):
        value, unit = number(this["n"]), this["unit"].lower()
        if value is None or _generation(text.text, this, value):
            continue
        after = found[at - 1].end() if at else 0
        before = found[at + 1].start() if at + 1 < len(found) else 0
        around = text.around(this.start(), this.end(), after=after, before=before)
        if text.text[max(0, this.start() - 2) : this.start()].endswith(("/", "每")):
            continue
        if _is_speed(this, unit, value, around):
            scale = 1000 if unit.startswith("g") else 0.001 if unit.startswith("k") else 1
            if this["n"] == "千" and unit == "兆":
                value, scale = 1000, 1
            yield _speed(this, value * scale, around)
        else:
            scale = 1000 if unit.startswith("t") else 0.001 if unit.startswith(("m", "兆")) else 1
            yield _data(this, value * scale, around)


def _generation(text: str, this: re.Match[str], value: float) -> bool:
    """5G names a network, not five gigabytes."""
    return (
        this["unit"] == "G"
        and value in (2, 3, 4, 5, 6)
        and not text[this.end() :].startswith("流量包")
    )


def _is_speed(this: re.Match[str], unit: str, value: float, around: Around) -> bool:
    if unit.startswith(("gbps", "gb/s", "gbit", "mb/s", "mbit", "mbps", "kb", "megabit", "meg")):
        return True
    behind = around.after[:8]
    if unit in ("gb", "tb", "gigabyte", "gigabytes", "个g", "t", "兆字节") and this["unit"] not in (
        "Gb",
    ):
        return False
    if (
        "流量" in behind
        or "data" in unit
        or re.match(r"\s*(?:of )?data|\s*国内|\s*全国|\s*通用", behind, _I)
    ):
        return False
    if unit == "g" and not re.match(r"\s?(?:光纤|宽带|带宽|速|下载)", behind):
        return False
    if unit in ("m", "mb", "兆", "gb", "gig", "gigs", "g"):
        return bool(_SPEEDY.search(around.clause) or SLOWED.search(around.before)) or (
            unit == "兆" and value >= 50 and "流量" not in around.clause
        )
    return False


def _speed(this: re.Match[str], value: float, around: Around) -> StatedFact:
    before, behind = around.before, around.after
    up_to = bool(UP_TO.search(before))
    if UPLOAD.search(before) or UPLOAD.match(behind.strip()):
        role = "upload"
    elif SLOWED.search(before) or re.match(r"\s*(?:限速|thrott)", behind, _I):
        role = "throttle"
    elif MEASURED.search(before + around.label) or (not up_to and MEASURED.search(behind[:24])):
        role = "median"
    elif (
        re.match(r"\s?(?:光纤|宽带|光宽带|宽频|带宽)|\s?(?:broadband|fibre|fiber)", behind, _I)
        and not up_to
    ):
        role = "descriptor"
    else:
        role = "nominal"
    return StatedFact("mbps", role, value, this.start(), this.end(), up_to=up_to)


def _data(this: re.Match[str], value: float, around: Around) -> StatedFact:
    if _OTHER_DATA.search(around.before[-8:]) or re.match(
        r"\s*(?:定向|漫游|加油包|/天|每天|/日|roaming|a day|per day)", around.after, _I
    ):
        role = "unsure"
    elif OVER.search(around.before[-16:]) or re.match(r"\s*(?:后|以后|之后|以上)", around.after):
        role = "threshold"
    else:
        role = "allowance"
    return StatedFact("gb", role, value, this.start(), this.end())


_MINUTES = re.compile(rf"(?P<n>{NUMBER})\s?-?(?:分钟|(?:minutes?|mins?)(?![a-z]))", _I)
_CALLS = any_of(r"通话|语音|主叫|拨打|市话|长途|calls?\b|voice|talk")


def minutes(text: Text) -> Iterator[StatedFact]:
    """Minutes of calls; not how long something takes."""
    for this in _MINUTES.finditer(text.text):
        value = number(this["n"])
        around = text.around(this.start(), this.end())
        if value is None or re.match(
            r"\s*(?:内|即|搞定|办理|从|from|before|early|by foot|/)", around.after, _I
        ):
            continue
        if re.search(r"within|in\s$|every|仅需|只需|每(?=$)|/$|takes?", around.before[-10:], _I):
            continue
        if _CALLS.search(around.clause) or value >= 50:
            yield StatedFact("minutes", "allowance", value, this.start(), this.end())
