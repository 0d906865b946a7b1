from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class SubscribersConfig(registry.AmendsApp):
    name = "amends.subscribers"
    label = "subscribers"
    verbose_name = _("Subscribers")
