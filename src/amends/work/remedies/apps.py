from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class RemediesConfig(registry.AmendsApp):
    name = "amends.work.remedies"
    label = "remedies"
    waiting = "amends.work.remedies.waiting.SOURCES"
    personal_data = registry.PersonalData(erase="amends.work.remedies.actions.forget.erase")
    rule_sets = {"amends.work.remedies": _("Remedies")}
    decisions = (
        registry.BindingDecision(
            name="remedies.pay",
            title=_("Pay above the limit of one person"),
            effect="pay",
            asks="remedies.approve",
            decides="remedies.approve",
            perform="amends.work.remedies.actions.approve.perform_payment",
            also_needs="amends.work.remedies.actions.approve.within_limit",
            preview="amends.work.remedies.actions.approve.payment_preview",
            consequence=_("The amount goes to billing with the next export."),
            undo_note=_("It is rejected on the page of remedies until it is exported."),
            deadline=timedelta(days=365),
        ),
        registry.ExemptDecision(
            name="remedies.within_limit",
            title=_("Pay within the limit of one person, or by rule alone"),
            effect="pay",
            decides="remedies.approve",
            rule=_(
                "The limits by role and amount (rules/data/approval) replace the second person; "
                "the remedy records their version."
            ),
            undo_note=_("It is rejected on the page of remedies until it is exported."),
        ),
    )
    commands = {
        "remedies": "amends.work.remedies.cli:app",
    }
    urls = (("desk/remedies/", "amends.work.remedies.web.urls"),)
    navigation = (
        registry.Entry(
            area="work",
            name="remedies",
            label=_("Remedies"),
            icon="refund",
            path="/desk/remedies/",
            permission="remedies.approve",
            order=40,
        ),
    )
