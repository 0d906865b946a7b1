from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class SelfServiceConfig(registry.AmendsApp):
    name = "amends.entrances.selfservice"
    label = "selfservice"
    verbose_name = _("Self-service")
    urls = (("desk/counter/", "amends.entrances.selfservice.web.urls"),)
    navigation = (
        registry.Entry(
            area="work",
            name="counter",
            label=_("Counter"),
            icon="counter",
            path="/desk/counter/",
            permission="complaints.handle",
            order=34,
            within="take_call",
        ),
    )
    published_texts = "amends.entrances.selfservice.texts.published_texts"
