from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class IndicatorsConfig(registry.AmendsApp):
    name = "amends.indicators"
    label = "indicators"
    rule_sets = {"amends.indicators": _("Indicators")}
    commands = {
        "indicators": "amends.indicators.cli.indicators:app",
        "rate": "amends.indicators.cli.rate:rate",
    }
    urls = (("desk/indicators/", "amends.indicators.web.urls"),)
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
            "amends.indicators.actions.update_daily_columns.update_days",
            group="heavy",
        ),
    )
