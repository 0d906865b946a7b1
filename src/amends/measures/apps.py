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
    jobs = (registry.Job("measures", 3600, "amends.measures.jobs.judge_due"),)
    hot_issue = {
        "details": "amends.measures.web.issue_parts.details",
        "facts": "amends.measures.web.issue_parts.facts",
        "buttons": "amends.measures.web.issue_parts.buttons",
    }
