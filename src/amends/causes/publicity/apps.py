from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

if TYPE_CHECKING:
    from amends.work.knowledge.queries.compare import ContradictedStatement


class PublicityConfig(registry.AmendsApp):
    name = "amends.causes.publicity"
    label = "publicity"
    waiting = "amends.causes.publicity.waiting.SOURCES"
    part = registry.Part(
        name="publicity",
        title=_("Publicity"),
        description=_("Adverts are compared with the offers before they are published."),
    )
    verbose_name = _("Publicity")
    rule_sets = {"amends.causes.publicity": _("Publicity")}
    commands = {
        "publicity": "amends.causes.publicity.cli:app",
        "catalogue": "amends.causes.publicity.catalogue_cli:app",
    }
    urls = (
        ("desk/publicity/", "amends.causes.publicity.web.urls"),
        ("tariffs/", "amends.causes.publicity.web.public_urls"),
    )
    navigation = (
        registry.Entry(
            area="problems",
            name="publicity",
            label=_("Publicity"),
            icon="eye",
            path="/desk/publicity/",
            permission="publicity.read",
            order=60,
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="worse",
            title=_("Adverts to correct"),
            roles=("marketing", "regulator"),
            rows="amends.causes.publicity.web.home.blocked",
            page="publicity",
            permission="publicity.read",
            empty=_(
                "No live advert has a finding that must be corrected. "
                "Check a new text before it goes live."
            ),
        ),
    )
    jobs = (
        registry.Job(
            "publicity check",
            300,
            "amends.causes.publicity.jobs.check_live.check_live",
            group="heavy",
        ),
        registry.Job(
            "co-orders",
            86_400,
            "amends.causes.publicity.jobs.count_co_orders.count_co_orders",
            group="heavy",
        ),
        registry.Job(
            "publicity pages",
            600,
            "amends.causes.publicity.jobs.fetch_pages.fetch_pages",
            group="fetch",
        ),
    )
    decisions = (
        registry.BindingDecision(
            name="publicity.approve_copy",
            title=_("Publish an advert"),
            effect="publish",
            asks="publicity.write",
            decides="publicity.decide",
            perform="amends.causes.publicity.actions.approve.publish_copy",
            preview="amends.causes.publicity.actions.approve.copy_preview",
            consequence=_("The advert is live, and complaints can cite it."),
            undo="amends.causes.publicity.actions.approve.take_copy_down",
            undo_note=_("The advert is taken down; the claim remains on record."),
            deadline=timedelta(days=30),
        ),
        registry.BindingDecision(
            name="publicity.waive",
            title=_("Waive a finding in an advert"),
            effect="publish",
            asks="publicity.write",
            decides="publicity.decide",
            perform="amends.causes.publicity.actions.approve.record_waiver",
            preview="amends.causes.publicity.actions.approve.waiver_preview",
            consequence=_("The finding no longer blocks this version of the advert."),
            undo="amends.causes.publicity.actions.approve.end_waiver",
            undo_note=_("The waiver ends, and the finding blocks again."),
            deadline=timedelta(days=30),
        ),
        registry.ExemptDecision(
            name="publicity.take_down",
            title=_("Take an advert down"),
            effect="publish",
            decides="publicity.decide",
            rule=_("It only removes a text from the public; another takes two people."),
            undo_note=_("Another advert is published."),
        ),
        registry.ExemptDecision(
            name="publicity.judge_finding",
            title=_("Judge that a finding is wrong"),
            effect="publish",
            decides="publicity.decide",
            rule=_("No author judges it; a rule becomes weaker only after several people did."),
            undo_note=_("The last judgement of a finding counts."),
        ),
        registry.ExemptDecision(
            name="publicity.seen",
            title=_("Record a text that is public already"),
            effect="publish",
            decides="publicity.write",
            rule=_("It was found on a page of the operator; recording it publishes nothing."),
            undo_note=_("It is taken down."),
        ),
        registry.ExemptDecision(
            name="publicity.accept_phrase",
            title=_("Accept a phrase for adverts"),
            effect="publish",
            decides="publicity.decide",
            rule=_("One person proposes it and another accepts it."),
            undo_note=_("A phrase is ended on its page."),
        ),
    )
    panels = (
        registry.Panel(_("Adverts it rests on"), "amends.causes.publicity.web.complaints.panel"),
    )
    gates = (
        registry.Gate(
            name="publicity",
            answer="amends.causes.publicity.queries.gate",
            page=registry.GatePage("publicity", "publicity.read", "publicity.decide"),
        ),
    )
    demonstration = "amends.causes.publicity.demonstration.play"

    def ready(self) -> None:
        from amends.work.knowledge.signals import contradictions_requested

        contradictions_requested.connect(_contradicted_statements)


# Loaded when the signal is sent, so that each command starts faster.
def _contradicted_statements(**articles: Any) -> list[ContradictedStatement]:
    from amends.causes.publicity.queries import contradicted_statements

    return contradicted_statements(**articles)
