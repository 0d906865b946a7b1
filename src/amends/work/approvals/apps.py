from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform import registry

_STAFF = (
    "handler",
    "senior_handler",
    "manager",
    "network",
    "marketing",
    "partner_manager",
    "privacy_officer",
    "administrator",
)


class ApprovalsConfig(registry.AmendsApp):
    name = "amends.work.approvals"
    label = "approvals"
    verbose_name = _("Approvals")
    commands = {"approvals": "amends.work.approvals.cli:app"}
    urls = (("desk/approvals/", "amends.work.approvals.web.urls"),)
    navigation = (
        registry.Entry(
            area="work",
            name="approvals",
            label=_("Approvals"),
            icon="check",
            path="/desk/approvals/",
            permission="approvals.read",
            order=10,
            within="day",
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="due",
            title=_("Waits for your approval"),
            roles=_STAFF,
            rows="amends.work.approvals.web.home.waits_for_me",
            page="approvals",
            permission="approvals.read",
            empty=_("Nothing waits for your approval."),
        ),
        registry.HomePanel(
            question="due",
            title=pgettext_lazy("approval", "Your requests"),
            roles=_STAFF,
            rows="amends.work.approvals.web.home.asked_by_me",
            page="approvals",
            permission="approvals.read",
            empty=_("None of your requests waits for a colleague."),
        ),
    )
    jobs = (registry.Job("lapse approvals", 60, "amends.work.approvals.jobs.lapse_overdue"),)
