from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubscribersConfig(AppConfig):
    name = "amends.subscribers"
    label = "subscribers"
    verbose_name = _("Subscribers and offers")
    default_auto_field = "django.db.models.BigAutoField"
