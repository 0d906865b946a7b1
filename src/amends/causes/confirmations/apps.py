from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class ConfirmationsConfig(registry.AmendsApp):
    name = "amends.causes.confirmations"
    label = "confirmations"
    waiting = "amends.causes.confirmations.waiting.SOURCES"
    part = "notices"
    support = "amends.causes.confirmations.queries.support.support"
    decisions = (
        registry.ExemptDecision(
            name="confirmations.exception",
            title=_("Stop or change a service under an exception of the law"),
            effect="suspend",
            decides="confirmations.except",
            rule=_(
                "The exception is one that the pack lists, with its article and the evidence "
                "on record."
            ),
            undo_note=_("The order is reversed on its page."),
        ),
    )
    rule_sets = {"amends.causes.confirmations": _("Confirmation by the user")}
    commands = {
        "confirmations": "amends.causes.confirmations.cli:app",
    }
    urls = (("desk/confirmations/", "amends.causes.confirmations.web.urls"),)
    navigation = (
        registry.Entry(
            area="compliance",
            name="confirmations",
            label=_("Confirmations"),
            icon="shield",
            path="/desk/confirmations/",
            permission="confirmations.read",
            order=30,
            within="duties",
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="worse",
            title=_("Services without a confirmation, by partner"),
            roles=("partner_manager", "manager"),
            rows="amends.causes.confirmations.web.home.without_confirmation",
            page="uncovered",
            permission="confirmations.read",
            empty=_(
                "Every running service is confirmed. "
                "Audits of past charges are under “Confirmations”."
            ),
        ),
        registry.HomePanel(
            question="due",
            title=_("Your orders that wait for the user"),
            roles=("agent",),
            rows="amends.causes.confirmations.web.home.own_orders",
            page="take_order",
            permission="confirmations.place",
            empty=_("None of your orders waits. The user confirms an order before it is opened."),
            link=_("Take an order"),
        ),
    )
    jobs = (
        registry.Job(
            "codes", 1, "amends.causes.confirmations.jobs.send_codes.send_codes", group="codes"
        ),
        registry.Job("orders", 5, "amends.causes.confirmations.jobs.settle.settle", group="codes"),
        registry.Job("bills", 3600, "amends.causes.confirmations.jobs.settle.send_bills"),
    )
    gates = (
        registry.Gate(
            name="confirmations",
            answer="amends.causes.confirmations.texts.gate.asked_before_opening",
            page=registry.GatePage("confirmations", "confirmations.read", "confirmations.audit"),
        ),
    )
    personal_data = registry.PersonalData(
        export="amends.causes.confirmations.actions.subject_access_export.subject_access_export"
    )
