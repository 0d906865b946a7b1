"""A file of lines to enrol says what it is refused for, before anything could fail later."""

from __future__ import annotations

from pathlib import Path

import pytest

from amends.causes.notices.actions.enrol import UnableToEnrol
from amends.causes.notices.actions.lines_file import read_lines

HEAD = "service,subscriber,zone,day,plan,data_mb,balance_minor\n"


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "holds no line"),
        ("s" * 65 + ",p,UTC,1,a,1,0\n", "more than 64 letters"),
        ("s\x00x,p,UTC,1,a,1,0\n", "control characters"),
        ("s,p\x07,UTC,1,a,1,0\n", "The subscriber is empty, holds control characters"),
        (",p,UTC,1,a,1,0\n", "The service is empty"),
        ("s,p,UTC,1," + "a" * 121 + ",1,0\n", "more than 120 letters"),
        ("s,p,UTC,1,a,-1,0\n", "data_mb is -1"),
        (f"s,p,UTC,1,a,{2**41},0\n", "no line has such a limit"),
    ],
)
def test_what_could_not_be_kept_later_is_refused_now(tmp_path: Path, rows: str, said: str) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    with pytest.raises(UnableToEnrol, match=said) as refused:
        read_lines(path)
    assert "lines.csv" in str(refused.value)


@pytest.mark.no_database
def test_a_balance_below_nothing_is_one(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(HEAD + "s,,UTC,1,,0,-500\n", encoding="utf-8")
    found = read_lines(path)
    assert (found.subscriber.to_pylist(), found.plans[0].balance_minor) == (["s"], -500)


@pytest.mark.no_database
def test_a_file_in_gb18030_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes("业务,subscriber\ns,p\n".encode("gb18030"))
    with pytest.raises(UnableToEnrol, match="not UTF-8"):
        read_lines(path)


@pytest.mark.no_database
def test_a_refusal_repeats_no_row(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text("service,subscriber\ns,林小满,13900000001\n", encoding="utf-8")
    with pytest.raises(UnableToEnrol, match="Expected 2 columns, got 3") as refused:
        read_lines(path)
    assert "13900000001" not in str(refused.value)
