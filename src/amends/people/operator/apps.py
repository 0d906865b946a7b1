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
            area="settings",
            name="settings",
            label=_("Settings"),
            icon="settings",
            path="/desk/settings/",
            permission="settings.read",
            order=5,
        ),
    )
    settings_pages = (
        registry.SettingsPage(
            title=_("Name, logo and hotline"),
            description=_("How customers see the operator on public pages and in letters."),
            icon="flag",
            name="operator_profile",
            permission="settings.operator",
        ),
        registry.SettingsPage(
            title=_("Parts in use"),
            description=_("Switch on what you need; the rest is in no navigation."),
            icon="settings",
            name="parts",
            permission="admin",
        ),
        registry.SettingsPage(
            title=_("Public address"),
            description=_("The address that customers open; links in messages begin with it."),
            icon="web",
            name="public_address",
            permission="admin",
        ),
        registry.SettingsPage(
            title=_("Partners"),
            description=_("Agents, providers and manufacturers, by reference and name."),
            icon="person",
            name="partner_register",
            permission="admin",
        ),
        registry.SettingsPage(
            title=_("Staff accounts"),
            description=_("Who may sign in, with which roles; first passwords; who has left."),
            icon="person",
            name="people",
            permission="admin",
        ),
    )
