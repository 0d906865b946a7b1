from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class WebhooksConfig(registry.AmendsApp):
    name = "amends.entrances.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")
    commands = {"webhooks": "amends.entrances.webhooks.cli:app"}
    urls = (("desk/settings/webhooks/", "amends.entrances.webhooks.web.urls"),)
    settings_pages = (
        registry.SettingsPage(
            title=_("Webhooks"),
            description=_("Systems that receive events, and what was delivered to them."),
            icon="settings",
            name="webhooks",
            permission="admin",
        ),
    )
    jobs = (
        registry.Job(
            "webhooks", 1, "amends.entrances.webhooks.jobs.deliver.deliver", group="fetch"
        ),
    )
