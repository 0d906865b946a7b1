"""Every kind of fact and each of its fields has a name in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation
from django.utils.translation import gettext

from amends.cases.complaints.web.fact_words import fields, sentence
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.facts.field_words import FIELDS, label
from amends.record.facts.kinds import KINDS
from amends.record.facts.stored import StoredFact
from amends.record.facts.titles import TITLES

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)


def stored(kind: str, payload: dict[str, str | int]) -> StoredFact:
    fact = Fact(kind, "p-1", "quality", NOW, "quality", payload)
    return StoredFact(
        fact.id, kind, 1, "p-1", "quality", to_ms(NOW), to_ms(NOW), "quality", payload, b"", 1
    )


def test_no_kind_and_no_field_is_left_with_the_name_of_the_log() -> None:
    named = {
        field.removesuffix("_ms").removesuffix("_minor").removesuffix("_kbps")
        for kind in KINDS.values()
        for field in (*kind.required, *kind.optional)
    }
    assert named <= FIELDS.keys()
    assert KINDS.keys() <= TITLES.keys()
    assert all(zh and en for zh, en in FIELDS.values())
    with translation.override("zh-hans"):
        assert not [kind for kind, words in TITLES.items() if gettext(words).isascii()]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", "全体用户的测速、故障发生记录完整情况已声明（是）。"),
        (
            "en",
            "Records of Speed measured, Incident opened for everyone are stated complete (yes).",
        ),
    ],
)
def test_a_statement_of_completeness_is_read_by_people(language: str, words: str) -> None:
    payload: dict[str, str | int] = {
        "kinds": "SpeedMeasured,IncidentOpened",
        "scope": "all",
        "complete": 1,
        "from_ms": to_ms(NOW),
        "to_ms": to_ms(NOW),
    }
    with translation.override(language):
        assert sentence(stored("SourceCovered", payload), "Asia/Shanghai") == words
        shown = {
            name: told for name, told, _value in fields(stored("SourceCovered", payload), "UTC")
        }
    assert shown["from_ms"] == label("from_ms", zh=language == "zh-hans")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "payload", "zh", "en"),
    [
        (
            "QualityDegraded",
            {"area": "a-1", "technology": "fibre", "severity": "major", "from_ms": 0, "to_ms": 1},
            "a-1的光纤质量下降（严重）。",
            "Quality of fibre in a-1 was degraded (major).",
        ),
        (
            "IncidentOpened",
            {"incident": "i-1", "area": "a-1", "technology": "fibre", "cause": "cable_cut"},
            "a-1发生故障 i-1：光缆中断。",
            "Incident i-1 in a-1: cable cut.",
        ),
        (
            "ChargeMade",
            {
                "charge": "c-1",
                "charge_kind": "overage",
                "offer": "tune",
                "amount_minor": 500,
                "currency": "CNY",
            },
            "收取晨曲费用¥5.00（套餐外费用）。",
            "Charged ¥5.00 (use beyond the allowance) for Morning Tune.",
        ),
        (
            "NoticeDue",
            {"duty": "cn.roaming_cap", "duty_version": "2012-01-20", "key": "k", "due_at_ms": 1},
            "应发送提醒“漫游费用上限提醒”。",
            "Notice due: notice before the roaming cap.",
        ),
        (
            "NoticeDue",
            {"duty": "xx.unheard", "duty_version": "2012-01-20", "key": "k", "due_at_ms": 1},
            "应发送提醒“xx.unheard”。",
            "Notice due: xx.unheard.",
        ),
    ],
)
def test_codes_in_a_fact_are_read_as_words(
    kind: str, payload: dict[str, str | int], zh: str, en: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "amends.cases.complaints.web.fact_words.offer_names",
        lambda: {"tune": ("晨曲", "Morning Tune")},
    )
    for language, said in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            assert sentence(stored(kind, payload), "Asia/Shanghai") == said
