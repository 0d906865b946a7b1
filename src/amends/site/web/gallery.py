"""The gallery: every component, in both languages, light and dark beside each other.

People and events here are invented. Each piece is the template or class the pages use; a component
that is missing here does not exist.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from amends.people.access.web.permission import public
from amends.platform.kit.charts import Bar, Bars, Chart, Curve, CurveMark, Funnel, Unit

NOW = datetime(2026, 11, 24, 6, 5, tzinfo=UTC)

SECTIONS = (
    ("colour", gettext_lazy("Colour")),
    ("type", gettext_lazy("Text and numbers")),
    ("buttons", gettext_lazy("Button, chip, key")),
    ("fields", gettext_lazy("Field and select")),
    ("badges", gettext_lazy("Badge, state, clock")),
    ("navigation", gettext_lazy("Tabs, menu, pager")),
    ("table", gettext_lazy("Table and card")),
    ("components", gettext_lazy("Page header, card, facts, note")),
    ("dossier", gettext_lazy("Dossier row")),
    ("strip", gettext_lazy("Time strip")),
    ("timeline", gettext_lazy("Timeline")),
    ("chart", gettext_lazy("Chart frame")),
    ("empty", gettext_lazy("Empty state")),
    ("messages", gettext_lazy("Toast, note, dialog")),
    ("icons", gettext_lazy("Signs")),
)

WORDLESS = {"colour", "icons"}

ICONS = (
    "inbox day refund correct rules ledger search clock pause check cross nothing uncovered warn "
    "info person eye lock shield reply mail phone web sms counter file api clip print plus down "
    "left right external download help out filter star balance flag settings rail"
).split()

COLOURS = (
    "paper surface sunken line line-strong ink ink-2 ink-3 accent accent-tint ok ok-tint warn "
    "warn-tint bad bad-tint info info-tint plum plum-tint plain plain-tint blue vermillion green "
    "orange sky purple"
).split()


class GalleryForm(forms.Form):
    """One field of every sort."""

    words = forms.CharField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("In your own words. Two or three sentences are enough."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"invalid": gettext_lazy("Write the amount in figures, for example 12.50.")},
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        choices=[("text", gettext_lazy("Text message")), ("mail", gettext_lazy("Email"))],
    )
    answer = forms.ChoiceField(
        label=gettext_lazy("How may we answer?"),
        choices=[("phone", gettext_lazy("By phone")), ("mail", gettext_lazy("By email"))],
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(label=gettext_lazy("This is my own number"), required=False)


def sample_strip() -> SimpleNamespace:
    """A ringtone nobody confirmed: order, three charges, a gap, and a feed that was not covered."""
    start = datetime(2026, 7, 1, tzinfo=UTC)
    day = timedelta(days=1)
    order = start + 18 * day
    charges = [(order + n * 31 * day, "¥15.00", False) for n in range(4)]
    return SimpleNamespace(
        start=start,
        end=start + 140 * day,
        period=(order - 4 * day, order + 100 * day),
        lanes=[
            SimpleNamespace(
                key="services",
                label=_("Service"),
                points=[],
                gaps=[],
                spans=[(order, None, _("Ringtone pack"))],
            ),
            SimpleNamespace(key="charges", label=_("Charges"), points=charges, spans=[], gaps=[]),
            SimpleNamespace(
                key="confirmations",
                label=_("Confirmed"),
                spans=[],
                points=[(order - 3 * day, _("asked"), True)],
                gaps=[(order, order + 58 * day, _("no confirmation"), "missing")],
            ),
            SimpleNamespace(
                key="notices",
                label=_("Notices"),
                spans=[],
                points=[(start + 5 * day, _("told"), False)],
                gaps=[(order + 40 * day, order + 75 * day, _("not covered"), "uncovered")],
            ),
            SimpleNamespace(
                key="looks",
                label=_("Looks"),
                spans=[],
                gaps=[],
                points=[(start + 130 * day, _("desk"), False)],
            ),
        ],
    )


def sample_context(language: str, theme: str) -> dict[str, Any]:
    """What the sections show."""
    prefix = f"{language}-{theme}"
    wrong = GalleryForm(
        {"words": "", "amount": "twelve", "channel": "text"}, auto_id=f"{prefix}-wrong-%s"
    )
    hours = timedelta(hours=1)
    return {
        "prefix": prefix,
        "now": NOW,
        "form": GalleryForm(auto_id=f"{prefix}-%s"),
        "wrong": wrong,
        "clocks": [NOW + hours * n for n in (-30, -2, 5, 50, 220)],
        "strip_model": sample_strip(),
        "icons": ICONS,
        "colours": COLOURS,
        "charts": sample_charts(),
    }


def sample_charts() -> list[Chart]:
    """A curve with its band and marks, a funnel and bars; figures and names are invented."""
    counts = [9, 11, 8, 12, 10, 9, 11, 10, 13, 22, 31, 27]
    definition = _("Distinct persons who complained of one thing, by the week they wrote in.")
    curve = Curve(
        title=_("Complaints about one campaign, by week"),
        labels=[_("week %(n)s") % {"n": week} for week in range(1, len(counts) + 1)],
        values=counts,
        low=[6.0] * len(counts),
        high=[15.0] * len(counts),
        control=[8, 9, 10, 9, 8, 10, 9, 9, 10, 9, 10, 9],
        alarms={week: _("more than expected") for week in (9, 10, 11)},
        marks=[CurveMark(8, _("campaign begins")), CurveMark(10, _("text corrected"))],
        names={
            "period": _("Week"),
            "observed": _("observed"),
            "expected": _("expected"),
            "control": _("other areas"),
            "what happened": _("What happened"),
        },
        note=_("Band: 95% expected range"),
        summary=_("Twelve weeks; from week ten on, more complaints than expected."),
        definition=definition,
    )
    sizes = [0.4, 0.7, 1.1, 1.6, 2.4, 3.0]
    funnel = Funnel(
        title=_("Complaints per million users, by area"),
        units=[
            Unit(name=name, size=size, rate=rate, standing=unit_standing)
            for name, size, rate, unit_standing in zip(
                (_("East"), _("West"), _("North"), _("South"), _("Harbour"), _("Old town")),
                sizes,
                (21, 14, 19, 17, 27, 11),
                ("within", "within", "within", "within", "higher", "lower"),
                strict=True,
            )
        ],
        average=18.0,
        limits=[
            (n / 10, max(0.0, 18 - 13 / (n / 10) ** 0.5), 18 + 13 / (n / 10) ** 0.5)
            for n in range(3, 33)
        ],
        names={
            "unit": _("Area"),
            "size": _("million users"),
            "rate": _("Per million users"),
            "standing": _("Standing"),
            "average": _("all together"),
            "limit": _("99.8% limit"),
            "higher": pgettext("standing", "higher"),
            "lower": pgettext("standing", "lower"),
            "within": _("within chance"),
        },
        definition=definition,
    )
    bars = Bars(
        title=_("Deadlines kept, per cent"),
        bars=[
            Bar(name=_("Text message"), value=97.1, low=95.2, high=98.4),
            Bar(name=_("Email"), value=92.4, low=87.0, high=96.0, tone="bad"),
            Bar(name=_("Web"), value=98.0, low=96.8, high=98.9),
        ],
        names={"unit": _("Channel"), "value": _("Share"), "interval": _("Interval")},
        most=100.0,
        definition=definition,
    )
    return [curve, funnel, bars]


def _pane(request: HttpRequest, section: str, language: str, theme: str) -> SafeString:
    return render_to_string(
        f"gallery/{section}.html", sample_context(language, theme), request=request
    )


@public
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in four panes: Chinese and English, light and dark."""
    sections = []
    for name, title in SECTIONS:
        panes = []
        for language in ("zh-hans",) if name in WORDLESS else ("zh-hans", "en"):
            with translation.override(language):
                panes += [
                    (language, theme, _pane(request, name, language, theme))
                    for theme in ("light", "dark")
                ]
        sections.append((name, title, panes))
    return render(request, "gallery/page.html", {"sections": sections})
