"""Figures, dates and clocks in the reader's form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

NOW = datetime(2026, 11, 24, 6, 5, tzinfo=UTC)


def render(language: str, text: str, **values: object) -> str:
    with translation.override(language):
        return Template("{% load figures %}" + text).render(Context({"now": NOW, **values}))


@pytest.mark.parametrize(
    ("language", "expected"),
    [("zh-hans", ">2026年11月24日 14:05<"), ("en", ">24 Nov 2026 14:05<")],
)
def test_a_moment_is_written_for_its_reader(language: str, expected: str) -> None:
    html = render(language, "{% moment at %}", at=NOW)
    assert expected in html
    assert 'datetime="2026-11-24T06:05:00+00:00"' in html


@pytest.mark.parametrize(
    ("tag", "more"),
    [
        ("moment", ""),
        ("money", '"CNY"'),
        ("number", ""),
        ("share", ""),
        ("rate", ""),
        ("ago", ""),
        ("day", ""),
    ],
)
def test_nothing_is_a_dash_never_a_zero(tag: str, more: str) -> None:
    assert render("en", f"{{% {tag} nothing {more} %}}", nothing=None) == "—"


def test_large_counts_keep_the_exact_figure_in_the_title() -> None:
    assert render("zh-hans", "{% number n %}", n=123456) == '<abbr title="123,456">12.3万</abbr>'
    assert render("en", "{% number n %}", n=123456) == "123,456"


@pytest.mark.parametrize(
    ("hours", "level", "english", "chinese"),
    [
        (-30, "late", "30 h late", "超期30小时"),
        (-80, "late", "3 days late", "超期3天"),
        (5, "today", "in 5 h (19:05)", "5小时后（19:05）"),
        (20, "today", "tomorrow (25 Nov)", "明天（11月25日）"),
        (33, "soon", "tomorrow (25 Nov)", "明天（11月25日）"),
        (34, "soon", "in 2 days (26 Nov)", "2天后（11月26日）"),
        (50, "soon", "in 2 days (26 Nov)", "2天后（11月26日）"),
        (220, "calm", "in 9 days (3 Dec)", "9天后（12月3日）"),
    ],
)
def test_a_clock_says_level_time_left_and_day(
    hours: int, level: str, english: str, chinese: str
) -> None:
    due = NOW + timedelta(hours=hours)
    for language, words in (("en", english), ("zh-hans", chinese)):
        html = render(language, "{% clock due %}", due=due)
        assert f'class="clock {level}"' in html
        assert f">{words}</time>" in html
        assert 'title="' in html


def test_days_are_those_of_the_calendar() -> None:
    """Before, 47 hours were two days: on the 29th, the 30th was “in 2 days”."""
    now = datetime(2026, 11, 28, 16, 30, tzinfo=UTC)  # 29 Nov, half past midnight in Shanghai
    html = render("en", "{% clock due %}", now=now, due=now + timedelta(hours=47))
    assert ">tomorrow (30 Nov)</time>" in html


def test_a_share_short_of_the_whole_is_not_the_whole() -> None:
    """Before, a feed with a gap stood beside 100.0%."""
    assert render("en", "{% share a 1 %} {% share b 1 %}", a=0.99999, b=1.0) == "&gt;99.9% 100.0%"


def test_a_clock_that_stands_still_says_why() -> None:
    html = render("en", "{% clock due paused='waiting for the user' %}", due=NOW)
    assert "waiting for the user" in html
    assert "still" in html


def test_a_quarter_is_written_as_its_reader_writes_it() -> None:
    assert render("en", "{{ it|quarter }}", it="2026-Q4") == "2026 Q4"
    assert render("zh-hans", "{{ it|quarter }}", it="2026-Q4") == "2026年4季度"


def test_a_rate_names_its_unit_and_interval() -> None:
    html = render("en", "{% rate 13.6 1000000 13.2 14.1 %}")
    assert html.startswith("13.6 (13.2–14.1)")
    assert "per million users" in html
