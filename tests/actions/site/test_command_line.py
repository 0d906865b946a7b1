"""The command line itself: version, short help, flags, and refusals for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from amends.platform.environment.build import release
from shell import amends


def test_it_says_its_version() -> None:
    done = amends("--version")
    assert (done.code, done.out.strip()) == (0, release())


@pytest.mark.parametrize("line", [("-h",), ("classify", "-h"), ("import", "complaints", "-h")])
def test_short_help_is_help(line: tuple[str, ...]) -> None:
    done = amends(*line)
    assert done.code == 0
    assert "Usage:" in done.out


def test_options_without_a_value_are_shown_as_flags() -> None:
    out = amends("classify", "-h").out
    assert "--even-if-worse" in out
    assert "--no-even-if-worse" not in out
    assert "bool" not in out


def test_refusals_are_json_where_json_is_asked_for(tmp_path: Path) -> None:
    wrong = amends("classify", "--nope", "--json")
    assert wrong.code == 2
    assert json.loads(wrong.err)["error"] == "wrong_arguments"
    missing = amends("classify", tmp_path / "a.csv", "--out", tmp_path / "b.csv", "--json")
    assert missing.code == 2
    told = json.loads(missing.err)
    assert told["error"] == "file_unreadable"
    assert "a.csv cannot be read" in told["what"]
    assert told["next_step"] == "Check its name and rights."
