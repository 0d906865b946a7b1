"""The command line speaks the language of the terminal, else AMENDS_LANGUAGE, else English."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer import rich_utils

from amends.platform.cli.help import _FRAME, complaint
from amends.platform.cli.language import error_text, gettext, language, ngettext, speaking
from amends.platform.kit.errors import Refused
from tests.shell import amends

NAMES = ("LC_ALL", "LC_MESSAGES", "LANG", "AMENDS_LANGUAGE")


@pytest.fixture(autouse=True)
def _no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("terminal", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh-hans"),
        ({"AMENDS_LANGUAGE": "zh-hans"}, "zh-hans"),
        ({"AMENDS_LANGUAGE": "zh-hans", "LANG": "C.UTF-8"}, "zh-hans"),
        ({"AMENDS_LANGUAGE": "zh-hans", "LC_ALL": "POSIX"}, "zh-hans"),
        ({"AMENDS_LANGUAGE": "zh-hans", "LANG": "en_GB.UTF-8"}, "en"),
        ({"AMENDS_LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, "zh-hans"),
    ],
)
def test_the_terminal_decides_then_the_installation(
    terminal: dict[str, str], spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in terminal.items():
        monkeypatch.setenv(name, value)
    assert language() == spoken


@pytest.mark.no_database
def test_what_programs_read_stays_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setattr(sys, "argv", ["amends", "rate", "--json"])
    assert language() == "en"


@pytest.mark.no_database
def test_words_of_every_room_are_found_and_counts_agree() -> None:
    assert gettext("Restoring") == "Restoring"
    assert ngettext("%(count)s order.", "%(count)s orders.", 1) == "%(count)s order."
    with speaking("zh-hans"):
        assert gettext("Restoring") == "正在恢复"
        assert gettext("There is no such case.") == "没有这个案件。", "a word of another app"
        assert gettext("No words of ours.") == "No words of ours."
        assert ngettext("%(count)s order.", "%(count)s orders.", 1) == "共%(count)s张订单。"


@pytest.mark.no_database
def test_a_refusal_is_told_in_the_reader_s_language() -> None:
    why = Refused("There is no such case.", meaning="Nothing was changed.")
    assert error_text(why) == "There is no such case. Nothing was changed."
    with speaking("zh-hans"):
        assert error_text(why) == "没有这个案件。没有作任何改动。"


@pytest.mark.no_database
def test_a_command_without_a_database_answers_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("deadlines", "--pack", "cn", "--received", "2026-11-24T10:00")
    assert "end of day" in amends(*asked).out
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    done = amends(*asked)
    assert done.code == 0
    assert "截止时间" in done.out
    assert "当日结束前" in done.out
    assert "end of day" not in done.out
    refused = amends("deadlines", "--received", "tomorrow")
    assert refused.code == 2
    assert "不是有效的日期和时间。请写成" in refused.err


@pytest.mark.no_database
def test_help_and_what_typer_says_are_in_chinese_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _FRAME:
        monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))
    assert "How many complaints, from 0." in amends("rate", "--help").out
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    shown = amends("rate", "--help")
    assert shown.code == 0
    for words in ("用法：", "选项", "投诉数，不小于 0。", "[必填]", "显示本说明并退出。"):
        assert words in shown.out
    for asked, words in (
        (("rate", "--complaints", "x"), "'--complaints' 的值无效：应为整数"),
        (("rate", "--users", "5"), "缺少：'--complaints'。"),
        (("rate", "--nope"), "没有这个选项：--nope"),
        (("hotissues", "scam"), "没有这个命令：'scam'。"),
    ):
        refused = amends(*asked)
        assert refused.code == 2
        assert words in refused.err


@pytest.mark.no_database
def test_what_typer_says_and_we_do_not_know_is_kept() -> None:
    with speaking("zh-hans"):
        assert complaint("Something new.") == "Something new."
        assert (
            complaint("Invalid value for '--at': Something new.")
            == "'--at' 的值无效：Something new."
        )


def test_what_an_import_tells_is_in_chinese_and_stays_english_for_programs(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, rejects = tmp_path / "tickets.csv", tmp_path / "rejects.csv"
    file.write_text(
        "id,received,text\nT-1,2026-10-02,每月扣我彩铃费\nT-2,2026-13-45,从没订过\nT-3,x\n", "utf-8"
    )
    asked = ("import", "complaints", str(file), "--rejects", str(rejects))
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    done = amends(*asked)
    assert done.code == 0, done.err
    for words in ("共3行：接收1行，已有0行，拒收2行。", "1行没有钟点，按零点记。", "列的对应："):
        assert words in done.out
    reasons = rejects.read_text("utf-8-sig")
    assert "received“2026-13-45”这一天不存在" in reasons
    assert "有2个单元格，而表头有3列" in reasons
    notes = amends(*asked, "--json").document["notes"]
    assert "1 row has no time of day; midnight was taken." in notes
    assert "has a cell count of 2, the header of 3" in rejects.read_text("utf-8-sig")


def test_a_file_that_holds_no_table_is_refused_in_chinese(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "none.csv"
    file.write_bytes(b"")
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    done = amends("import", "complaints", str(file))
    assert done.code == 2
    assert done.err == "none.csv 是空文件。请提交有表头和数据行的文件。\n"
