from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class CaseworkConfig(registry.AmendsApp):
    name = "amends.work.casework"
    label = "casework"
    verbose_name = _("Case work")
    commands = {"teams": "amends.work.casework.cli:app"}
    urls = (("desk/", "amends.work.casework.web.urls"),)
    navigation = (
        registry.Entry(
            "work",
            "notifications",
            _("Notifications"),
            "message",
            "/desk/notifications/",
            order=12,
            within="day",
        ),
        registry.Entry(
            "work",
            "own_reviews",
            _("Reviews of my work"),
            "check",
            "/desk/reviews/mine/",
            order=14,
            within="day",
        ),
        registry.Entry(
            "reports",
            "quality_reviews",
            _("Quality review"),
            "check",
            "/desk/reviews/",
            "casework.lead",
            22,
            within="corrections",
        ),
        registry.Entry(
            "settings",
            "teams",
            _("Teams"),
            "person",
            "/desk/settings/teams/",
            "casework.manage",
            20,
            within="settings",
        ),
        registry.Entry(
            "settings",
            "assignment_rules",
            _("Assignment rules"),
            "flag",
            "/desk/settings/rules/",
            "casework.manage",
            22,
            within="settings",
        ),
        registry.Entry(
            "settings",
            "text_modules",
            _("Text modules"),
            "mail",
            "/desk/settings/texts/",
            "casework.manage",
            24,
            within="settings",
        ),
        registry.Entry(
            "settings",
            "absences",
            _("Absences"),
            "day",
            "/desk/settings/absences/",
            order=26,
            within="settings",
        ),
    )
    published_texts = "amends.work.casework.queries.modules.published_texts"
    jobs = (
        registry.Job("return work", 60, "amends.work.casework.actions.return_work.return_work"),
        registry.Job("follow ups", 60, "amends.work.casework.actions.follow_up.end_due_follow_ups"),
    )
