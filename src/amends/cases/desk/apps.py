from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class DeskConfig(registry.AmendsApp):
    name = "amends.cases.desk"
    label = "desk"
    commands = {
        "complaints": "amends.cases.desk.cli.complaints:app",
        "clocks": "amends.cases.desk.cli.clocks:app",
    }
    demonstration = "amends.cases.desk.demonstration.play"
    urls = (("desk/", "amends.cases.desk.web.urls"),)
    panels = (
        registry.Panel(
            _("Posts on social media"), "amends.cases.desk.web.posts.panel", tab="customer"
        ),
    )
    palette = "amends.cases.desk.web.palette.find"
    navigation = (
        registry.Entry(
            area="work",
            name="day",
            label=_("My day"),
            icon="day",
            path="/desk/day/",
            permission="",
            order=10,
        ),
        registry.Entry(
            area="work",
            name="inbox",
            label=_("Inbox"),
            icon="inbox",
            path="/desk/",
            permission="complaints.read",
            order=20,
        ),
        registry.Entry(
            area="work",
            name="social_posts",
            label=_("Social media"),
            icon="message",
            path="/desk/posts/",
            permission="social.read",
            order=24,
            within="inbox",
        ),
        registry.Entry(
            area="work",
            name="take_call",
            label=_("Log a call"),
            icon="phone",
            path="/desk/call/",
            permission="complaints.handle",
            order=30,
        ),
        registry.Entry(
            area="work",
            name="caller",
            label=_("Look up a caller"),
            icon="person",
            path="/desk/caller/",
            permission="complaints.handle",
            order=32,
            within="take_call",
        ),
        registry.Entry(
            area="work",
            name="workload",
            label=_("Workload"),
            icon="gauge",
            path="/desk/workload/",
            permission="casework.lead",
            order=16,
            within="day",
        ),
        registry.Entry(
            area="reports",
            name="corrections",
            label=_("Corrections"),
            icon="correct",
            path="/desk/corrections/",
            permission="complaints.read",
            order=20,
        ),
    )
