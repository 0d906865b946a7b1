from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class VaultConfig(registry.AmendsApp):
    name = "amends.platform.vault"
    label = "vault"
    verbose_name = _("Vault")
