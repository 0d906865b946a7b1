"""`amends rate`: a complaint rate from two numbers, with its exact interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import pgettext
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput


@dataclass(frozen=True, slots=True)
class ComplaintRate:
    """Complaints per `per` users and period, with the exact interval at `level` (Garwood 1936).

    rate   None of fewer users than a rate is published of: `low` and `high` are of the count
    small  fewer complaints than a rate should be read from
    """

    count: int
    users: float
    rate: float | None
    low: float
    high: float
    per: float
    period: str
    level: float
    small: bool
    fewest_users: int


def _period(name: str) -> str:
    titles = {
        "day": pgettext("of a rate", "day"),
        "week": pgettext("of a rate", "week"),
        "month": pgettext("of a rate", "month"),
        "quarter": pgettext("of a rate", "quarter"),
        "year": pgettext("of a rate", "year"),
    }
    return titles.get(name, name)


def _view(complaint_rate: ComplaintRate) -> View:
    if complaint_rate.rate is None:
        sentence = _(
            "%(count)s complaints of %(users)s users (95%% interval %(low)s–%(high)s). Fewer than "
            "%(fewest)s users have no rate."
        ) % {
            "count": f"{complaint_rate.count:,}",
            "users": f"{complaint_rate.users:,.0f}",
            "low": f"{complaint_rate.low:.2f}",
            "high": f"{complaint_rate.high:.2f}",
            "fewest": f"{complaint_rate.fewest_users:,}",
        }
        return View(notes=[sentence])
    sentence = _(
        "%(rate)s complaints per %(per)s users and %(period)s (95%% interval %(low)s–%(high)s)"
    ) % {
        "rate": f"{complaint_rate.rate:.2f}",
        "per": f"{complaint_rate.per:,.0f}",
        "period": _period(complaint_rate.period),
        "low": f"{complaint_rate.low:.2f}",
        "high": f"{complaint_rate.high:.2f}",
    }
    care = [_("Fewer than ten complaints: read it with care.")] if complaint_rate.small else []
    return View(notes=[sentence, *care])


@command(view=_view, tables=False)
def rate(
    complaints: Annotated[int, typer.Option(help="How many complaints, from 0.")],
    users: Annotated[float, typer.Option(help="How many users, such as 300e6.")],
    per: Annotated[float, typer.Option(help="Users the rate is of: 1e6, 1e5 (Ofcom), 1e4.")] = 1e6,
    period: Annotated[str, typer.Option(help="What the complaints were counted over.")] = "quarter",
) -> ComplaintRate:
    """Calculate complaints per million users with an exact 95% interval (Garwood 1936)."""
    from amends.engines.stats import rates
    from amends.problems.indicators.rules.rates import SMALL

    if complaints < 0 or not 0 < users < 1e12 or not 0 < per <= 1e9:
        raise BadInput(
            _("A rate needs complaints from 0, and users and --per above 0."),
            next_step=_("For example: amends rate --complaints 4081 --users 300e6."),
            code="unable_to_rate",
        )
    measured_rate = rates.population_rate(complaints, users, per=per)
    return ComplaintRate(
        count=complaints,
        users=users,
        rate=measured_rate.rate,
        low=measured_rate.low,
        high=measured_rate.high,
        per=per,
        period=period,
        level=measured_rate.level,
        small=complaints < SMALL,
        fewest_users=rates.FEWEST_USERS,
    )
