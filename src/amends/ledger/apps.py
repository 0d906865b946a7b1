from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, pre_migrate


class LedgerConfig(AppConfig):
    name = "amends.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amends.ledger.checks import ledger_is_guarded
        from amends.ledger.triggers import install_after_migrating, lift_before_migrating

        pre_migrate.connect(lift_before_migrating, sender=self)
        post_migrate.connect(install_after_migrating, sender=self)
        register(ledger_is_guarded, Tags.database)
