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
        registry.Entry("work", "day", _("My day"), "day", "/desk/day/", "", 10),
        registry.Entry("work", "inbox", _("Inbox"), "inbox", "/desk/", "complaints.read", 20),
        registry.Entry(
            "work",
            "social_posts",
            _("Social media"),
            "message",
            "/desk/posts/",
            "social.read",
            24,
            within="inbox",
        ),
        registry.Entry(
            "work",
            "take_call",
            _("Log a call"),
            "phone",
            "/desk/call/",
            "complaints.handle",
            30,
        ),
        registry.Entry(
            "work",
            "caller",
            _("Look up a caller"),
            "person",
            "/desk/caller/",
            "complaints.handle",
            32,
            within="take_call",
        ),
        registry.Entry(
            "work",
            "workload",
            _("Workload"),
            "gauge",
            "/desk/workload/",
            "casework.lead",
            16,
            within="day",
        ),
        registry.Entry(
            "reports",
            "corrections",
            _("Corrections"),
            "correct",
            "/desk/corrections/",
            "complaints.read",
            20,
        ),
    )
