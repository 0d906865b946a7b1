"""`amends vetting partners | letter`: scores of partners, and the month's letter to one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import pgettext
from amends.platform.cli.outputs import FORCE, check_output
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.errors import BadInput, gettext_noop


@dataclass(frozen=True, slots=True)
class PartnerFigure:
    """One component of a partner with its 95% interval; `others` None where there are none.

    value  share, rate, or None where users are too few for a rate: `low` and `high` are then the
           interval of `count`
    """

    partner: str
    component: str
    count: int
    value: float | None
    low: float
    high: float
    others: float | None
    is_worse: bool


@dataclass(frozen=True, slots=True)
class PartnerFigures:
    """The scores just made, and the proceedings that were opened."""

    month: str
    partners: int
    worse: int
    opened: list[str]
    components: list[PartnerFigure]


def _partners_view(partner_figures: PartnerFigures) -> View:
    return View(
        figures=(
            (_("Partners"), partner_figures.partners),
            (_("worse in a component"), partner_figures.worse),
        ),
        columns=(
            TableColumn(_("Partner"), "partner", whole=True),
            TableColumn(_("Component"), "component"),
            TableColumn(_("Counted"), "count", "{:,}", right=True),
            TableColumn(_("Figure"), "value", "{:,.3g}", right=True),
            TableColumn(pgettext("fault", "from"), "low", "{:,.3g}", right=True),
            TableColumn(_("to"), "high", "{:,.3g}", right=True),
            TableColumn(pgettext("partner", "Others"), "others", "{:,.3g}", right=True),
            TableColumn(_("Worse"), lambda partner_row: _("yes") if partner_row.is_worse else ""),
        ),
        rows=partner_figures.components,
        empty=_("No partner has a score."),
    )


@command(view=_partners_view)
def partners() -> PartnerFigures:
    """Score the partners by the last 90 days, and open the proceedings the rules lead to."""
    from django.utils import timezone

    from amends.causes.vetting.actions.score_partners import score_partners
    from amends.causes.vetting.texts.partner_scores import partner_lines

    now = timezone.now()
    month_scores = score_partners(now=now)
    lines = partner_lines(now=now, language="en")
    return PartnerFigures(
        month=f"{month_scores.month:%Y-%m}",
        partners=month_scores.partners,
        worse=month_scores.worse,
        opened=month_scores.opened,
        components=[
            PartnerFigure(
                partner=line.partner,
                component=component.score.component,
                count=component.score.bad,
                value=component.published.rate if component.published else component.score.value,
                low=component.low,
                high=component.high,
                others=component.score.others,
                is_worse=component.score.is_worse,
            )
            for line in lines
            for component in line.components
        ],
    )


@dataclass(frozen=True, slots=True)
class LetterWritten:
    """The letter's file and the month it is about."""

    partner: str
    month: str
    out: str


def _letter_view(letter: LetterWritten) -> View:
    return View(notes=(_("Written to %(file)s.") % {"file": letter.out},))


@command(view=_letter_view)
def letter(
    partner: Annotated[str, typer.Argument(help="Reference of the partner.")],
    out: Annotated[Path, typer.Option(help="The PDF file to write.")],
    force: FORCE = False,
) -> LetterWritten:
    """Write the month's letter to a partner as PDF."""
    from django.utils import timezone
    from django.utils.translation import get_language

    from amends.causes.vetting.texts.partner_letter import partner_letter
    from amends.causes.vetting.texts.partner_scores import partner_line

    check_output(out, force=force)
    now = timezone.now()
    line = partner_line(partner, now=now, language=get_language() or "")
    if line is None:
        raise BadInput(
            gettext_noop("Partner %(partner)s has no score."),
            meaning=gettext_noop("No letter was written."),
            next_step=gettext_noop("Score the partners with “amends vetting partners”."),
            values={"partner": partner},
            code="letter_not_written",
        )
    try:
        out.write_bytes(partner_letter(line, now=now))
    except OSError as error:
        raise BadInput(
            gettext_noop("%(file)s cannot be written: %(why)s."),
            values={"file": out, "why": error.strerror},
            code="letter_not_written",
        ) from error
    return LetterWritten(partner, f"{line.month:%Y-%m}", str(out))
