from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class CaseworkConfig(registry.AmendsApp):
    name = "amends.work.casework"
    label = "casework"
    waiting = "amends.work.casework.waiting.SOURCES"
    verbose_name = _("Case work")
    commands = {"teams": "amends.work.casework.cli:app"}
    urls = (("desk/", "amends.work.casework.web.urls"),)
    navigation = (
        registry.Entry(
            area="work",
            name="notifications",
            label=_("Notifications"),
            icon="message",
            path="/desk/notifications/",
            order=12,
            within="day",
        ),
        registry.Entry(
            area="work",
            name="own_reviews",
            label=_("Reviews of my work"),
            icon="check",
            path="/desk/reviews/mine/",
            order=14,
            within="day",
        ),
        registry.Entry(
            area="reports",
            name="quality_reviews",
            label=_("Quality review"),
            icon="check",
            path="/desk/reviews/",
            permission="casework.lead",
            order=22,
            within="corrections",
        ),
        registry.Entry(
            area="settings",
            name="teams",
            label=_("Teams"),
            icon="person",
            path="/desk/settings/teams/",
            permission="casework.manage",
            order=20,
            within="settings",
        ),
        registry.Entry(
            area="settings",
            name="assignment_rules",
            label=_("Assignment rules"),
            icon="flag",
            path="/desk/settings/rules/",
            permission="casework.manage",
            order=22,
            within="settings",
        ),
        registry.Entry(
            area="settings",
            name="text_modules",
            label=_("Text modules"),
            icon="mail",
            path="/desk/settings/texts/",
            permission="casework.manage",
            order=24,
            within="settings",
        ),
        registry.Entry(
            area="settings",
            name="absences",
            label=_("Absences"),
            icon="day",
            path="/desk/settings/absences/",
            order=26,
            within="settings",
        ),
    )
    published_texts = "amends.work.casework.queries.modules.published_texts"
    jobs = (
        registry.Job("return work", 60, "amends.work.casework.actions.return_work.return_work"),
        registry.Job("follow ups", 60, "amends.work.casework.actions.follow_up.end_due_follow_ups"),
    )
