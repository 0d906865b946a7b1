from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class OperationsConfig(registry.AmendsApp):
    name = "amends.operations"
    label = "operations"
    verbose_name = _("Operation")
    commands = {
        "backup": "amends.operations.cli.backup:backup",
        "deadlines": "amends.operations.cli.deadlines:deadlines",
        "holds": "amends.operations.cli.holds:app",
        "keys": "amends.operations.cli.keys:app",
        "ledger": "amends.operations.cli.ledger:app",
        "operation": "amends.operations.cli.operation:app",
        "restore": "amends.operations.cli.backup:restore",
        "retention": "amends.operations.cli.retention:retention",
        "subscribers": "amends.operations.cli.subscribers:app",
    }
    urls = (("", "amends.operations.web.urls"),)
    navigation = (
        registry.Entry(
            area="compliance",
            name="ledger",
            label=_("Evidence"),
            icon="ledger",
            path="/desk/ledger/",
            permission="ledger.verify",
            order=70,
        ),
        registry.Entry(
            area="compliance",
            name="rules",
            label=_("Rules in force"),
            icon="rules",
            path="/desk/rules/",
            permission="rules.read",
            order=20,
            within="ledger",
        ),
        registry.Entry(
            area="settings",
            name="operation",
            label=_("Operation"),
            icon="settings",
            path="/desk/operation/",
            permission="operation.read",
            order=10,
            within="settings",
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="worse",
            title=_("Operation needs attention"),
            roles=("administrator",),
            rows="amends.operations.web.home.alarms_now",
            page="operation",
            permission="operation.read",
            empty=_("No alarm is raised: channels, jobs, disks and backups are in order."),
        ),
    )
    settings_pages = (
        registry.SettingsPage(
            title=_("Channels, networks and jobs"),
            description=_("What is connected, what is held, and what needs attention."),
            icon="settings",
            name="operation",
            permission="operation.read",
        ),
        registry.SettingsPage(
            title=_("Country packs, limits and calendars"),
            description=_(
                "The rules in force on a day, with limits of refunds, holidays and their sources."
            ),
            icon="rules",
            name="rules",
            permission="rules.read",
        ),
    )
    jobs = (
        registry.Job("backup status", 15, "amends.operations.backups.status.share_status"),
        registry.Job(
            "retention", 3600, "amends.operations.actions.retention.carry_out_daily", group="heavy"
        ),
        registry.Job(
            "certificate",
            3600,
            "amends.operations.queries.certificate.note_certificate",
            group="fetch",
        ),
    )

    def ready(self) -> None:
        from amends.causes.privacy.actions.signals import erasure_requested, export_requested
        from amends.platform.cli.signals import command_started, database_created

        command_started.connect(_sweep)
        database_created.connect(_record_at_creation)
        export_requested.connect(_carry_out_export)
        erasure_requested.connect(_carry_out_erasure)


# Loaded when a signal is sent, so that each command starts faster.
def _sweep(**_signal: Any) -> None:
    from amends.operations.backups.staging import sweep

    sweep()


def _record_at_creation(**creation: Any) -> None:
    from amends.operations.actions.rule_sets import record_rule_sets

    record_rule_sets(now=creation["now"])


def _carry_out_export(**request: Any) -> dict[str, Any]:
    from amends.operations.actions.subject_access_export import carry_out_export

    return carry_out_export(**request)


def _carry_out_erasure(**request: Any) -> None:
    from amends.operations.actions.erasure import carry_out_erasure

    carry_out_erasure(**request)
