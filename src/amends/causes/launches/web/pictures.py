"""The three pictures of a launch: when it pays, who makes the loss, what the risk hangs on."""

from __future__ import annotations

from itertools import accumulate

from django.utils.translation import gettext as _

from amends.causes.launches.models import Launch
from amends.causes.launches.texts import INPUTS
from amends.platform.kit.charts import Bar, Bars, Chart, Curve, CurveMark


def pictures(launch: Launch) -> list[Chart]:
    """The charts of the page, in their order."""
    return [_cash(launch), _usage(launch), *_risk(launch)]


def _cash(launch: Launch) -> Curve:
    assessed = launch.document
    months = assessed["months"]
    payback = assessed["payback_months"]
    marks = [] if payback is None else [CurveMark(payback, _("investment paid back"))]
    if payback is None:
        summary = _("Income never catches up with cost.")
    else:
        summary = _("Income catches up with cost in month %(month)s.") % {"month": payback}
    return Curve(
        _("Income and cost since the start, %(currency)s") % {"currency": assessed["currency"]},
        [str(month) for month in range(len(months["income"]))],
        list(accumulate(months["income"])),
        control=list(accumulate(months["cost"])),
        marks=marks,
        names={
            "observed": _("income"),
            "control": _("cost"),
            "period": _("month"),
            "what happened": _("what happened"),
        },
        note=_("Added up month by month; cost includes the margin lost on old tariffs."),
        summary=summary,
        name="cash",
    )


def _usage(launch: Launch) -> Bars:
    assessed = launch.document
    bars = [
        Bar(
            _("%(start)s–%(end)s%% of users")
            % {"start": f"{usage_band['from']:g}", "end": f"{usage_band['to']:g}"},
            usage_band["settlement"],
            tone="bad" if usage_band["settlement"] > usage_band["income"] else "",
        )
        for usage_band in assessed["usage_bands"]
    ]
    return Bars(
        _("Settlement a user and month by usage, %(currency)s")
        % {"currency": assessed["currency"]},
        bars,
        names={"unit": _("usage"), "value": _("settlement"), "interval": _("interval")},
        note=_("Light to heavy users. Red: settlement costs more than they pay."),
        behind={_("income"): [usage_band["income"] for usage_band in assessed["usage_bands"]]},
        name="usage",
        digits=2,
    )


def _risk(launch: Launch) -> list[Bars]:
    totals = sorted(launch.document["sobol"].items(), key=lambda total_index: -total_index[1])[:8]
    if not totals:
        return []
    return [
        Bars(
            _("What the risk hangs on"),
            [Bar(_(INPUTS[name]), 100 * max(0.0, total)) for name, total in totals],
            names={"unit": _("input"), "value": _("share"), "interval": _("interval")},
            note=_(
                "Share of the spread of the net present value in which each input has a part "
                "(total Sobol' index)."
            ),
            name="risk",
            digits=0,
            unit="%",
        )
    ]
