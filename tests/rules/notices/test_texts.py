"""Texts: every duty can be said in both languages, and nothing leaves half said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from amends.causes.notices.rules.texts import (
    NoticeElement,
    Sentence,
    Text,
    UnableToWriteNotice,
    check,
    sample_figures,
    words,
    write,
)
from amends.channels.sms.writing.parts import count_parts
from amends.engines.duties.book import book
from amends.platform.kit.packs import jurisdictions

TODAY = date(2026, 11, 24)
KNOWN = words(TODAY)
BOOKS = [book(place, TODAY) for place in jurisdictions()]
STEPS = [
    (one, duty, step)
    for one in BOOKS
    for duty in one.duties
    for step in duty.steps
    if duty.met_by == "notice"
]
NEAR = book("cn", TODAY).find("cn.allowance_near")
assert NEAR is not None
NEAR_STEP = NEAR.step("80%")
FIGURES = {"counter": "data", "used_mb": 8192, "limit_mb": 10240}


def said(figures: dict[str, str | int], language: str = "en") -> str:
    assert NEAR is not None
    return write(
        NEAR,
        NEAR_STEP,
        figures,
        language=language,
        zone="Asia/Shanghai",
        currency="CNY",
        notice_text=KNOWN,
    ).body


def test_every_duty_can_be_said() -> None:
    for (place, duty, step), language in product(STEPS, ["zh", "en"]):
        case = f"{place.jurisdiction} {duty.id} {step.id} {language}"
        figures = sample_figures(step, KNOWN)
        text = write(
            duty,
            step,
            figures,
            language=language,
            zone=place.zone,
            currency=duty.currency or place.currency,
            notice_text=KNOWN,
        )
        assert "{" not in text.body, case
        assert bool(re.search(r"[一-鿿]", text.body)) is (language == "zh"), case
        assert count_parts(text.body) <= 3, case


def test_a_notice_without_a_mandatory_figure_is_refused() -> None:
    for place, duty, step in STEPS:
        samples = sample_figures(step, KNOWN)
        for name in step.must_say:
            if KNOWN.elements[name].phrase and not KNOWN.elements[name].sample:
                continue
            fewer = {
                key: value
                for key, value in samples.items()
                if key not in KNOWN.elements[name].sample
            }
            refused = False
            try:
                write(
                    duty,
                    step,
                    fewer,
                    language="en",
                    zone=place.zone,
                    currency="CNY",
                    notice_text=KNOWN,
                )
            except UnableToWriteNotice as error:
                refused = name in str(error)
            assert refused, f"{place.jurisdiction} {duty.id} {step.id} without {name}"


def test_a_text_that_leaves_out_a_mandatory_element_does_not_pass() -> None:
    assert NEAR is not None
    silent = Text(
        "allowance_near", "用量", "Use", (Sentence("{used}", "{used}", "", frozenset({"used"})),)
    )
    with pytest.raises(UnableToWriteNotice, match="does not say counter, limit"):
        check(NEAR, replace(KNOWN, texts={"allowance_near": silent}))
    sometimes = tuple(replace(one, when="offer") for one in KNOWN.texts["allowance_near"].sentences)
    optional = replace(KNOWN.texts["allowance_near"], sentences=sometimes)
    with pytest.raises(UnableToWriteNotice, match="does not say counter, limit, used"):
        check(NEAR, replace(KNOWN, texts={"allowance_near": optional}))
    with pytest.raises(UnableToWriteNotice, match="there is no text"):
        check(NEAR, replace(KNOWN, texts={}))
    nothing: dict[str, NoticeElement] = {}
    with pytest.raises(UnableToWriteNotice, match="there is no wording for"):
        check(NEAR, replace(KNOWN, elements=nothing))


def test_figures_read_as_the_reader_writes_them() -> None:
    assert said(FIGURES) == "You have used 8 GB of 10 GB (data) this period."
    assert said(FIGURES, "zh-hans") == "您本期流量已用8 GB，套餐限量10 GB。"
    assert "Beyond it: ¥0.29 a MB." in said(FIGURES | {"out_of_plan_price_en": "¥0.29 a MB"})
    assert "120 min of 200 min (calls)" in said(
        {"counter": "voice", "used_min": 120, "limit_min": 200}
    )


def test_a_figure_of_the_other_language_does_not_stand_in() -> None:
    with pytest.raises(UnableToWriteNotice, match="lacks limit"):
        said({"counter": "data", "used_mb": 1, "limit_zh": "十GB"})
