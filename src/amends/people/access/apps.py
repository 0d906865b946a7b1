from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from amends.platform import registry


class AccessConfig(registry.AmendsApp):
    name = "amends.people.access"
    label = "access"
    waiting = "amends.people.access.waiting.SOURCES"
    decisions = (
        registry.ExemptDecision(
            name="access.break_glass",
            title=_("Look at the data of a person without a case"),
            effect="speak",
            decides="access.break_glass",
            rule=_(
                "One person asks, another agrees within the limits of the rules of access, and "
                "the subscriber sees both."
            ),
            undo_note=_("A look cannot be undone; it is on record."),
        ),
        registry.ExemptDecision(
            name="access.accounts",
            title=_("Add, change or close the account of a colleague"),
            effect="suspend",
            decides="admin",
            rule=_(
                "Administrators answer for accounts; each change is in the history of the account."
            ),
            undo_note=_("The account is changed back."),
        ),
    )
    personal_data = registry.PersonalData(
        erase="amends.people.access.actions.erase_subscriber.erase"
    )
    verbose_name = _("Access")
    rule_sets = {"amends.people.access": _("Access to personal data")}
    actor_called = "amends.people.access.queries.actor_called"
    commands = {
        "cases": "amends.people.access.cli:app",
    }
    urls = (("desk/", "amends.people.access.web.urls"),)
    navigation = (
        registry.Entry(
            area="compliance",
            name="emergency",
            label=_("Emergency access"),
            icon="shield",
            path="/desk/emergency/",
            permission="access.break_glass",
            order=60,
            within="privacy_board",
        ),
        registry.Entry(
            area="compliance",
            name="looks",
            label=_("Access log"),
            icon="eye",
            path="/desk/looks/",
            permission="access.audit",
            order=50,
            within="privacy_board",
        ),
    )
    jobs = (
        registry.Job("sessions", 3600, "amends.people.access.web.sessions.clear_expired"),
        registry.Job("rate limits", 3600, "amends.platform.database.rate_counts.forget_ended"),
    )

    def ready(self) -> None:
        from amends.people.access.actions.initial_passwords import watch_changes
        from amends.people.access.actions.security_log import watch_signals
        from amends.people.access.web.require_mfa import watch_set_up
        from amends.people.access.web.session_limits import watch_sign_ins

        watch_changes()
        watch_set_up()
        watch_signals()
        watch_sign_ins()
