from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class PrivacyConfig(registry.AmendsApp):
    name = "amends.privacy"
    label = "privacy"
    verbose_name = _("Privacy")
    commands = {"privacy": "amends.privacy.cli:app"}
    urls = (("desk/privacy/", "amends.privacy.web.urls"),)
    navigation = (
        registry.Entry(
            "compliance",
            "privacy_reviews",
            _("Privacy reviews"),
            "shield",
            "/desk/privacy/",
            "privacy.read",
            30,
        ),
        registry.Entry(
            "compliance",
            "privacy_cases",
            _("Access alerts"),
            "eye",
            "/desk/privacy/cases/",
            "access.audit",
            85,
        ),
    )
    jobs = (registry.Job("access alerts", 3600, "amends.privacy.jobs.watch.watch"),)
    gates = {"privacy": "amends.privacy.gate.gate"}
    demonstration = "amends.privacy.demonstration.chapter"
