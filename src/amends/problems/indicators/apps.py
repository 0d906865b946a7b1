from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class IndicatorsConfig(registry.AmendsApp):
    name = "amends.problems.indicators"
    label = "indicators"
    rule_sets = {"amends.problems.indicators": _("Indicators")}
    commands = {
        "indicators": "amends.problems.indicators.cli.indicators:app",
        "rate": "amends.problems.indicators.cli.rate:rate",
    }
    urls = (("desk/indicators/", "amends.problems.indicators.web.urls"),)
    navigation = (
        registry.Entry(
            area="reports",
            name="indicators",
            label=_("Indicators"),
            icon="balance",
            path="/desk/indicators/",
            permission="indicators.read",
            order=10,
        ),
        registry.Entry(
            area="reports",
            name="channel_indicators",
            label=_("Channels"),
            icon="message",
            path="/desk/indicators/channels/",
            permission="indicators.read",
            order=14,
            within="indicators",
        ),
    )
    jobs = (
        registry.Job(
            "daily columns",
            60,
            "amends.problems.indicators.actions.update_daily_columns.update_days",
            group="heavy",
        ),
    )
