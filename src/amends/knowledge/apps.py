from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class KnowledgeConfig(registry.AmendsApp):
    name = "amends.knowledge"
    label = "knowledge"
    verbose_name = _("Knowledge")
    commands = {"knowledge": "amends.knowledge.cli:app"}
    rule_sets = {"amends.knowledge": _("Knowledge")}
    urls = (("help/", "amends.knowledge.web.public_urls"),)
    jobs = (registry.Job("help readings", 3600, "amends.knowledge.jobs.upkeep.forget_readings"),)
    panels = (
        registry.Panel(
            _("Read before complaining"),
            "amends.knowledge.web.complaint_panel.panel",
            tab="customer",
        ),
    )
    erasure = "amends.knowledge.actions.own_data.erase"
    first_use = "amends.knowledge.actions.starter.first_use"
    answers = "amends.knowledge.queries.registered_answers"
