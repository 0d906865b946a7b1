from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class PortalsConfig(registry.AmendsApp):
    name = "amends.portals"
    label = "portals"
    erasure = "amends.portals.actions.forget.erase"
    rule_sets = {"amends.portals": _("Voice menu")}
    commands = {
        "client": "amends.portals.cli:client",
    }
    urls = (("", "amends.portals.public.urls"),)
    queues = {"sent complaints": "amends.portals.jobs.receive_sent.oldest_sent_at"}
    jobs = (
        registry.Job(
            "sent complaints", 1, "amends.portals.jobs.receive_sent.receive_sent", group="receive"
        ),
        registry.Job(
            "notices of problems", 60, "amends.portals.jobs.notify_problems.notify_problems"
        ),
        registry.Job("drafts", 600, "amends.portals.jobs.forget_drafts.forget_drafts"),
        registry.Job("handovers", 3600, "amends.portals.jobs.forget_drafts.forget_handovers"),
    )
