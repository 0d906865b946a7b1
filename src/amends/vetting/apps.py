from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends import registry


class VettingConfig(registry.AmendsApp):
    name = "amends.vetting"
    label = "vetting"
    verbose_name = _("Vetting")
    rule_sets = {"amends.vetting": _("Vetting")}
    commands = {
        "vetting": "amends.vetting.cli:app",
        "vetting check": "amends.vetting.cli_check:check",
        "vetting locate": "amends.vetting.cli_locate:locate",
        "vetting probe": "amends.vetting.cli_probe:probe",
        "vetting watch": "amends.vetting.cli_probe:watch",
    }
    urls = (
        ("desk/services/", "amends.vetting.web.services_urls"),
        ("services/", "amends.vetting.web.public_urls"),
    )
    navigation = (
        registry.Entry(
            "problems",
            "services",
            pgettext_lazy("register", "Services"),
            "rules",
            "/desk/services/",
            "services.read",
            66,
        ),
    )
    jobs = (
        registry.Job("service probes", 60, "amends.vetting.jobs.watch_services.probe"),
        registry.Job("service faults", 900, "amends.vetting.jobs.watch_services.locate"),
    )
