"""Figures, dates and money in the reader's form: `amends.platform.kit.formats` for templates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from amends.engines.stats.figures import FIGURES
from amends.engines.stats.rates import FEWEST_COMPLAINTS
from amends.platform.kit import formats
from amends.platform.kit.money import format_amount, sign_of

register = template.Library()

DASH = formats.NOTHING


def _language() -> str:
    return get_language() or "en"


def _zone_name() -> str:
    return timezone.get_current_timezone_name()


def day_text(value: date, *, year: bool = True) -> str:
    """A day: 24 Nov 2026, or 2026年11月24日; without its year where the year is plain."""
    if not year:
        return formats.format_day_month(value, _language())
    return formats.both_dates(value)[0 if formats.is_chinese(_language()) else 1]


def moment_text(at: datetime, *, year: bool = True) -> str:
    """A moment on the clock in force: 24 Nov 2026 14:05, or 2026年11月24日 14:05."""
    if year:
        return formats.format_moment(at, _language(), _zone_name())
    local = timezone.localtime(at)
    return f"{day_text(local.date(), year=False)} {local:%H:%M}"


def count_text(value: int) -> str:
    """A count: 1,234, and 12.3万 for Chinese readers."""
    return formats.format_count(value, _language())


def span_text(span: timedelta) -> str:
    """A length of time in one unit a person would say: 3 days, 5 h, 12 min."""
    seconds = abs(int(span.total_seconds()))
    if seconds >= 36 * 3600:
        days = (seconds + 43_200) // 86_400
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": f"{days:,}"}
    if seconds >= 3600:
        return gettext("%(n)s h") % {"n": seconds // 3600}
    return gettext("%(n)s min") % {"n": max(seconds // 60, 1)}


def _time(at: datetime, text: str, *, title: str = "") -> SafeString:
    titled = f' title="{escape(title)}"' if title else ""
    stamp = at.isoformat(timespec="seconds")
    return mark_safe(f'<time datetime="{stamp}"{titled}>{escape(text)}</time>')  # noqa: S308 (escaped)


def _zone(at: datetime) -> str:
    return str(timezone.localtime(at).tzname() or "")


@register.simple_tag
def moment(at: datetime | None, form: str = "full") -> str:
    """A moment. `form`: full; short (no year); day (no time). The zone stands in the title."""
    if at is None:
        return DASH
    local = timezone.localtime(at)
    if form == "day":
        return _time(at, day_text(local))
    on_the_clock = f"{local.hour:02d}:{local.minute:02d}"
    full = f"{day_text(local)} {on_the_clock}"
    time_text = full if form == "full" else f"{day_text(local, year=False)} {on_the_clock}"
    return _time(at, time_text, title=f"{full} {local.tzname()}")


@register.simple_tag
def day(value: date | None) -> str:
    """A calendar day in the reader's form."""
    if value is None:
        return DASH
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), day_text(value))


@register.simple_tag
def ago(at: datetime | None, now: datetime | None = None) -> str:
    """How long ago, the moment itself in the title."""
    if at is None:
        return DASH
    passed = (now or timezone.now()) - at
    if passed < timedelta(minutes=1):
        text = gettext("just now")
    else:
        text = gettext("%(span)s ago") % {"span": span_text(passed)}
    return _time(at, text, title=f"{moment_text(at)} {_zone(at)}")


@register.simple_tag
def lasting(seconds: float | None) -> str:
    """A length of time, a dash for none."""
    return "—" if seconds is None else span_text(timedelta(seconds=seconds))


@register.simple_tag
def money(minor: int | None, currency: str) -> str:
    """An amount in minor units: ¥12.34."""
    if minor is None:
        return DASH
    return format_html('<span class="nowrap">{}</span>', formats.format_money(minor, currency))


@register.simple_tag
def amount(value: float | str | None, currency: str) -> str:
    """A calculated amount in major units: ¥12.50, ¥7,398,525; a dash as `decimal` has it."""
    if value is None or isinstance(value, str):
        return DASH
    return format_html('<span class="nowrap">{}</span>', format_amount(value, currency))


@register.simple_tag
def number(value: int | None) -> str:
    """A count, the exact figure in the title where it was shortened."""
    if value is None:
        return DASH
    text = count_text(value)
    exact = f"{value:,}"
    if text == exact:
        return text
    return format_html('<abbr title="{}">{}</abbr>', exact, text)


@register.simple_tag
def decimal(value: float | str | None, digits: int = 1) -> str:
    """A number with its places, 1,234 from a thousand on, where places say nothing more; a dash
    for none, and for what a template could not find ("")."""
    if value is None or isinstance(value, str):
        return DASH
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{digits}f}"


@register.simple_tag
def share(value: float | str | None, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage; a dash for none, as `decimal` has it.

    What is short of the whole never reads as 100%.
    """
    if value is None or isinstance(value, str):
        return DASH
    full_percent = f"{100:.{digits}f}%"
    text = f"{value * 100:.{digits}f}%"
    return (
        f">{100 - 10**-digits:.{digits}f}%" if text == full_percent and value < 1 - 1e-9 else text
    )


@register.filter
def quarter(text: str) -> str:
    """A quarter as its reader writes it: 2026 Q4, 2026年4季度; `text` is "2026-Q4"."""
    year, _dash, number = text.partition("-Q")
    return f"{year}年{number}季度" if formats.is_chinese(_language()) else f"{year} Q{number}"


@register.simple_tag
def rate(value: float | None, per: int = 1_000_000, low: Any = None, high: Any = None) -> str:
    """A rate with its unit and, where given, its interval."""
    if value is None:
        return DASH
    text = f"{value:.1f}"
    if low is not None and high is not None:
        text += f" ({low:.1f}–{high:.1f})"
    if per == 1_000_000:
        unit = gettext("per million users")
    else:
        unit = gettext("per %(per)s users") % {"per": f"{per:,}"}
    return format_html('{} <span class="quiet">{}</span>', text, unit)


def _is_hidden(published: Any) -> bool:
    """Whether a count is too small for pages that everybody reads."""
    return 0 < published.count < FEWEST_COMPLAINTS


def _figure_html(
    figure: str,
    scope: object,
    content: str,
    *,
    value: float,
    low: float | None = None,
    high: float | None = None,
    period: str = "",
) -> SafeString:
    """The shown text of a figure with its id, scope, period, value and interval.

    figure  an id of `amends.engines.stats.figures`
    """
    interval = "" if low is None or high is None else f"{low:.6g}-{high:.6g}"
    return format_html(
        '<span data-figure="{}" data-scope="{}" data-period="{}" data-value="{}" '
        'data-interval="{}">{}</span>',
        FIGURES[figure].id,
        scope,
        period,
        f"{value:.6g}",
        interval,
        content,
    )


@register.simple_block_tag
def shown_figure(
    content: SafeString,
    figure: str,
    scope: Any,
    published: Any,
    period: str = "",
    is_public: bool = False,
) -> str:
    """A figure with the id of its definition, its scope and period, its value and interval.

    figure     an id of `amends.engines.stats.figures`
    published  a `PopulationRate`
    is_public  as of `population_rate`: the page source gives no hidden count either
    """
    if is_public and _is_hidden(published):
        return content
    value = published.count if published.rate is None else published.rate
    return _figure_html(
        figure,
        scope,
        content,
        value=value,
        low=published.low,
        high=published.high,
        period=period,
    )


@register.simple_block_tag
def figure(
    content: SafeString,
    name: str,
    scope: Any,
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    period: str = "",
) -> str:
    """A count, share or duration with the id of its definition; the content alone for none.

    name  an id of `amends.engines.stats.figures`
    """
    if value is None or isinstance(value, str):
        return content
    return _figure_html(
        name, scope, content.strip(), value=value, low=low, high=high, period=period
    )


@register.simple_tag
def population_rate(published: Any, is_public: bool = False) -> str:
    """Complaints per million users with the interval; of few users their number and its interval.

    published  a `PopulationRate`
    is_public  on a page for everybody, which gives no count below `FEWEST_COMPLAINTS` but 0
    """
    if is_public and _is_hidden(published):
        return gettext("fewer than %(n)s complaints") % {"n": FEWEST_COMPLAINTS}
    low, high = decimal(published.low), decimal(published.high)
    if published.rate is None:
        text = ngettext("%(n)s complaint", "%(n)s complaints", published.count) % {
            "n": count_text(published.count)
        }
        reason = gettext("of %(users)s users: too few for a rate") % {
            "users": count_text(round(published.users))
        }
        return format_html(
            '<span class="nowrap">{}</span> <span class="soft">({}–{}; {})</span>',
            text,
            low,
            high,
            reason,
        )
    return format_html(
        '<span class="nowrap">{}</span> <span class="soft">({}–{})</span> {}',
        decimal(published.rate),
        low,
        high,
        gettext("per million users"),
    )


_HOURS_ARE_SAID = timedelta(hours=6)
_ICONS = {"late": "warn", "today": "clock", "soon": "clock", "calm": "clock", "still": "pause"}


def clock_parts(due_at: datetime, now: datetime) -> tuple[str, str]:
    """Level and words of a deadline: late, today (under 24 h), soon (under 3 days), calm.

    Days are those of the calendar: on the 29th, whatever falls on the 30th is tomorrow. The day is
    always named, because "in 2 days" is read on another day than it was printed.
    """
    left, due_local = due_at - now, timezone.localtime(due_at)
    days = (due_local.date() - timezone.localtime(now).date()).days
    if left < timedelta(0):
        return "late", gettext("%(span)s late") % {"span": _days_text(-days, left)}
    level = "calm" if left >= timedelta(days=3) else "soon"
    if left < timedelta(hours=24):
        level = "today"
    if days == 0 or left < _HOURS_ARE_SAID:
        values = {"span": span_text(left), "day": f"{due_local:%H:%M}"}
        return level, gettext("in %(span)s (%(day)s)") % values
    day = day_text(due_local.date(), year=False)
    if days == 1:
        return level, gettext("tomorrow (%(day)s)") % {"day": day}
    return level, gettext("in %(span)s (%(day)s)") % {"span": _days_text(days, left), "day": day}


def _days_text(days: int, span: timedelta) -> str:
    """So many days of the calendar; the hours where these are few."""
    if days < 2 and abs(span) < timedelta(hours=36):
        return span_text(span)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": f"{days:,}"}


@register.simple_tag(takes_context=True)
def clock(
    context: template.Context,
    due: datetime | None,
    *,
    paused: str = "",
    done: str = "",
    too_late: bool = False,
    tag: bool = False,
    label: str = "",
) -> SafeString:
    """The time left to a deadline: colour, sign and word; the moment itself in the title.

    due       the deadline, None where no clock runs
    paused    why the clock stands still (the pack allows it), in words
    done      what ended the clock, in words
    too_late  it ended after the deadline
    """
    now = context.get("now") or timezone.now()
    extra = " tag" if tag else ""
    if done or paused or due is None:
        clock_text = done or paused or gettext("no deadline")
        level = "late" if too_late else "still"
        sign = _ICONS[level] if too_late or not done else "check"
        return format_html(
            '<span class="clock {}{}">{}{}</span>', level, extra, icon_svg(sign), clock_text
        )
    level, clock_text = clock_parts(due, now)
    title = f"{label} {moment_text(due)} {_zone(due)}".strip()
    return mark_safe(  # noqa: S308 (escaped)
        f'<span class="clock {level}{extra}" title="{escape(title)}">{icon_svg(_ICONS[level])}'
        f"{_time(due, clock_text)}</span>"
    )


@lru_cache(maxsize=256)
def icon_svg(name: str, css: str = "icon") -> SafeString:
    """A sign from our own sprite; decoration only, the word stands beside it."""
    from django.templatetags.static import static

    return mark_safe(  # noqa: S308 - name and class are written by our own templates
        f'<svg class="{css}" aria-hidden="true" focusable="false">'
        f'<use href="{static("amends/icons.svg")}#{name}"></use></svg>'
    )


@register.filter
def sign(currency: str) -> str:
    """The sign of a currency, for the name of a field that takes an amount."""
    return sign_of(currency)


@register.filter
def listed(texts: Iterable[Any], between: str = ",") -> str:
    """Words with the reader's commas or semicolons between them."""
    mark = {",": "、", ";": "；"}[between] if formats.is_chinese(_language()) else f"{between} "
    return mark.join(map(str, texts))


@register.simple_tag
def colon() -> str:
    """What stands between a name and what is said of it."""
    return "：" if formats.is_chinese(_language()) else ": "
