"""The month's letter to a partner as PDF: its score, what it is compared with, what to do."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from amends.causes.vetting.models import ProceedingState
from amends.causes.vetting.queries.partner_proceedings import proceedings_of
from amends.causes.vetting.texts.partner_scores import ComponentLine, PartnerLine
from amends.people.operator.queries import operator
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.sheets import SOFT, Sheets

_WIDTHS = (58.0, 34.0, 34.0, 34.0, 20.0)


def partner_letter(line: PartnerLine, *, now: datetime) -> bytes:
    """The letter in the reader's language."""
    title = _("Quality letter %(month)s: %(name)s") % {
        "month": date_format(line.month, "YEAR_MONTH_FORMAT"),
        "name": line.name,
    }
    sheets = Sheets(title)
    sheets.set_title(title)
    sheets.set_lang("zh-CN" if is_chinese(get_language() or "") else "en")
    sheets.set_creation_date(now)
    sheets.add_page()
    sheets.words(title, size=17, after=2)
    sheets.words(operator().name_in(get_language() or "") or "Amends", size=9, colour=SOFT, after=4)
    sheets.words(_summary(line), size=11, after=3)
    head = (_("Component"), _("Yours"), _("Interval"), pgettext("partner", "Others"), _("Worse"))
    rows = [_row(component) for component in line.components]
    sheets.rows(head, rows, widths=_WIDTHS, align=("LEFT", "RIGHT", "RIGHT", "RIGHT", "LEFT"))
    sheets.ln(1)
    sheets.words(
        _(
            "Figures of the last 90 days; complaints per million users, or their number where "
            "users are too few for a rate. Intervals cover the true figure in 95 of 100 cases; a "
            "component is called worse by a wider one that compares all partners at once."
        ),
        size=8,
        colour=SOFT,
        after=4,
    )
    worse = [component for component in line.components if component.score.is_worse]
    if worse:
        sheets.words(_("What improves it"), size=13, after=1.5)
    for component_line in worse:
        sheets.words(f"{component_line.title}: {component_line.improvement}", size=10, after=1.5)
    _proceedings(sheets, line)
    return bytes(sheets.output())


def _summary(line: PartnerLine) -> str:
    if not line.worse:
        return _("In no component do your services differ from those of other partners for worse.")
    return _(
        "Your services are worse than those of the other partners in %(count)s of %(all)s."
    ) % {
        "count": line.worse,
        "all": len(line.components),
    }


def _row(component_line: ComponentLine) -> tuple[str, ...]:
    score = component_line.score
    figure_text = partial(figure, is_share=component_line.is_share)
    value, others = score.value, score.others
    if component_line.published and component_line.published.rate is None:
        # Too few users for a rate: the count, which cannot be compared with that of others.
        value, others = component_line.published.count, None
    return (
        str(component_line.title),
        figure_text(value),
        f"{figure_text(component_line.low)}–{figure_text(component_line.high)}",
        "—" if others is None else figure_text(others),
        _("yes") if score.is_worse else pgettext("partner", "no"),
    )


def figure(value: float, *, is_share: bool) -> str:
    """A share in per cent, a rate with the digits it deserves."""
    if is_share:
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _proceedings(sheets: Sheets, line: PartnerLine) -> None:
    for row, state in proceedings_of(line.partner):
        if state == ProceedingState.DROPPED:
            continue
        sheets.ln(2)
        sheets.words(f"{row.step_title} · {state.label} ({row.ref})", size=12, after=1)
        if row.is_proposed:
            sentence = _(
                "Proposed on %(since)s; nothing changes until it is decided. You may state your "
                "view in writing until %(until)s."
            ) % {
                "since": date_format(row.proposed_at, "DATE_FORMAT"),
                "until": date_format(row.statement_until, "DATE_FORMAT"),
            }
        elif row.appeal_until is not None:
            sentence = _("You may appeal until %(until)s; another person answers it.") % {
                "until": date_format(row.appeal_until, "DATE_FORMAT")
            }
        else:
            sentence = ""
        sheets.words(sentence, size=10, after=1)
