"""Everything that waits for a person is declared: 0 things wait outside the mechanism."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from amends.cases.complaints.rules.states import table
from amends.people.access.queries import roles_that_may
from amends.platform import registry

AT_REST = {
    "approvals.WaitingItem.state": "all but `waiting`, which the union reads itself",
    "audits.MissedNotice.state": "a measurement of the past; the notice itself waits in `notices`",
    "channels.DeliveryChange.state": "history",
    "channels.InboundMessage.state": "a job hands it on within seconds",
    "channels.SmsReceipt.state": "history",
    "examinations.ExaminationFinding.state": "declared by `corrected_at` and `rechecked_at`",
    "launches.LaunchAssessment.state": "a job calculates it; a failed one is an answer",
    "notices.HoldChange.state": "history",
    "notices.NoticeMessage.state": "a part of the notice, which is declared",
    "complaints.RecordedSubject.state": "a part of the complaint; the person picks it again at will",
    "confirmations.AuditFinding.state": "a part of the audit, which is declared",
    "subscribers.Subscriber.status": "a status, not a request",
}
"""Fields none of whose values waits for a person, with the reason."""

ENDS = {
    "feeds.UploadedFile.state": {"queued", "done", "failed", "discarded"},
    "measures.Measure.state": {"started", "judged"},  # a job judges it on its day
    "hotissues.HotIssue.state": {"closed"},
    "chats.Chat.state": {"offered", "ended"},  # offered: articles answer, nobody was asked
    "notices.Notice.state": {
        "due",
        "posted",
        "sent",
        "delivered",
        "unknown",  # a job queries the provider
        "failed",
        "declined",
        "cancelled",
    },
    "notices.UsageFile.state": {"open", "done", "aside"},
    "confirmations.Order.state": {"confirmed", "executed", "refused", "lapsed", "cancelled"},
    "launches.Launch.state": {"live", "stopped"},
    "quality.NetworkIncident.state": {"ended", "merged", "dismissed"},
    "publicity.PublishedCopy.state": {"live", "withdrawn"},
    "privacy.RightsRequest.state": {"done", "refused"},
    "protection.NuisanceReport.state": {"confirmed", "not_confirmed", "withdrawn"},
    "protection.NumberAppeal.state": {"granted", "refused"},
    "knowledge.ArticleVersion.state": {"published", "replaced"},
    "knowledge.SearchGap.state": {"written", "dismissed"},
    "knowledge.PublicQuestion.state": {"answered", "merged", "refused"},
    "knowledge.ImprovementIdea.state": {"done", "declined"},
    "webhooks.WebhookEndpoint.state": {"on", "off", "disabled"},  # disabled: an alarm
    "webhooks.WebhookDelivery.state": {"waiting", "delivered", "failed"},  # a job delivers it
    "vetting.AppCheck.state": {"waiting"},  # a job checks it
    "vetting.PackageConflict.state": {"decided"},
    "vetting.ContentFinding.state": {"taken_down", "dismissed"},
    "vetting.ContentFinding.appeal_state": {"granted", "refused"},
    "vetting.PartnerProceeding.state": {"in_force", "dropped"},
    "remedies.Remedy.state": {"exported", "acknowledged", "rejected"},  # exported: billing acts
    "channels.SocialPost.state": {"proposed", "answered", "complaint", "closed"},
    "channels.SocialAnswer.state": {"approved", "rejected"},
    "channels.OutboxMessage.state": {
        "held",
        "queued",
        "leased",
        "sent",
        "failed",
        "cancelled",
    },
    "complaints.Complaint.state": {
        "resolved",
        "confirmed",
        "closed_unconfirmed",
        "inadmissible",
        "not_upheld",
        "withdrawn",
        "with_regulator",
        "closed",
        "merged",
    },
}
"""Values that wait for no person: the end of the matter, or a job acts next."""

WITHOUT_STATE = {
    "access.BreakGlass",
    "casework.FollowUp",
    "casework.QualityReview",
    "complaints.Challenge",
    "complaints.Outcome",
    "confirmations.Audit",
    "emergencies.AnswerRound",
    "emergencies.Emergency",
    "emergencies.EmergencyStep",
    "emergencies.SilentNotice",
    "examinations.ExaminationFinding",
    "knowledge.KnowledgeFinding",
    "privacy.AuthorityClock",
    "privacy.Incident",
    "privacy.MisuseCase",
    "privacy.ServiceReview",
    "publicity.AcceptedPhrase",
    "quality.NoticePlan",
}
"""Models that wait until a column is filled in, and have no state."""

STATES = ("state", "status", "appeal_state")


def _state_fields() -> Iterator[tuple[str, set[str]]]:
    """Every field with the state of a row of ours, and its values."""
    for model in apps.get_models():
        if not model.__module__.startswith("amends."):
            continue
        for field in model._meta.fields:
            if field.name in STATES:
                values = {str(value) for value, _label in field.choices or ()} - {""}
                yield f"{model._meta.label}.{field.name}", values


def _declared() -> dict[str, set[str]]:
    """Field → values that the sources of the apps declare as waiting."""
    values: dict[str, set[str]] = {}
    for source in registry.waiting_sources():
        for lookup, value in source.where.items():
            name, _, how = lookup.partition("__")
            if name in STATES and how in ("", "in"):
                several: Any = value if how else (value,)
                values.setdefault(f"{source.model}.{name}", set()).update(several)
    return values


def test_every_state_waits_for_somebody_or_is_at_rest() -> None:
    declared, faults = _declared(), []
    for name, values in _state_fields():
        if name in AT_REST:
            continue
        if name == "complaints.Complaint.state":
            values = set(table().states)
        undeclared = values - declared.get(name, set()) - ENDS.get(name, set())
        faults += [f"{name} = {value}" for value in sorted(undeclared)]
        both = declared.get(name, set()) & ENDS.get(name, set())
        faults += [f"{name} = {value} is declared and at rest" for value in sorted(both)]
        if not values:
            faults.append(f"{name} has no choices")
    assert faults == [], "Declare it in waiting.py of the app, or name it here with the reason."


def test_every_model_that_waits_until_a_moment_is_declared() -> None:
    assert {source.model for source in registry.waiting_sources()} >= WITHOUT_STATE


@pytest.mark.parametrize("source", registry.waiting_sources(), ids=lambda source: source.name)
def test_a_source_can_be_acted_upon(source: registry.WaitingSource) -> None:
    assert roles_that_may(source.decides), source.decides
    assert reverse(source.page, args=[] if source.page_key is None else ["1"])
    for path in (source.rows, source.labels):
        assert not path or callable(import_string(path))
    if source.queue:
        try:
            assert reverse(source.queue)
        except NoReverseMatch:
            pytest.fail(f"{source.name}: {source.queue} is no page")


def test_names_of_sources_and_decisions_differ() -> None:
    names = [source.name for source in registry.waiting_sources()]
    names += [decision.name for decision in registry.decisions()]
    assert len(names) == len(set(names))
