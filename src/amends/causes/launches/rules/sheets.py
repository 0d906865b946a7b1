"""The sheets of a case: which columns each has, what stands in them, and how a cell is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _


class UnableToReadCase(BadInput):
    """A sheet or a cell of a case cannot be used as it is."""

    code = "case_refused"

    @property
    def errors(self) -> Sequence[UnableToReadCase]:
        """What is wrong, one by one."""
        return (self,)


class UnableToReadCells(UnableToReadCase):
    """Several cells cannot be used: each with its place, in one refusal."""

    def __init__(self, errors: Sequence[UnableToReadCase]) -> None:
        self._errors = tuple(errors)
        super().__init__(
            _("%(count)s cells cannot be used:"),
            meaning=_("Nothing was calculated, and nothing is lost."),
            next_step=_("Correct the cells and run it again."),
            values={"count": len(errors)},
        )

    @property
    def errors(self) -> Sequence[UnableToReadCase]:
        return self._errors

    def translated(self, translate: Callable[[str], str]) -> tuple[str, str, str]:
        what, meaning, next_step = super().translated(translate)
        lines = [error.translated(translate)[0] for error in self._errors[:MOST_ERRORS]]
        if len(self._errors) > MOST_ERRORS:
            lines.append("…")
        return "\n".join([what, *lines, ""]), meaning, next_step


MOST_ERRORS = 100
"""How many errors are listed at once."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet.

    kind     text, number, share (0-1), whole or choice
    low, high  the least and the most a figure may be: no launch is beyond them, and nothing is
               calculated; of a text, `high` is how many characters it may have
    needed   whether an empty cell is refused; else it is `default`
    explained  a sentence for who fills it in
    """

    name: str
    kind: str
    explained: str
    low: float = 0
    high: float = 1e9
    needed: bool = True
    default: float | str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A sheet, its columns, and the rows of the worked example in the template.

    most  how many rows it may have: more would not be calculated in time
    """

    name: str
    explained: str
    columns: tuple[Column, ...]
    example: tuple[tuple[object, ...], ...]
    needed: bool = True
    single: bool = field(default=False)
    most: int = 50


def _text(name: str, explained: str, *, needed: bool = True, high: int = 80) -> Column:
    return Column(name, "text", explained, needed=needed, default="", high=high)


def _number(name: str, explained: str, **more: Any) -> Column:
    return Column(name, "number", explained, **more)


def _share(name: str, explained: str, **more: Any) -> Column:
    return Column(name, "share", explained, **{"high": 1, **more})


def _whole(name: str, explained: str, **more: Any) -> Column:
    return Column(name, "whole", explained, **more)


TRAFFIC = ("on_net_min", "off_net_min", "roaming_min", "sms", "data_mb")
CAPACITY = ("voice_trunks", "agents", "data_cells")
COSTS = ("once", "month", "per_user_month", "per_new_user")
INPUTS = (
    "market", "p", "q", "price", "usage", "heavy_usage", "settlement", "churn", "switching",
    "running_cost", "complaints",
)  # fmt: skip
TRIGGERS = ("cost_per_user", "busy_hour_load", "complaints_per_million", "refund_rate")

PEOPLE = 2_000_000_000
MINUTES = 50_000
"""More minutes than a month has."""
DAY_S = 86_400
ERLANGS = {"voice_trunks": 1_000_000, "agents": 100_000}
"""The most traffic of the busy hour that is calculated, by kind of resource."""
HIGHEST_STOP_LOSS = {"busy_hour_load": 1.0, "refund_rate": 0.5, "complaints_per_million": 100_000.0}
"""A limit that lies higher would stop nothing; that of cost_per_user hangs on the price."""
HIGHEST_COST_TO_INCOME = 10

SHEETS: tuple[PlanSheet, ...] = (
    PlanSheet(
        "case", _("What is launched, for how long it is looked at, and the rate of discount."),
        (
            _text("launch", _("Name of the launch.")),
            _text("offer", _("Reference of the offer in the catalogue."), needed=False, high=64),
            _text("currency", _("ISO code of the money, such as CNY."), high=3),
            _whole("months", _("Months after the start that are calculated, 1 to 120."),
                   low=1, high=120),
            _share("discount_rate", _("Rate of discount a year; 0.1 or 10%.")),
            _number("complaint_cost", _("What handling one complaint costs."), needed=False,
                    default=0.0),
        ),
        (("Campus plan 49", "campus-49", "CNY", 36, 0.10, 60),),
        single=True,
    ),
    PlanSheet(
        "segments", _("Who may buy it and how fast: Bass model, or an analogue from its sheet."),
        (
            _text("segment", _("Name of the segment.")),
            _number("market", _("People who may ever buy it."), high=PEOPLE),
            _share("p", _("Bass: share a month who buy on their own; mean of studies 0.03 a year."),
                   needed=False),
            _share("q", _("Bass: share a month who follow others; mean of studies 0.38 a year."),
                   needed=False),
            _text("analogue", _("Or the name of an earlier launch; p and q stay empty."),
                  needed=False),
            _share("churn_month", _("Share of its users who leave each month.")),
            _number("usage_factor", _("Use against the usage sheet; 1 is as there."),
                    needed=False, default=1.0, high=100),
        ),
        (
            ("students", 120_000, 0.004, 0.12, "", 0.015, 1.1),
            ("young workers", 200_000, 0.002, 0.10, "", 0.02, 0.9),
            ("families", 80_000, None, None, "spring plan", 0.01, 0.8),
        ),
    ),
    PlanSheet(
        "analogues", _("Share of its market that an earlier launch had won after so many months."),
        (
            _text("analogue", _("Name of the earlier launch.")),
            _whole("month", _("Months after its start."), low=1, high=120),
            _share("share", _("Share of the market that had adopted by then.")),
        ),
        (("spring plan", 6, 0.03), ("spring plan", 12, 0.08), ("spring plan", 24, 0.16),
         ("spring plan", 36, 0.20)),
        needed=False, most=500,
    ),
    PlanSheet(
        "tariffs", _("Tariffs the operator has, from which users will switch."),
        (
            _text("tariff", _("Name of the old tariff.")),
            _whole("subscribers", _("Subscribers it has now."), high=PEOPLE),
            _number("margin_month", _("Margin a user and month that is lost."), low=-1e9),
            _share("churn_month", _("Share of its users who leave each month.")),
        ),
        (("classic 39", 300_000, 14.0, 0.025), ("student 29", 90_000, 8.0, 0.03)),
        needed=False,
    ),
    PlanSheet(
        "switches", _("Of the buyers of a segment, the share who come from an old tariff; "
                      "the rest are new to the operator."),
        (
            _text("tariff", _("Name of the old tariff.")),
            _text("segment", _("Name of the segment.")),
            _share("share", _("Share of the segment's buyers.")),
        ),
        (("classic 39", "young workers", 0.35), ("student 29", "students", 0.40),
         ("classic 39", "families", 0.30)),
        needed=False,
    ),
    PlanSheet(
        "price", _("The price plan: what a month costs, what is included, what more use costs. "
                   "Empty: as the catalogue has the offer."),
        (
            _number("month", _("Price of a month.")),
            _number("included_min", _("Minutes included."), needed=False, default=0.0),
            _number("included_sms", _("Messages included."), needed=False, default=0.0),
            _number("included_mb", _("Megabytes included."), needed=False, default=0.0),
            _number("extra_min", _("Price of a further minute."), needed=False, default=0.0),
            _number("extra_sms", _("Price of a further message."), needed=False, default=0.0),
            _number("extra_mb", _("Price of a further megabyte."), needed=False, default=0.0),
        ),
        ((49, 2_000, 50, 20_480, 0.10, 0.1, 0),),
        single=True,
    ),
    PlanSheet(
        "usage", _("Use a month by percentile of users, light to heavy. Heavy users make the loss, "
                   "so a mean is not enough. Percentiles follow one another from 0 to 100."),
        (
            _number("from_percentile", _("Where the band begins."), high=100),
            _number("to_percentile", _("Where it ends."), high=100),
            _number("on_net_min", _("Minutes within the own network."), high=MINUTES),
            _number("off_net_min", _("Minutes to other networks."), high=MINUTES),
            _number("roaming_min", _("Minutes while roaming."), high=MINUTES),
            _number("sms", _("Messages."), high=100_000),
            _number("data_mb", _("Megabytes."), high=100_000_000),
        ),
        ((0, 50, 60, 50, 0, 5, 4_000), (50, 90, 150, 140, 2, 20, 15_000),
         (90, 99, 300, 320, 10, 40, 40_000), (99, 100, 600, 1_500, 60, 300, 120_000)),
        most=20,
    ),
    PlanSheet(
        "settlement", _("What each unit of traffic costs, by the network that is paid."),
        (
            Column("traffic", "choice", _("Kind of traffic, a column of the usage sheet."),
                   choices=TRAFFIC),
            _text("network", _("Who is paid.")),
            _share("share", _("Share of that traffic that goes there; each kind adds up to 1.")),
            _number("rate", _("Price of a unit.")),
        ),
        (("on_net_min", "own", 1, 0.008), ("off_net_min", "mobile A", 0.6, 0.04),
         ("off_net_min", "fixed B", 0.4, 0.001), ("roaming_min", "partners abroad", 1, 0.35),
         ("sms", "all", 1, 0.01), ("data_mb", "own", 1, 0.0003)),
    ),
    PlanSheet(
        "capacity", _("What the network and the hotline have: trunks, agents, cells."),
        (
            _text("resource", _("Name of the resource.")),
            Column("kind", "choice", _("voice_trunks, agents or data_cells."), choices=CAPACITY),
            _number("per_user", _("Calls a user in the busy hour; for cells, MB."), high=100_000),
            _number("hold_s", _("Seconds a call lasts; empty for cells."), needed=False,
                    default=0.0, high=DAY_S),
            _number("installed", _("Trunks, agents, or Mbit/s of one cell."), high=1_000_000),
            _whole("cells", _("Cells the users spread over; 1 for trunks and agents."), low=1,
                   high=1_000_000, needed=False, default=1),
            _share("target", _("Trunks: share blocked. Agents: share answered in time. "
                               "Cells: share of the speed that may be used.")),
            _number("within_s", _("Agents: seconds within which a call is answered."),
                    needed=False, default=20.0, high=DAY_S),
        ),
        (("interconnect trunks", "voice_trunks", 0.8, 90, 3_400, 1, 0.01, None),
         ("hotline", "agents", 0.002, 240, 20, 1, 0.8, 20),
         ("campus cells", "data_cells", 25, None, 240, 60, 0.7, None)),
        needed=False,
    ),
    PlanSheet(
        "costs", _("What the launch costs. Month 0 is before the start."),
        (
            _text("item", _("What is paid for.")),
            Column("kind", "choice", _("once, month, per_user_month or per_new_user."),
                   choices=COSTS),
            _whole("from_month", _("First month; for once, the month it is paid."), high=120),
            _whole("to_month", _("Last month; empty: to the end."), needed=False, high=120),
            _number("amount", _("Amount."), high=1e12),
        ),
        (("billing change", "once", 0, None, 2_500_000), ("advertising", "month", 1, 12, 400_000),
         ("network", "per_user_month", 1, None, 13.5), ("care", "per_user_month", 1, None, 3.4),
         ("SIM and commission", "per_new_user", 1, None, 120)),
        most=200,
    ),
    PlanSheet(
        "complaints", _("Complaints that similar launches brought, for the forecast."),
        (
            _text("launch", _("Name of the earlier launch.")),
            _number("user_months", _("Users times months it was watched."), low=1, high=1e12),
            _whole("complaints", _("Complaints about it in that time.")),
        ),
        (("spring plan", 1_200_000, 310), ("night data", 450_000, 160)),
        needed=False, most=500,
    ),
    PlanSheet(
        "uncertainty", _("How far each input may be off, as factors: least, most likely, most."),
        (
            Column("input", "choice", _("Which input."), choices=INPUTS),
            _number("low", _("Least factor, such as 0.8."), high=100),
            _number("mode", _("Most likely factor, mostly 1."), high=100),
            _number("high", _("Highest factor, such as 1.3."), high=100),
        ),
        (("market", 0.8, 1, 1.2), ("p", 0.6, 1, 1.5), ("q", 0.8, 1, 1.2), ("price", 0.97, 1, 1),
         ("usage", 0.9, 1, 1.15), ("heavy_usage", 0.8, 1, 1.5), ("settlement", 0.9, 1, 1.2),
         ("churn", 0.8, 1, 1.5), ("switching", 0.8, 1, 1.5), ("running_cost", 0.95, 1, 1.06),
         ("complaints", 0.5, 1, 3)),
        needed=False,
    ),
    PlanSheet(
        "replicability", _("Could an efficient competitor copy it with wholesale inputs (LRIC+)? "
                           "Leave it empty where nobody must be able to."),
        (
            _number("wholesale_month", _("Wholesale inputs a user and month.")),
            _number("downstream_month", _("Retail costs a user and month, LRIC+.")),
            _number("downstream_once", _("Retail costs of winning a user.")),
            _number("scale_factor", _("Downstream costs of a smaller operator against ours; 1.1."),
                    low=1, high=100),
            _whole("lifetime_months", _("Average months a customer stays."), low=1, high=240),
            _share("discount_rate", _("Rate of discount a year.")),
        ),
        ((22.0, 9.5, 70, 1.1, 40, 0.09),),
        needed=False, single=True,
    ),
    PlanSheet(
        "stop_loss", _("Limits fixed before the start: past one of them, sale stops by itself."),
        (
            Column("trigger", "choice", _("What is watched: cost_per_user a month, busy_hour_load "
                   "and refund_rate as shares, complaints_per_million a month."),
                   choices=TRIGGERS),
            _number("limit", _("The highest value that is tolerated.")),
        ),
        (("cost_per_user", 40), ("busy_hour_load", 0.9), ("complaints_per_million", 600),
         ("refund_rate", 0.03)),
        needed=False,
    ),
)  # fmt: skip
"""Every sheet, in the order of the workbook."""
BY_NAME = {sheet.name: sheet for sheet in SHEETS}


SHEET_MAY_BE_EMPTY = _("This sheet may stay empty.")
COLUMN_MAY_BE_EMPTY = _("May be empty.")
