from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class AuditsConfig(registry.AmendsApp):
    name = "amends.audits"
    label = "audits"
    commands = {
        "notices audit": "amends.audits.cli:audit",
        "notices coverage": "amends.audits.cli:coverage",
    }
    urls = (("desk/coverage/", "amends.audits.web.urls"),)
    navigation = (
        registry.Entry(
            "compliance",
            "coverage",
            _("Notices due"),
            "clock",
            "/desk/coverage/",
            "notices.coverage",
            20,
            within="duties",
        ),
    )
    jobs = (
        registry.Job("audit", 3600, "amends.audits.jobs.audit.audit_notices"),
        registry.Job("refunds", 60, "amends.audits.actions.notify_refunds.notify_refunds"),
    )
    export = "amends.audits.actions.subject_access_export.subject_access_export"
