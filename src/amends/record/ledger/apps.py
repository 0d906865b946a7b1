from __future__ import annotations

from amends.platform import registry


class LedgerConfig(registry.AmendsApp):
    name = "amends.record.ledger"
    label = "ledger"
    jobs = (
        registry.Job(
            "sequence", 2, "amends.record.ledger.actions.sequence.sequence", group="sequence"
        ),
        registry.Job(
            "index",
            10,
            "amends.record.ledger.actions.index_segments.index_together",
            group="sequence",
        ),
    )

    def ready(self) -> None:
        from django.core.checks import Tags, register
        from django.db.models.signals import post_migrate, pre_migrate

        from amends.record.ledger.checks import ledger_is_guarded
        from amends.record.ledger.triggers import install_after_migrating, lift_before_migrating

        pre_migrate.connect(lift_before_migrating, sender=self)
        post_migrate.connect(install_after_migrating, sender=self)
        register(ledger_is_guarded, Tags.database)
