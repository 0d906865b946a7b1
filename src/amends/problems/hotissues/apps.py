from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class HotIssuesConfig(registry.AmendsApp):
    name = "amends.problems.hotissues"
    label = "hotissues"
    waiting = "amends.problems.hotissues.waiting.SOURCES"
    part = registry.Part(
        name="hotissues",
        title=_("Hot issues"),
        description=_("Complaints that increase together in an area or for an offer."),
    )
    personal_data = registry.PersonalData(
        erase="amends.problems.hotissues.actions.erase_membership.erase"
    )
    commands = {
        "hotissues": "amends.problems.hotissues.cli.hotissues:app",
    }
    urls = (("desk/hotissues/", "amends.problems.hotissues.web.urls"),)
    palette = "amends.problems.hotissues.web.palette.find"
    navigation = (
        registry.Entry(
            area="problems",
            name="hotissues",
            label=_("Hot issues"),
            icon="flag",
            path="/desk/hotissues/",
            permission="hotissues.read",
            order=10,
        ),
    )
    panels = (
        registry.Panel(
            _("Hot issue"), "amends.problems.hotissues.web.complaint_panel.panel", tab="issue"
        ),
    )
    concerns = "amends.problems.hotissues.queries.concerns.concerns"
    home_panels = (
        registry.HomePanel(
            question="worse",
            title=_("Open hot issues"),
            roles=(
                "handler",
                "senior_handler",
                "manager",
                "network",
                "marketing",
                "partner_manager",
            ),
            rows="amends.problems.hotissues.web.home.open_issues",
            page="hotissues",
            permission="hotissues.read",
            empty=_("No hot issue is open. Complaints are scanned every five minutes."),
        ),
    )
    jobs = (
        registry.Job(
            "hot issues",
            300,
            "amends.problems.hotissues.actions.scan_desk.scan_desk",
            group="heavy",
        ),
        registry.Job(
            "issue overviews",
            300,
            "amends.problems.hotissues.actions.record_overviews.record_overviews",
            group="heavy",
        ),
        registry.Job(
            "hot hours",
            600,
            "amends.problems.hotissues.actions.scan_hours.scan_hours",
            group="heavy",
        ),
        registry.Job(
            "hot sources",
            900,
            "amends.problems.hotissues.actions.scan_other_sources.scan_other_sources",
            group="heavy",
        ),
        registry.Job(
            "hot words",
            900,
            "amends.problems.hotissues.actions.scan_words.scan_words",
            group="heavy",
        ),
        registry.Job(
            "suspected faults",
            300,
            "amends.problems.hotissues.actions.suspect_faults.suspect_faults",
            group="heavy",
        ),
        registry.Job(
            "mentions", 60, "amends.problems.hotissues.actions.take_mentions.take_mentions"
        ),
        registry.Job(
            "causes",
            21600,
            "amends.problems.hotissues.actions.scan_causes.scan_causes",
            group="heavy",
        ),
    )
