from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class MeasuresConfig(registry.AmendsApp):
    name = "amends.measures"
    label = "measures"
    commands = {
        "hotissues measures": "amends.measures.cli:measures",
        "hotissues effect": "amends.measures.cli:effect",
    }
    urls = (("desk/measures/", "amends.measures.web.urls"),)
    navigation = (
        registry.Entry(
            "problems",
            "measures",
            _("Measures"),
            "check",
            "/desk/measures/",
            "hotissues.read",
            30,
            within="hotissues",
        ),
    )
    home_panels = (
        registry.HomePanel(
            "due",
            _("Measures to be judged"),
            ("manager", "network", "marketing", "partner_manager"),
            "amends.measures.web.home.soon_judged",
            "measures",
            "hotissues.read",
            _("No measure is judged in the next two weeks. Plan one from a hot issue."),
        ),
        registry.HomePanel(
            "helped",
            _("Measures that worked"),
            ("handler", "senior_handler", "manager", "network", "marketing", "partner_manager"),
            "amends.measures.web.home.that_worked",
            "measures",
            "hotissues.read",
            _("No measure of the last half year was shown to work. Plan one from a hot issue."),
        ),
    )
    jobs = (registry.Job("measures", 3600, "amends.measures.jobs.judge_due", group="heavy"),)
    area_measures = "amends.measures.web.areas.area_measures"
    hot_issue = {
        "details": "amends.measures.web.issue_parts.details",
        "facts": "amends.measures.web.issue_parts.facts",
        "buttons": "amends.measures.web.issue_parts.buttons",
    }
