from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class CatalogueConfig(registry.AmendsApp):
    name = "amends.record.catalogue"
    label = "catalogue"
    verbose_name = _("Offers and areas")
    gates = {"key_facts": "amends.record.catalogue.queries.gate.key_facts_complete"}
