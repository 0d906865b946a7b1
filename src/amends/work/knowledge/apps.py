from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class KnowledgeConfig(registry.AmendsApp):
    name = "amends.work.knowledge"
    label = "knowledge"
    waiting = "amends.work.knowledge.waiting.SOURCES"
    verbose_name = _("Knowledge")
    commands = {"knowledge": "amends.work.knowledge.cli:app"}
    rule_sets = {"amends.work.knowledge": _("Knowledge")}
    urls = (
        ("help/", "amends.work.knowledge.web.public_urls"),
        ("desk/knowledge/", "amends.work.knowledge.web.urls"),
    )
    navigation = (
        registry.Entry(
            area="work",
            name="knowledge",
            label=_("Articles"),
            icon="help",
            path="/desk/knowledge/",
            permission="knowledge.read",
            order=50,
        ),
        registry.Entry(
            area="work",
            name="knowledge_gaps",
            label=_("To write"),
            icon="plus",
            path="/desk/knowledge/to-write/",
            permission="knowledge.read",
            order=51,
            within="knowledge",
        ),
        registry.Entry(
            area="work",
            name="knowledge_findings",
            label=_("Findings in articles"),
            icon="flag",
            path="/desk/knowledge/findings/",
            permission="knowledge.read",
            order=52,
            within="knowledge",
        ),
        registry.Entry(
            area="work",
            name="knowledge_questions",
            label=_("Public questions"),
            icon="message",
            path="/desk/knowledge/questions/",
            permission="knowledge.read",
            order=53,
            within="knowledge",
        ),
        registry.Entry(
            area="work",
            name="knowledge_ideas",
            label=_("Suggestions"),
            icon="flag",
            path="/desk/knowledge/ideas/",
            permission="knowledge.read",
            order=54,
            within="knowledge",
        ),
    )
    published_texts = "amends.work.knowledge.queries.published_texts"
    decisions = (
        registry.BindingDecision(
            name="knowledge.publish_article",
            title=_("Publish an article"),
            effect="publish",
            asks="knowledge.write",
            decides="knowledge.publish",
            perform="amends.work.knowledge.actions.write.perform_publication",
            consequence=_("Users find and read the article; the version before is replaced."),
            undo="amends.work.knowledge.actions.write.undo_publication",
            undo_note=_("The article is withdrawn; its versions remain."),
            deadline=timedelta(days=30),
        ),
        registry.ExemptDecision(
            name="knowledge.shipped",
            title=_("Publish the articles of the pack in a new installation"),
            effect="publish",
            decides="",
            rule=_("They ship with the release, and are reviewed with it."),
            undo_note=_("An article is withdrawn on its page."),
        ),
        registry.ExemptDecision(
            name="knowledge.participation",
            title=_("Show a question or an answer of a user, answer a question"),
            effect="publish",
            decides="knowledge.write",
            rule=_(
                "A user wrote it to be shown; a colleague checks it first. An "
                "answer of staff quotes articles that two people published."
            ),
            undo_note=_("A question or an answer is refused on its page."),
        ),
        registry.ExemptDecision(
            name="knowledge.withdraw_article",
            title=_("Withdraw an article"),
            effect="publish",
            decides="knowledge.publish",
            rule=_("It only removes a text from the public; publishing it again takes two people."),
            undo_note=_("It is published again."),
        ),
    )
    jobs = (
        registry.Job("help readings", 3600, "amends.work.knowledge.jobs.upkeep.forget_readings"),
        registry.Job(
            "help search",
            30,
            "amends.work.knowledge.jobs.upkeep.build_search_index",
            group="heavy",
        ),
    )
    panels = (
        registry.Panel(
            _("Read before complaining"),
            "amends.work.knowledge.web.complaint_panel.panel",
            tab="customer",
        ),
    )
    personal_data = registry.PersonalData(erase="amends.work.knowledge.actions.own_data.erase")
    demonstration = "amends.work.knowledge.demonstration.chapter"

    def ready(self) -> None:
        from amends.platform.cli.signals import database_created

        database_created.connect(_publish_at_creation)


# Loaded when the signal is sent, so that each command starts faster.
def _publish_at_creation(**creation: Any) -> None:
    from amends.work.knowledge.actions.starter import publish_at_creation

    publish_at_creation(**creation)
