"""The rows of this app that wait for a person, as `approvals` lists them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry

SOURCES = (
    registry.WaitingSource(
        name="emergencies.step",
        title=_("Step of an emergency"),
        action=_("Do the step"),
        model="emergencies.EmergencyStep",
        where={},
        rows="amends.problems.emergencies.queries.waiting.next_steps",
        decides="hotissues.answer",
        subject="hotissue",
        key="emergency_id",
        page="issue_emergency",
        labels="amends.problems.emergencies.texts.waiting.step_titles",
        since="emergency__declared_at",
        due_at="due_at",
        brand="emergency__brand",
    ),
    registry.WaitingSource(
        name="emergencies.review",
        title=_("Review after an emergency"),
        action=_("Write the review"),
        model="emergencies.Emergency",
        where={"cause_ended_at__isnull": False, "reviewed_at": None},
        decides="hotissues.lead",
        subject="hotissue",
        key="issue_id",
        page="after_action",
        labels="amends.problems.hotissues.texts.waiting.issue_titles",
        since="cause_ended_at",
        brand="brand",
    ),
    registry.WaitingSource(
        name="emergencies.silent",
        title=_("Message to affected people who did not complain"),
        action=_("Read it and send it"),
        model="emergencies.SilentNotice",
        where={"sent_at": None},
        decides="hotissues.silent",
        subject="hotissue",
        key="issue_id",
        page="issue_emergency",
        label=("text_zh", "text_en"),
        asked_by="drafted_by",
        since="drafted_at",
        brand="brand",
        second=True,
    ),
    registry.WaitingSource(
        name="emergencies.answers",
        title=_("Answer to all complaints of an issue"),
        action=_("Read it and send it"),
        model="emergencies.AnswerRound",
        where={"sent_at": None},
        decides="hotissues.answer",
        subject="hotissue",
        key="issue_id",
        page="emergency_answers",
        label=("opening_zh", "opening_en"),
        asked_by="drafted_by",
        since="drafted_at",
        brand="brand",
        second=True,
    ),
)
