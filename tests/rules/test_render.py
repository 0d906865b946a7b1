"""What the renderer of commands prints and serialises."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from amends.platform.cli.render import OMIT_NONE, TableColumn, View, as_json, show


@dataclass(frozen=True, slots=True)
class Row:
    name: str = field(metadata={"serialization_alias": "from"})


def test_a_code_is_never_cut_in_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    code = "cn.allowance_reached.near"
    wrapped = TableColumn("words", lambda row: "several words that wrap")
    show(View(columns=(TableColumn("code", "name", whole=True), wrapped), rows=[Row(code)]))
    out = capsys.readouterr().out
    assert code in out
    assert "several" in out


def test_text_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    show(View(text="a" * 200 + "\n"))
    assert capsys.readouterr().out == "a" * 200 + "\n"


def test_a_field_may_have_another_name_in_the_document() -> None:
    assert as_json(Row("x")) == b'{"from":"x"}'


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result with a key that is there only at times."""

    read: int
    error: str | None = field(default=None, metadata=OMIT_NONE)
    day: str | None = None


def test_a_key_may_be_left_out_where_there_is_no_value() -> None:
    assert as_json(Outcome(3)) == b'{"read":3,"day":null}'
    assert as_json(Outcome(0, "no_row_usable")) == (
        b'{"read":0,"error":"no_row_usable","day":null}'
    )


def test_chinese_words_wrap_and_are_not_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    title = "办理前告知套餐资费和使用条件"
    show(
        View(columns=(TableColumn("标题", "name"), TableColumn("来源", "name")), rows=[Row(title)])
    )
    out = capsys.readouterr().out
    assert "…" not in out
    assert all(out.count(one) >= 2 for one in title)
