from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class SiteConfig(registry.AmendsApp):
    name = "amends.site"
    label = "site"
    commands = {
        "serve": "amends.site.cli.serve:serve",
        "work": "amends.site.cli.work:work",
        "migrate": "amends.site.cli.database:migrate",
        "user": "amends.site.cli.database:user",
    }
    urls = (("", "amends.site.web.urls"),)
    settings_pages = (
        registry.SettingsPage(
            title=_("First steps"),
            description=_("From an empty installation to the first complaint with evidence."),
            icon="check",
            name="setup",
            permission="admin",
        ),
    )
    jobs = (registry.Job("dispatch", 1, "amends.site.dispatch.dispatch", group="receive"),)
