from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class LaunchesConfig(registry.AmendsApp):
    name = "amends.launches"
    label = "launches"
    verbose_name = _("Launches")
    rule_sets = {"amends.launches": _("Launches")}
    commands = {"launches": "amends.launches.cli:app"}
    urls = (("desk/launches/", "amends.launches.web.urls"),)
    navigation = (
        registry.Entry(
            "compliance", "launches", _("Launches"), "flag", "/desk/launches/", "launches.read", 20
        ),
    )
    home_panels = (
        registry.HomePanel(
            "due",
            _("Launches to approve"),
            ("manager", "marketing"),
            "amends.launches.web.home.to_approve",
            "launches",
            "launches.read",
            _("No launch waits for approval. Assess the next one from its workbook."),
        ),
        registry.HomePanel(
            "worse",
            _("Launches stopped"),
            ("manager", "marketing", "regulator"),
            "amends.launches.web.home.stopped",
            "launches",
            "launches.read",
            _("No launch was stopped in the last quarter. Limits are checked every minute."),
        ),
        registry.HomePanel(
            "helped",
            _("On sale within their limits"),
            ("marketing",),
            "amends.launches.web.home.on_sale",
            "launches",
            "launches.read",
            _("No launch is on sale. Assess one from its workbook."),
        ),
    )
    jobs = (
        registry.Job(
            "launch assessments", 2, "amends.launches.jobs.assess.assess_next", group="heavy"
        ),
        registry.Job("launch stop-loss", 60, "amends.launches.jobs.stop_loss.check"),
        registry.Job("launch withdrawals", 60, "amends.launches.jobs.withdraw.ask"),
        registry.Job(
            "launch comparisons", 3600, "amends.launches.jobs.compare.compare", group="heavy"
        ),
    )
    demonstration = "amends.launches.demonstration.play"
