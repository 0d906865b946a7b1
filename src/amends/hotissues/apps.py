from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class HotIssuesConfig(registry.AmendsApp):
    name = "amends.hotissues"
    label = "hotissues"
    rule_sets = {"amends.hotissues": _("Emergencies")}
    commands = {
        "hotissues": "amends.hotissues.cli.hotissues:app",
    }
    urls = (
        ("desk/hotissues/", "amends.hotissues.web.emergency_urls"),
        ("desk/hotissues/", "amends.hotissues.web.urls"),
        ("desk/measures/", "amends.hotissues.web.measures_urls"),
    )
    navigation = (
        registry.Entry(
            "problems",
            "hotissues",
            _("Hot issues"),
            "flag",
            "/desk/hotissues/",
            "hotissues.read",
            10,
        ),
        registry.Entry(
            "problems",
            "emergencies",
            _("Emergencies"),
            "warn",
            "/desk/hotissues/emergencies/",
            "hotissues.read",
            20,
        ),
        registry.Entry(
            "problems", "measures", _("Measures"), "check", "/desk/measures/", "hotissues.read", 30
        ),
    )
    concerns = "amends.hotissues.concerns.concerns"
    jobs = (
        registry.Job("hot issues", 300, "amends.hotissues.actions.scan_desk.scan_desk"),
        registry.Job("hot hours", 600, "amends.hotissues.actions.scan_hours.scan_hours"),
        registry.Job("hot beside", 900, "amends.hotissues.actions.scan_other_sources.scan_beside"),
        registry.Job("hot words", 900, "amends.hotissues.actions.scan_words.scan_words"),
        registry.Job("causes", 21600, "amends.hotissues.actions.scan_causes.scan_causes"),
        registry.Job("emergencies", 30, "amends.hotissues.jobs.timers.turn"),
        registry.Job("hit", 600, "amends.hotissues.actions.count_hit.count_hit"),
        registry.Job("levels", 300, "amends.hotissues.actions.record_levels.note_levels"),
        registry.Job("measures", 3600, "amends.hotissues.jobs.measures.judge_due"),
    )
    export = "amends.hotissues.actions.subject_access_export.subject_access_export"
