from __future__ import annotations

from amends import registry


class DatabaseConfig(registry.AmendsApp):
    name = "amends.database"
    label = "database"

    def ready(self) -> None:
        from django.core.checks import Tags, register
        from django.db.models.signals import post_migrate, pre_migrate

        from amends.database import roles
        from amends.database import triggers as laying

        pre_migrate.connect(laying.before_migrate, dispatch_uid="amends.database")
        post_migrate.connect(laying.after_migrate, dispatch_uid="amends.database")
        register(laying.check_guards, Tags.database)
        register(roles.check_roles, Tags.database)
