from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class QualityConfig(registry.AmendsApp):
    name = "amends.quality"
    label = "quality"
    verbose_name = _("Quality")
    rule_sets = {"amends.quality": _("Quality")}
    commands = {"quality": "amends.quality.cli:app"}
    urls = (
        ("speed/", "amends.quality.web.urls"),
        ("desk/speed-tests/", "amends.quality.web.desk_urls"),
    )
    navigation = (
        registry.Entry(
            "problems",
            "speed_tests",
            _("Speed tests"),
            "gauge",
            "/desk/speed-tests/",
            "quality.read",
            60,
        ),
    )
    jobs = (
        registry.Job(
            "questions about reminders",
            1,
            "amends.quality.actions.start_campaign.ask_about_reminders",
        ),
        registry.Job("reminders of speed tests", 900, "amends.quality.jobs.remind.remind"),
        registry.Job("peak speeds", 86_400, "amends.quality.jobs.publish_peaks.publish_peaks"),
    )
    panels = (registry.Panel(_("Speed tests"), "amends.quality.web.desk.panel"),)
    evidence = "amends.quality.actions.judge_lines.judge_lines"
    export = "amends.quality.actions.subject_access_export.subject_access_export"
    erasure = "amends.quality.actions.subject_access_export.erase"
    demonstration = "amends.quality.demonstration.play"
