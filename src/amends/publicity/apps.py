from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class PublicityConfig(registry.AmendsApp):
    name = "amends.publicity"
    label = "publicity"
    verbose_name = _("Publicity")
    commands = {"publicity": "amends.publicity.cli:app"}
