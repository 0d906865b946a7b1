from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    name = "amends.database"
    label = "database"

    def ready(self) -> None:
        from django.core.checks import Tags, register
        from django.db.models.signals import post_migrate

        from amends.database import laying

        post_migrate.connect(laying.after_migrate, dispatch_uid="amends.database")
        register(laying.check_guards, Tags.database)
