from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class CatalogueConfig(registry.AmendsApp):
    name = "amends.catalogue"
    label = "catalogue"
    verbose_name = _("Offers and areas")
    gates = {"key_facts": "amends.catalogue.queries.gate.key_facts_complete"}
