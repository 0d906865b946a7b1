from django.apps import AppConfig


class GuardsConfig(AppConfig):
    name = "amends.guards"
    label = "guards"

    def ready(self) -> None:
        from django.core.checks import Tags, register
        from django.db.models.signals import post_migrate

        from amends.guards import laying

        post_migrate.connect(laying.after_migrate, dispatch_uid="amends.guards")
        register(laying.check_guards, Tags.database)
