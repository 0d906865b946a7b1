from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "amends.portals"
    label = "portals"
    default_auto_field = "django.db.models.BigAutoField"
