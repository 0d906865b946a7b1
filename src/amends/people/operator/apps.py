from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class OperatorConfig(registry.AmendsApp):
    name = "amends.people.operator"
    label = "operator"
    verbose_name = _("Operator")
    urls = (
        ("desk/settings/", "amends.people.operator.web.urls"),
        ("brand/", "amends.people.operator.web.brand_urls"),
    )
    navigation = (
        registry.Entry(
            "settings",
            "settings",
            _("Settings"),
            "settings",
            "/desk/settings/",
            "settings.read",
            5,
        ),
    )
    settings_pages = (
        registry.SettingsPage(
            _("Name, logo and hotline"),
            _("How customers see the operator on public pages and in letters."),
            "flag",
            "operator_profile",
            "settings.operator",
        ),
        registry.SettingsPage(
            _("Staff accounts"),
            _("Who may sign in, with which roles; first passwords; who has left."),
            "person",
            "people",
            "admin",
        ),
    )
