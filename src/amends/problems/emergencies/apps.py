from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class EmergenciesConfig(registry.AmendsApp):
    name = "amends.problems.emergencies"
    label = "emergencies"
    waiting = "amends.problems.emergencies.waiting.SOURCES"
    part = registry.Part(
        name="emergencies",
        title=_("Emergencies"),
        description=_("Plans with deadlines for serious hot issues, and drills."),
        needs="hotissues",
    )
    support = "amends.problems.emergencies.queries.support.support"
    decisions = (
        registry.ExemptDecision(
            name="emergencies.publish",
            title=_("Publish a statement of an emergency"),
            effect="publish",
            decides="hotissues.lead",
            rule=_(
                "The law sets hours for it; the person who leads the emergency answers for it, "
                "and every version remains public."
            ),
            undo_note=_("Another version replaces it."),
        ),
        registry.ExemptDecision(
            name="emergencies.freeze_sale",
            title=_("Freeze the sale of an offer in an emergency"),
            effect="block",
            decides="hotissues.lead",
            rule=_(
                "It only protects users: new orders are refused, and it ends with the emergency."
            ),
            undo_note=_("The freeze is lifted."),
        ),
        registry.ExemptDecision(
            name="emergencies.answer_all",
            title=_("Answer all complaints of a hot issue"),
            effect="speak",
            decides="hotissues.answer",
            rule=_("One person drafts the answer and another sends it."),
            undo_note=_("An answer that was sent cannot be undone."),
        ),
        registry.ExemptDecision(
            name="emergencies.notify_silent",
            title=_("Notify affected users who did not complain"),
            effect="speak",
            decides="hotissues.answer",
            rule=_("One person drafts the message and another sends it."),
            undo_note=_("A message that was sent cannot be undone."),
        ),
    )
    rule_sets = {"amends.problems.emergencies": _("Emergencies")}
    commands = {
        f"hotissues {name}": f"amends.problems.emergencies.cli.{module}:{name}"
        for module, names in {
            "emergencies": (
                "emergency",
                "declare",
                "level",
                "freeze",
                "join",
                "leave",
                "disaster",
                "close",
                "reopen",
            ),
            "drill": ("drill",),
        }.items()
        for name in names
    }
    urls = (("desk/hotissues/", "amends.problems.emergencies.web.urls"),)
    navigation = (
        registry.Entry(
            area="problems",
            name="emergencies",
            label=_("Emergencies"),
            icon="warn",
            path="/desk/hotissues/emergencies/",
            permission="hotissues.read",
            order=20,
            within="hotissues",
        ),
    )
    jobs = (
        registry.Job("emergencies", 30, "amends.problems.emergencies.jobs.timers.check_timers"),
        registry.Job(
            "affected users",
            600,
            "amends.problems.emergencies.actions.count_hit.count_hit",
            group="heavy",
        ),
        registry.Job(
            "levels",
            300,
            "amends.problems.emergencies.actions.record_levels.note_levels",
            group="heavy",
        ),
    )
    hot_issue = {
        "declared_silent": "amends.problems.emergencies.web.issue_parts.declared_silent",
        "responses": "amends.problems.emergencies.web.issue_parts.responses",
        "details": "amends.problems.emergencies.web.words.details",
        "reaches": "amends.problems.emergencies.queries.levels.reaches",
        "marks": "amends.problems.emergencies.web.issue_parts.marks",
        "level": "amends.problems.emergencies.web.issue_parts.level",
        "notices": "amends.problems.emergencies.web.issue_parts.notices",
        "buttons": "amends.problems.emergencies.web.issue_parts.buttons",
    }
    personal_data = registry.PersonalData(
        export="amends.problems.emergencies.actions.subject_access_export.subject_access_export"
    )

    def ready(self) -> None:
        from amends.problems.hotissues.actions import signals

        signals.closing.connect(_allow_closing)
        signals.reopened.connect(_repeat_steps)
        signals.assigned.connect(_note_assignment)


# What follows a hot issue needs Polars and pyarrow: it is loaded when a signal is sent, so that
# each command starts faster.
def _allow_closing(**closing: Any) -> None:
    from amends.problems.emergencies.actions.end_emergency import allow_closing

    allow_closing(**closing)


def _repeat_steps(**reopened: Any) -> None:
    from amends.problems.emergencies.actions.steps import repeat_steps

    repeat_steps(**reopened)


def _note_assignment(**assigned: Any) -> None:
    from amends.problems.emergencies.actions import steps

    steps.assigned(**assigned)
