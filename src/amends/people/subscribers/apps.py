from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class SubscribersConfig(registry.AmendsApp):
    name = "amends.people.subscribers"
    label = "subscribers"
    verbose_name = _("Subscribers")
