from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class PortalsConfig(registry.AmendsApp):
    name = "amends.entrances.portals"
    label = "portals"
    personal_data = registry.PersonalData(erase="amends.entrances.portals.actions.forget.erase")
    rule_sets = {"amends.entrances.portals": _("Voice menu")}
    commands = {
        "client": "amends.entrances.portals.cli:client",
    }
    queues = {"sent complaints": "amends.entrances.portals.jobs.receive_sent.oldest_sent_at"}
    urls = (
        ("desk/settings/clients/", "amends.entrances.portals.web.urls"),
        ("", "amends.entrances.portals.public.urls"),
    )
    settings_pages = (
        registry.SettingsPage(
            title=_("Kiosks"),
            description=_("Devices in shops at which customers complain."),
            icon="counter",
            name="kiosks",
            permission="admin",
        ),
        registry.SettingsPage(
            title=_("Clients of the interface"),
            description=_("Other systems, their scopes, and the colleagues they may act for."),
            icon="settings",
            name="api_clients",
            permission="admin",
        ),
    )
    jobs = (
        registry.Job(
            "sent complaints",
            1,
            "amends.entrances.portals.jobs.receive_sent.receive_sent",
            group="receive",
        ),
        registry.Job(
            "notices of problems",
            60,
            "amends.entrances.portals.jobs.notify_problems.notify_problems",
        ),
        registry.Job("drafts", 600, "amends.entrances.portals.jobs.forget_drafts.forget_drafts"),
        registry.Job(
            "handovers", 3600, "amends.entrances.portals.jobs.forget_drafts.forget_handovers"
        ),
    )
