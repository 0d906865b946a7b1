from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class KnowledgeConfig(registry.AmendsApp):
    name = "amends.knowledge"
    label = "knowledge"
    verbose_name = _("Knowledge")
    commands = {"knowledge": "amends.knowledge.cli:app"}
    rule_sets = {"amends.knowledge": _("Knowledge")}
    urls = (
        ("help/", "amends.knowledge.web.public_urls"),
        ("desk/knowledge/", "amends.knowledge.web.urls"),
    )
    navigation = (
        registry.Entry(
            "work", "knowledge", _("Articles"), "help", "/desk/knowledge/", "knowledge.read", 50
        ),
        registry.Entry(
            "work",
            "knowledge_gaps",
            _("To write"),
            "plus",
            "/desk/knowledge/to-write/",
            "knowledge.read",
            51,
            within="knowledge",
        ),
        registry.Entry(
            "work",
            "knowledge_findings",
            _("Findings in articles"),
            "flag",
            "/desk/knowledge/findings/",
            "knowledge.read",
            52,
            within="knowledge",
        ),
        registry.Entry(
            "work",
            "knowledge_questions",
            _("Public questions"),
            "message",
            "/desk/knowledge/questions/",
            "knowledge.read",
            53,
            within="knowledge",
        ),
        registry.Entry(
            "work",
            "knowledge_ideas",
            _("Suggestions"),
            "flag",
            "/desk/knowledge/ideas/",
            "knowledge.read",
            54,
            within="knowledge",
        ),
    )
    published_texts = "amends.knowledge.queries.published_texts"
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
    demonstration = "amends.knowledge.demonstration.chapter"
    answers = "amends.knowledge.queries.registered_answers"
