from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class TmForumConfig(registry.AmendsApp):
    name = "amends.entrances.tmforum"
    label = "tmforum"
    verbose_name = _("TM Forum Open APIs")
    personal_data = registry.PersonalData(erase="amends.entrances.tmforum.actions.forget.erase")
    urls = (("", "amends.entrances.tmforum.web.urls"),)
