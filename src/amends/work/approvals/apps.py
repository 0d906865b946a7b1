from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


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
    jobs = (registry.Job("lapse approvals", 60, "amends.work.approvals.jobs.lapse_overdue"),)
