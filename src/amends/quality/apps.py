from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class QualityConfig(registry.AmendsApp):
    name = "amends.quality"
    label = "quality"
    verbose_name = _("Quality")
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
            "chart",
            "/desk/speed-tests/",
            "quality.read",
            60,
        ),
    )
    panels = (registry.Panel(_("Speed tests"), "amends.quality.web.desk.panel"),)
    export = "amends.quality.actions.subject_access_export.subject_access_export"
    erasure = "amends.quality.actions.subject_access_export.erase"
    demonstration = "amends.quality.demonstration.play"
