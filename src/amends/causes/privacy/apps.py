from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class PrivacyConfig(registry.AmendsApp):
    name = "amends.causes.privacy"
    label = "privacy"
    waiting = "amends.causes.privacy.waiting.SOURCES"
    verbose_name = _("Privacy")
    commands = {"privacy": "amends.causes.privacy.cli.privacy:app"}
    decisions = (
        registry.BindingDecision(
            name="privacy.suspend_user",
            title=_("Suspend an account for misuse of personal data"),
            effect="suspend",
            asks="privacy.decide",
            decides="privacy.appeal",
            perform="amends.causes.privacy.actions.decide_misuse.perform_suspension",
            consequence=_("The account remains closed, and the partner it works for suspended."),
            undo="amends.causes.privacy.actions.decide_misuse.undo_suspension",
            undo_note=_("The account is opened again, and the suspension of the partner lifted."),
            hold_hours=24,
        ),
        registry.ExemptDecision(
            name="privacy.warn_user",
            title=_("Warn a user or order retraining after misuse of personal data"),
            effect="suspend",
            decides="privacy.decide",
            rule=_("It closes nothing; the user may appeal to a person who did not decide."),
            undo_note=_("A granted appeal lifts it."),
        ),
        registry.ExemptDecision(
            name="privacy.notify_people",
            title=_("Notify the people concerned by a data incident"),
            effect="speak",
            decides="privacy.incidents",
            rule=_("One person requests the messages and another sends them."),
            undo_note=_("A message that was sent cannot be undone."),
        ),
        registry.ExemptDecision(
            name="privacy.campaign",
            title=_("Send a campaign"),
            effect="speak",
            decides="privacy.campaign",
            rule=_("Only people who consented receive it; consent is checked as it is sent."),
            undo_note=_("A message that was sent cannot be undone."),
        ),
        registry.ExemptDecision(
            name="privacy.confirm_review",
            title=_("Confirm flows that open a red privacy review"),
            effect="publish",
            decides="privacy.review",
            rule=_("The person who declared the flows does not confirm them."),
            undo_note=_("Another review replaces it."),
        ),
    )
    rule_sets = {"amends.causes.privacy": _("Privacy")}
    urls = (("desk/privacy/", "amends.causes.privacy.web.urls"),)
    navigation = (
        registry.Entry(
            area="compliance",
            name="privacy_board",
            label=_("Privacy"),
            icon="shield",
            path="/desk/privacy/board/",
            permission="privacy.requests",
            order=50,
        ),
        registry.Entry(
            area="compliance",
            name="privacy_incidents",
            label=_("Data incidents"),
            icon="warn",
            path="/desk/privacy/incidents/",
            permission="privacy.incidents",
            order=30,
            within="privacy_board",
        ),
        registry.Entry(
            area="compliance",
            name="privacy_processing",
            label=_("Record of processing"),
            icon="file",
            path="/desk/privacy/processing/",
            permission="privacy.read",
            order=20,
            within="privacy_board",
        ),
        registry.Entry(
            area="compliance",
            name="privacy_reviews",
            label=_("Privacy reviews"),
            icon="shield",
            path="/desk/privacy/",
            permission="privacy.read",
            order=10,
            within="privacy_board",
        ),
        registry.Entry(
            area="compliance",
            name="privacy_cases",
            label=_("Access alerts"),
            icon="eye",
            path="/desk/privacy/cases/",
            permission="access.audit",
            order=40,
            within="privacy_board",
        ),
    )
    home_panels = (
        registry.HomePanel(
            question="helped",
            title=_("Answered lately"),
            roles=("privacy_officer",),
            rows="amends.causes.privacy.web.home.answered",
            page="privacy_requests",
            permission="privacy.requests",
            empty=_(
                "No request was answered in the last four weeks. "
                "Open ones are listed under “Waits for you”."
            ),
        ),
    )
    jobs = (
        registry.Job(
            "access alerts", 3600, "amends.causes.privacy.jobs.watch.watch", group="heavy"
        ),
        registry.Job("honeytokens", 4, "amends.causes.privacy.jobs.watch.watch_honeytokens"),
    )
    gates = (
        registry.Gate(
            name="privacy",
            answer="amends.causes.privacy.texts.gate.gate",
            page=registry.GatePage("privacy_reviews", "privacy.read", "privacy.review"),
        ),
        registry.Gate(name="consent", answer="amends.causes.privacy.texts.consent_gate.gate"),
    )
    send_limits = registry.SendLimits(allowed="amends.causes.privacy.queries.consents.may_send")
    personal_data = registry.PersonalData(
        export="amends.causes.privacy.actions.own_data.subject_access_export",
        erase="amends.causes.privacy.actions.own_data.erase",
    )
    demonstration = "amends.causes.privacy.demonstration.chapter"

    def ready(self) -> None:
        from amends.people.access.actions.signals import data_accessed

        data_accessed.connect(_alert_looks)


# Loaded when the signal is sent, so that each command starts faster.
def _alert_looks(**looks: Any) -> None:
    from amends.causes.privacy.actions.honeytokens import alert_looks

    alert_looks(**looks)
