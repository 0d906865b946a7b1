from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class AuditsConfig(registry.AmendsApp):
    name = "amends.cases.audits"
    label = "audits"
    part = "notices"
    support = "amends.cases.audits.queries.support.support"
    commands = {
        "notices audit": "amends.cases.audits.cli:audit",
        "notices coverage": "amends.cases.audits.cli:coverage",
    }
    urls = (("desk/coverage/", "amends.cases.audits.web.urls"),)
    navigation = (
        registry.Entry(
            area="compliance",
            name="coverage",
            label=_("Notices due"),
            icon="clock",
            path="/desk/coverage/",
            permission="notices.coverage",
            order=20,
            within="duties",
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="worse",
            title=_("Notices that did not arrive"),
            roles=("manager", "regulator"),
            rows="amends.cases.audits.web.home.not_in_time",
            page="coverage",
            permission="notices.coverage",
            empty=_(
                "Every audited notice arrived, or no month is audited yet. "
                "Start an audit under “Notices due”."
            ),
        ),
        registry.HomePanel(
            question="helped",
            title=_("Duties met in full"),
            roles=("regulator",),
            rows="amends.cases.audits.web.home.all_in_time",
            page="coverage",
            permission="notices.coverage",
            empty=_(
                "No duty was met in full in the audited months. "
                "See “Notices due” for what is missing."
            ),
        ),
    )
    jobs = (
        registry.Job("audit", 3600, "amends.cases.audits.jobs.audit.audit_notices", group="heavy"),
        registry.Job("refunds", 60, "amends.cases.audits.actions.notify_refunds.notify_refunds"),
    )
    personal_data = registry.PersonalData(
        export="amends.cases.audits.actions.subject_access_export.subject_access_export"
    )
