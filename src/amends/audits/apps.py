from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class AuditsConfig(registry.AmendsApp):
    name = "amends.audits"
    label = "audits"
    support = "amends.audits.queries.support.support"
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
    home_panels = (
        registry.HomePanel(
            "worse",
            _("Notices that did not arrive"),
            ("manager", "regulator"),
            "amends.audits.web.home.not_in_time",
            "coverage",
            "notices.coverage",
            _(
                "Every audited notice arrived, or no month is audited yet. "
                "Start an audit under “Notices due”."
            ),
        ),
        registry.HomePanel(
            "helped",
            _("Duties met in full"),
            ("regulator",),
            "amends.audits.web.home.all_in_time",
            "coverage",
            "notices.coverage",
            _(
                "No duty was met in full in the audited months. "
                "See “Notices due” for what is missing."
            ),
        ),
    )
    jobs = (
        registry.Job("audit", 3600, "amends.audits.jobs.audit.audit_notices", group="heavy"),
        registry.Job("refunds", 60, "amends.audits.actions.notify_refunds.notify_refunds"),
    )
    export = "amends.audits.actions.subject_access_export.subject_access_export"
