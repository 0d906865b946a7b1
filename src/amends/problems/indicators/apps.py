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
            "reports",
            "indicators",
            _("Indicators"),
            "balance",
            "/desk/indicators/",
            "indicators.read",
            10,
        ),
        registry.Entry(
            "reports",
            "channel_indicators",
            _("Channels"),
            "message",
            "/desk/indicators/channels/",
            "indicators.read",
            14,
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
