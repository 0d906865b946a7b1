from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class KnowledgeConfig(registry.AmendsApp):
    name = "amends.knowledge"
    label = "knowledge"
    verbose_name = _("Knowledge")
    commands = {"knowledge": "amends.knowledge.cli:app"}
    rule_sets = {"amends.knowledge": _("Knowledge")}
    answers = "amends.knowledge.queries.registered_answers"
