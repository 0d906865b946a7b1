"""The summary says when the network's faults were found, and by how much complaints of them fell."""

from __future__ import annotations

import io

import pytest
from django.utils import translation
from rich.console import Console

from amends_demo.actions.network import FaultEffect, NetworkWatched
from amends_demo.actions.show import show_network

pytestmark = pytest.mark.no_database


def summary(language: str) -> str:
    effect = FaultEffect(
        "storm",
        "area-3301",
        "2026-11-18T00:00:00+00:00",
        "2026-11-18T03:00:00+00:00",
        found_after_h=3.0,
        before_peak_h=109.0,
        before_first_complaint_h=45.0,
        complaints=2,
        complaints_without=10,
        repaired=7,
        notified=1,
    )
    out = io.StringIO()
    with translation.override(language):
        found = NetworkWatched([effect], 0, incidents=1, joined=2, notified=30, credited=30)
        show_network(found, Console(file=out, width=200))
    return out.getvalue()


def test_the_summary_says_by_how_much_and_by_what() -> None:
    said = summary("en")
    assert "Storm in Qianwan: counters showed it 3.0 h after it began, 109 h before" in said
    assert "2 instead of 10 (−80%)" in said
    assert "Repaired before it befell them: 7; told of it and quiet: 1." in said
    assert "users notified: 30; credits proposed: 30" in said


def test_the_summary_says_it_in_chinese() -> None:
    said = summary("zh-hans")
    assert "钱湾市暴雨断网：发生后 3.0 小时由小区指标发现" in said
    assert "相关投诉 2 件，没有这些措施时为 10 件（−80%）" in said
