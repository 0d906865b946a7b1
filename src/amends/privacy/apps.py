from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class PrivacyConfig(registry.AmendsApp):
    name = "amends.privacy"
    label = "privacy"
    verbose_name = _("Privacy")
    commands = {"privacy": "amends.privacy.cli:app"}
