from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class ProtectionConfig(registry.AmendsApp):
    name = "amends.causes.protection"
    label = "protection"
    waiting = "amends.causes.protection.waiting.SOURCES"
    part = registry.Part(
        name="protection",
        title=_("Spam and fraud"),
        description=_("Reports of messages and calls, numbers that are blocked, guardians."),
    )
    verbose_name = _("Protection")
    commands = {"protection": "amends.causes.protection.cli:app"}
    rule_sets = {"amends.causes.protection": _("Protection")}
    urls = (
        ("desk/protection/", "amends.causes.protection.web.urls"),
        ("protect/", "amends.causes.protection.web.public_urls"),
    )
    navigation = (
        registry.Entry(
            area="problems",
            name="protection",
            label=_("Spam and fraud"),
            icon="shield",
            path="/desk/protection/",
            permission="protection.read",
            order=65,
        ),
    )
    decisions = (
        registry.BindingDecision(
            name="protection.block_number",
            title=_("Block a number"),
            effect="block",
            asks="complaints.handle",
            decides="protection.decide",
            perform="amends.causes.protection.actions.block_number.perform_block",
            consequence=_(
                "The number is on the block list for 90 days, and its holder is informed."
            ),
            hold_hours=24,
            at_once="amends.causes.protection.actions.block_number.hold_block",
            undo="amends.causes.protection.actions.block_number.undo_block",
            undo_note=_("The number leaves the block list; its holder can also appeal."),
            rules=(
                registry.RuleInstead(
                    name="evident scam",
                    title=_("Evident scam: 20 verified reports, no ordinary traffic"),
                    accepts="amends.causes.protection.actions.block_number.accepts_evident",
                ),
            ),
        ),
        registry.BindingDecision(
            name="protection.name_guardian",
            title=_("Record a guardian"),
            effect="speak",
            asks="protection.decide",
            decides="protection.decide",
            perform="amends.causes.protection.actions.guardianship.perform_guardian",
            consequence=_(
                "The guardian decides for the line as far as the law lets them; the ward is "
                "notified and may object."
            ),
            undo="amends.causes.protection.actions.guardianship.undo_guardian",
            undo_note=_("The guardianship ends."),
            preview="amends.causes.protection.actions.guardianship.terms_of",
        ),
    )
    case_kinds = ("amends.causes.protection.case_kind.AppealKind",)
    panels = (
        registry.Panel(_("Reports of spam and fraud"), "amends.causes.protection.web.desk.panel"),
    )
    jobs = (
        registry.Job(
            "notices to operators",
            300,
            "amends.causes.protection.actions.notify_operators.notify_operators",
        ),
        registry.Job(
            "holders of reported numbers",
            300,
            "amends.causes.protection.jobs.inform_people.inform_holders",
        ),
        registry.Job(
            "advice to victims", 120, "amends.causes.protection.jobs.inform_people.advise_victims"
        ),
        registry.Job(
            "reports of complaints",
            60,
            "amends.causes.protection.jobs.report_complaints.report_complaints",
        ),
        registry.Job(
            "outcomes of reports",
            300,
            "amends.causes.protection.jobs.notify_reporters.notify_reporters",
        ),
        registry.Job(
            "recount of reports", 60, "amends.causes.protection.jobs.expire.recount", group="heavy"
        ),
        registry.Job("protection", 3600, "amends.causes.protection.jobs.expire.expire"),
        registry.Job(
            "holders of numbers",
            3600,
            "amends.causes.protection.jobs.follow_holders.follow_holders",
            group="heavy",
        ),
    )
    send_limits = registry.SendLimits(
        allowed="amends.causes.protection.queries.may_send",
        after="amends.causes.protection.queries.settings.send_after",
    )
    personal_data = registry.PersonalData(
        export="amends.causes.protection.actions.own_data.subject_access_export",
        erase="amends.causes.protection.actions.own_data.erase",
    )
    demonstration = "amends.causes.protection.demonstration.chapter"

    def ready(self) -> None:
        from amends.causes.confirmations.actions.signals import order_refusal_requested

        order_refusal_requested.connect(_order_refusal)


# Loaded when the signal is sent, so that each command starts faster.
def _order_refusal(**order: Any) -> str:
    from amends.causes.protection.queries.settings import order_refusal

    return order_refusal(**order)
