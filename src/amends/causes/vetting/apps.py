from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform import registry


class VettingConfig(registry.AmendsApp):
    name = "amends.causes.vetting"
    label = "vetting"
    waiting = "amends.causes.vetting.waiting.SOURCES"
    part = registry.Part(
        name="partners",
        title=_("Services and apps of partners"),
        description=_("A register of services, with checks of apps, contents and partners."),
    )
    verbose_name = _("Vetting")
    rule_sets = {"amends.causes.vetting": _("Vetting")}
    commands = {
        "vetting": "amends.causes.vetting.cli:app",
        "vetting check": "amends.causes.vetting.cli_check:check",
        "vetting locate": "amends.causes.vetting.cli_locate:locate",
        "vetting probe": "amends.causes.vetting.cli_probe:probe",
        "vetting partners": "amends.causes.vetting.cli_partners:partners",
        "vetting letter": "amends.causes.vetting.cli_partners:letter",
        "vetting watch": "amends.causes.vetting.cli_probe:watch",
        "vetting content": "amends.causes.vetting.cli_content:content",
    }
    decisions = (
        registry.BindingDecision(
            name="vetting.step",
            title=_("Step against a partner after its score"),
            effect="suspend",
            asks="services.manage",
            decides="partners.sanction",
            perform="amends.causes.vetting.actions.proceedings.perform_step",
            unapproved="amends.causes.vetting.actions.proceedings.drop_step",
            consequence=_(
                "The partner is warned, gets no new orders, or its contracts end. It may appeal."
            ),
            undo="amends.causes.vetting.actions.proceedings.undo_step",
            undo_note=_("The sanction is lifted; a contract that ended has to be signed again."),
            deadline=timedelta(days=90),
        ),
        registry.BindingDecision(
            name="vetting.content_sanction",
            title=_("Sanction a partner for content"),
            effect="suspend",
            asks="services.manage",
            decides="partners.sanction",
            perform="amends.causes.vetting.actions.contents.perform_content_sanction",
            consequence=_("The sanction is in force; the partner may appeal."),
            undo="amends.causes.vetting.actions.contents.undo_content_sanction",
            undo_note=_("The sanction is lifted."),
        ),
    )
    gates = (
        registry.Gate(
            name="vetting",
            answer="amends.causes.vetting.texts.gate.gate",
            page=registry.GatePage("app_checks", "apps.read", "apps.decide"),
        ),
    )
    urls = (
        ("desk/apps/", "amends.causes.vetting.web.app_urls"),
        ("desk/services/", "amends.causes.vetting.web.services_urls"),
        ("desk/contents/", "amends.causes.vetting.web.contents_urls"),
        ("services/", "amends.causes.vetting.web.public_urls"),
    )
    case_kinds = (
        "amends.causes.vetting.case_kind.AppCheckKind",
        "amends.causes.vetting.case_kind.PackageConflictKind",
        "amends.causes.vetting.content_case_kind.ContentFindingKind",
    )
    navigation = (
        registry.Entry(
            area="problems",
            name="app_checks",
            label=pgettext_lazy("navigation", "Apps"),
            icon="shield",
            path="/desk/apps/",
            permission="apps.read",
            order=67,
            within="services",
        ),
        registry.Entry(
            area="problems",
            name="services",
            label=pgettext_lazy("register", "Services"),
            icon="rules",
            path="/desk/services/",
            permission="services.read",
            order=66,
        ),
        registry.Entry(
            area="problems",
            name="contents",
            label=_("Contents of services"),
            icon="rules",
            path="/desk/contents/",
            permission="services.read",
            order=67,
            within="services",
        ),
        registry.Entry(
            area="problems",
            name="partner_scores",
            label=pgettext_lazy("scores", "Partners"),
            icon="person",
            path="/desk/services/partners/",
            permission="services.read",
            order=67,
            within="services",
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="due",
            title=_("Your apps"),
            roles=("agent",),
            rows="amends.causes.vetting.web.app_home.apps_of_partner",
            page="app_checks",
            permission="apps.read",
            empty=_("No app of yours is being checked. Send one in before you publish it."),
        ),
    )
    queues = {"app checks": "amends.causes.vetting.actions.send_app.oldest_waiting_at"}
    jobs = (
        registry.Job(
            "partner scores",
            86_400,
            "amends.causes.vetting.jobs.watch_services.score",
            group="heavy",
        ),
        registry.Job(
            "app checks", 3, "amends.causes.vetting.actions.send_app.check_waiting", group="heavy"
        ),
        registry.Job(
            "service probes", 60, "amends.causes.vetting.jobs.watch_services.probe", group="fetch"
        ),
        registry.Job(
            "content readings",
            120,
            "amends.causes.vetting.jobs.contents.second_reading",
            group="heavy",
        ),
        registry.Job("content terms", 86_400, "amends.causes.vetting.jobs.contents.forget"),
        registry.Job(
            "service faults", 900, "amends.causes.vetting.jobs.watch_services.locate", group="heavy"
        ),
    )
    demonstration = "amends.causes.vetting.demonstration.chapter"
