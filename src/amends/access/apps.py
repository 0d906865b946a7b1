from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "amends.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from amends.access.web.require_mfa import watch_set_up

        watch_set_up()
