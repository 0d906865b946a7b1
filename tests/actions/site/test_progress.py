"""Progress where nobody looks at a terminal: a line for each tenth, nothing on standard output."""

from __future__ import annotations

import pytest

from amends.platform.cli.progress import bar


def test_a_pipe_gets_a_line_for_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("complaints") as progress:
        for done in range(1001):
            progress(done, 1000)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [f"complaints {n * 100}/1000" for n in range(11)]


def test_what_is_asked_to_be_quiet_is(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("complaints", quiet=True) as progress:
        progress(1, 1)
    assert capsys.readouterr().err == ""


def test_nothing_to_do_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("complaints") as progress:
        progress(0, 0)
        progress(0, 0)
    assert capsys.readouterr().err.splitlines() == ["complaints 0/0"]
