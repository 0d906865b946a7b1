from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends import registry


class ComplaintsConfig(registry.AmendsApp):
    name = "amends.complaints"
    label = "complaints"
    rule_sets = {
        "amends.complaints": _("Handling of complaints"),
        "amends.decisions": _("Deadlines and decisions"),
        "amends.classification": _("Classes of complaints"),
    }
    commands = {
        "complaints": "amends.complaints.cli.complaints:app",
        "clocks": "amends.complaints.cli.clocks:app",
    }
    urls = (("desk/", "amends.complaints.web.urls"),)
    navigation = (
        registry.Entry("work", "day", _("My day"), "day", "/desk/day/", "", 10),
        registry.Entry("work", "inbox", _("Inbox"), "inbox", "/desk/", "complaints.read", 20),
        registry.Entry(
            "work",
            "take_call",
            _("Take down a call"),
            "phone",
            "/desk/call/",
            "complaints.handle",
            30,
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
    concerns = "amends.complaints.concerns.concerns"
    jobs = (
        registry.Job("pipeline", 1, "amends.complaints.jobs.pipeline.process"),
        registry.Job("approvals", 1, "amends.complaints.actions.approve_later.carry_out_due"),
        registry.Job("look again", 900, "amends.complaints.jobs.reinvestigate.look_again"),
        registry.Job("letters", 10, "amends.complaints.actions.follow_letters.follow_letters"),
        registry.Job("hand over", 5, "amends.complaints.actions.regulator_file.make_waiting"),
        registry.Job("clocks", 30, "amends.complaints.jobs.clocks.turn"),
        registry.Job("files", 3600, "amends.complaints.jobs.remove_orphaned_files.tidy_files"),
    )
