from django.apps import AppConfig


class HotIssuesConfig(AppConfig):
    name = "amends.hotissues"
    label = "hotissues"
    default_auto_field = "django.db.models.BigAutoField"
