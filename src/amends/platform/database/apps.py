from __future__ import annotations

from amends.platform import registry


class DatabaseConfig(registry.AmendsApp):
    name = "amends.platform.database"
    label = "database"

    def ready(self) -> None:
        from django.core.checks import Tags, register
        from django.db.models.signals import post_migrate, pre_migrate

        from amends.platform.database import roles, triggers

        pre_migrate.connect(triggers.before_migrate, dispatch_uid="amends.platform.database")
        post_migrate.connect(triggers.after_migrate, dispatch_uid="amends.platform.database")
        register(triggers.check_guards, Tags.database)
        register(roles.check_roles, Tags.database)
