from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class RemediesConfig(registry.AmendsApp):
    name = "amends.remedies"
    label = "remedies"
    erasure = "amends.remedies.actions.forget.erase"
    rule_sets = {"amends.remedies": _("Remedies")}
    commands = {
        "remedies": "amends.remedies.cli:app",
    }
    urls = (("desk/remedies/", "amends.remedies.web.urls"),)
    navigation = (
        registry.Entry(
            "work", "remedies", _("Remedies"), "refund", "/desk/remedies/", "remedies.approve", 40
        ),
    )
