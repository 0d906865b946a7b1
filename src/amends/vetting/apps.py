from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class VettingConfig(registry.AmendsApp):
    name = "amends.vetting"
    label = "vetting"
    verbose_name = _("Vetting")
    rule_sets = {"amends.vetting": _("Vetting")}
    commands = {
        "vetting": "amends.vetting.cli:app",
        "vetting locate": "amends.vetting.cli_locate:locate",
    }
