from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class SelfServiceConfig(registry.AmendsApp):
    name = "amends.selfservice"
    label = "selfservice"
    verbose_name = _("Self-service")
    inbound = "amends.selfservice.actions.answer_message.answer_message"
    published_texts = "amends.selfservice.queries.published_texts"
