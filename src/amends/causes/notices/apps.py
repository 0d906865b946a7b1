from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class NoticesConfig(registry.AmendsApp):
    name = "amends.causes.notices"
    label = "notices"
    waiting = "amends.causes.notices.waiting.SOURCES"
    part = registry.Part(
        name="notices",
        title=_("Notices and confirmations"),
        description=_("Notices that customers must get, their coverage, confirmations of orders."),
        desk_only=True,
    )
    rule_sets = {
        "amends.engines.duties": _("Duties to notify"),
        "amends.causes.notices": _("Reminders and notices"),
        "amends.engines.metering": _("Usage records"),
    }
    commands = {
        "notices": "amends.causes.notices.cli.notices:app",
    }
    urls = (("desk/notices/", "amends.causes.notices.web.urls"),)
    navigation = (
        registry.Entry(
            area="compliance",
            name="duties",
            label=_("Duties in force"),
            icon="message",
            path="/desk/notices/",
            permission="notices.read",
            order=40,
        ),
    )
    jobs = (
        registry.Job("send notices", 2, "amends.causes.notices.jobs.send_due.send_due_notices"),
        registry.Job(
            "usage", 2, "amends.causes.notices.jobs.count_usage.count_usage", group="usage"
        ),
        registry.Job(
            "usage ids", 86400, "amends.causes.notices.actions.forget_ids.forget_ids", group="heavy"
        ),
        registry.Job("borders", 10, "amends.causes.notices.jobs.watch.borders"),
        registry.Job(
            "new charges", 3600, "amends.causes.notices.jobs.watch.charges", group="heavy"
        ),
        registry.Job("due notices", 60, "amends.causes.notices.jobs.send_due.write_due_notices"),
        registry.Job(
            "changed plans",
            10,
            "amends.causes.notices.actions.record_changes.apply_executed_orders",
        ),
        registry.Job(
            "due terms",
            21600,
            "amends.causes.notices.actions.write_due.write_due_of_running",
            group="heavy",
        ),
    )
    gates = (
        registry.Gate(
            name="notices",
            answer="amends.causes.notices.texts.gate.users_are_warned",
            page=registry.GatePage("duties", "notices.read", "notices.remedy"),
        ),
    )
    personal_data = registry.PersonalData(
        export="amends.causes.notices.actions.subject_access_export.subject_access_export"
    )
