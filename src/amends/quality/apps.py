from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class QualityConfig(registry.AmendsApp):
    name = "amends.quality"
    label = "quality"
    verbose_name = _("Quality")
    commands = {"quality": "amends.quality.cli:app"}
