from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class PartnersConfig(registry.AmendsApp):
    name = "amends.partners"
    label = "partners"
    verbose_name = _("Partners")
