"""Refusals, notes, findings and codes of commands reach a reader of Chinese in Chinese."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from amends.platform.cli.language import translate_sentence
from amends.platform.environment.settings_values import flag
from amends.platform.kit.errors import BadInput
from amends.platform.kit.translatable import Translatable, translated
from tests.shell import amends

ENGLISH = re.compile(r"[a-z]{3,} [a-z]{3,}")


@pytest.fixture(autouse=True)
def _in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "AMENDS_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")


def _written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


def test_a_refusal_of_a_rule_names_its_place_in_chinese(db: None, tmp_path: Path) -> None:
    weeks = "week,a\n2026-11-02,1\n2026-11-09,2\n2026-11-16,-3\n"
    refused = amends("hotissues", "scan", _written(tmp_path, "counts.csv", weeks))
    assert refused.code == 2
    assert refused.err.startswith(
        "counts.csv 第4行 a 列: -3 不是计数。没有扫描任何内容。计数是不小于0的整数"
    )
    lines = _written(tmp_path, "lines.csv", "service,plan\n,p\n")
    refused = amends("notices", "enrol", lines)
    assert refused.code == 2
    assert not ENGLISH.search(refused.err), refused.err
    refused = amends("confirmations", "audit", lines, lines, "--pack", "cn")
    assert refused.code == 2
    assert "文件中没有" in refused.err
    refused = amends("client", "reader", "--scope", "everything")
    assert "没有“everything”这个权限范围。" in refused.err


def test_the_notes_of_a_scan_are_in_chinese_and_stay_english_for_programs(
    db: None, tmp_path: Path
) -> None:
    days = (day for day in range(1, 25) if day != 9)
    rows = "date,a,b\n" + "".join(f"2026-11-{day:02},{day},1\n" for day in days)
    file = _written(tmp_path, "days.csv", rows)
    done = amends("hotissues", "scan", file)
    assert done.code == 0, done.err
    assert "文件中缺少1期；对它们不作任何假定。" in done.out.replace("\n", "")
    notes = amends("hotissues", "scan", file, "--json").document["notes"]
    assert "Periods that are not in the file: 1; nothing is assumed about them." in notes


def test_why_a_measure_cannot_be_judged_is_in_chinese(db: None, tmp_path: Path) -> None:
    rows = "treated,control,after\n" + "5,5,0\n" * 3 + "5,5,1\n"
    file = _written(tmp_path, "effect.csv", rows)
    done = amends("hotissues", "effect", file)
    assert done.code == 0, done.err
    for words in ("条件二项", "措施之后不足", "措施之前的投诉不足"):
        assert words in done.out
    told_programs = amends("hotissues", "effect", file, "--json").document
    assert told_programs["verdict"] == "not_yet_judgeable"
    assert told_programs["method"] == "conditional binomial"
    assert any(reason.startswith("Fewer than") for reason in told_programs["reasons"])


def test_a_sentence_is_the_same_for_programs_and_told_to_people() -> None:
    chinese = {"%(n)s rows: %(why)s": "%(n)s行：%(why)s", "It is empty.": "是空的。"}.get
    said = Translatable("%(n)s rows: %(why)s", n=3, why=BadInput("It is empty."))
    assert json.dumps(said) == '"3 rows: It is empty."'
    assert translated(said, lambda words: chinese(words) or words) == "3行：是空的。"


def test_a_setting_that_is_not_understood_is_told_in_chinese(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AMENDS_LOUD", "perhaps")
    with pytest.raises(ImproperlyConfigured) as refused:
        flag("AMENDS_LOUD", default=False)
    assert str(refused.value) == "AMENDS_LOUD is 'perhaps'; it can be yes or no."
    assert (
        translate_sentence(refused.value.args[0]) == "AMENDS_LOUD 为 'perhaps'；可以是 yes 或 no。"
    )
