"""Speeds, data, minutes and “unlimited” of an advert held against the record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amends.publicity.rules.comparison import AdvertComparison, close
from amends.publicity.rules.findings import Finding, say
from amends.publicity.rules.rulebook import Rulebook
from amends.publicity.rules.text import StatedFact

_I = re.I
_CALLS = re.compile(
    r"(?:通话|语音|分钟数)(?:时长)?(?:不限|无限)|(?:不限|无限)(?:时|次)?(?:通话|语音)|"
    r"\bunlimited (?:\w+ )?(?:calls?|minutes|mins|voice|talk)\b", _I,
)  # fmt: skip


def speeds(c: AdvertComparison) -> Iterator[Finding]:
    offer = c.offer
    nominal, median = offer.down_nominal_mbps, offer.down_median_peak_mbps
    for fact in c.of("mbps", "nominal", "descriptor"):
        plain_median = close(fact.value, median) and not fact.up_to
        if (
            not close(fact.value, nominal)
            and not plain_median
            and not close(fact.value, offer.throttle_mbps)
        ):
            yield c.at("SPEED_MISMATCH", "down_nominal_mbps", fact, nominal, " Mbps")
    for fact in c.of("mbps", "median"):
        if median is None:
            if nominal is not None and fact.value > nominal:
                yield c.at("SPEED_MISMATCH", "down_median_peak_mbps", fact, nominal, " Mbps")
            else:
                yield c.unsure("down_median_peak_mbps", fact)
        elif fact.value > median * 1.005 or fact.value < median * 0.9:
            yield c.at("SPEED_MISMATCH", "down_median_peak_mbps", fact, median, " Mbps")
    for fact in c.of("mbps", "throttle"):
        if not close(fact.value, offer.throttle_mbps):
            yield c.at("THROTTLE_MISMATCH", "throttle_mbps", fact, offer.throttle_mbps, " Mbps")
    claims = [
        fact
        for fact in c.of("mbps", "nominal", "descriptor")
        if close(fact.value, nominal) and not _in_name(c, fact)
    ]
    lacks_median = median is not None and not c.of("mbps", "median")
    if claims and (not any(fact.up_to for fact in claims) or lacks_median):
        is_ = f"≤ {say(nominal)} Mbps" + (
            f", median {say(median)} Mbps" if median is not None else ""
        )
        yield c.at("BANDWIDTH_CONDITION_MISSING", "down_nominal_mbps", claims[0], is_)


def _in_name(c: AdvertComparison, fact: StatedFact) -> bool:
    said = c.cut.text[fact.start : fact.end].lower().replace(" ", "")
    return fact.role == "descriptor" and said in c.offer.name.lower().replace(" ", "")


def allowances(c: AdvertComparison) -> Iterator[Finding]:
    offer = c.offer
    for fact in c.of("gb"):
        if fact.role == "unsure":
            yield c.unsure("data_gb", fact, offer.data_gb)
            continue
        known = (offer.data_gb, offer.throttle_after_gb, offer.data_cap_gb)
        if fact.role == "threshold" and offer.threshold_gb is not None:
            known = (offer.throttle_after_gb, offer.data_cap_gb, None)
        if not any(_same_data(fact.value, value) for value in known):
            field = "throttle_after_gb" if fact.role == "threshold" else "data_gb"
            is_ = (
                offer.threshold_gb
                if fact.role == "threshold" or offer.data_gb is None
                else offer.data_gb
            )
            yield c.at("ALLOWANCE_MISMATCH", field, fact, is_, " GB")
    for fact in c.of("minutes"):
        if not close(fact.value, offer.voice_min):
            yield c.at("ALLOWANCE_MISMATCH", "voice_min", fact, offer.voice_min, " min")
    if offer.voice_min and (calls := _CALLS.search(c.cut.text)):
        yield Finding(
            "ALLOWANCE_MISMATCH",
            "block",
            "voice_min",
            calls[0],
            say(offer.voice_min, " min"),
            calls.start(),
            calls.end(),
        )


def _same_data(said: float, value: float | None) -> bool:
    return value is not None and (
        close(said, value) or close(said * 1.024, value) or close(said / 1.024, value)
    )


def unlimited(c: AdvertComparison) -> Iterator[Finding]:
    offer = c.offer
    found = called_unlimited(c.cut.text, c.rulebook)
    if not found:
        return
    if offer.threshold_gb is None:
        if offer.data_gb:
            yield Finding(
                "ALLOWANCE_MISMATCH",
                "block",
                "data_gb",
                found[0],
                say(offer.data_gb, " GB"),
                found.start(),
                found.end(),
            )
        return
    slowed = offer.throttle_mbps is None or c.of("mbps", "throttle")
    if not slowed:
        slowed = [
            fact for fact in c.of("mbps", "nominal") if close(fact.value, offer.throttle_mbps)
        ]
    if not c.of("gb", "threshold", "allowance") or not slowed:
        is_ = f"> {say(offer.threshold_gb)} GB: {say(offer.throttle_mbps, ' Mbps') or '0'}"
        yield Finding(
            "UNLIMITED_UNQUALIFIED",
            "block",
            "throttle_after_gb",
            found[0],
            is_,
            found.start(),
            found.end(),
        )


def called_unlimited(text: str, rulebook: Rulebook) -> re.Match[str] | None:
    """Where a text calls data unlimited."""
    blanked = text
    if exempt := rulebook.words.get("unlimited_exempt"):
        blanked = exempt.sub(lambda found: " " * len(found[0]), text)
    return rulebook.finds("unlimited", blanked)
