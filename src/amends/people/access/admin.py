"""`/admin`: people, roles, cases. Nothing sealed is ever registered or shown here."""

from __future__ import annotations

import logging
from typing import Any

import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin  # noqa: F401 (all three register what is taken out again below)
from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from amends.people.access.actions.end_sessions import end_sessions_of
from amends.people.access.actions.initial_passwords import InitialPasswordForm, PersonCreationForm
from amends.people.access.actions.partner_roles import UnableToSetPartner, refuse_without_partner
from amends.people.access.actions.security_log import note
from amends.people.access.models import BreakGlass, Case, User
from amends.people.access.queries.rights import rules_on
from amends.people.access.web.refusals import refusal_text
from amends.platform.kit.formats import is_chinese

# The admin's own login form knows no second factor: everybody signs in by one door.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.unregister(Group)
# A provider is a setting of the installation, and whose account is whose no row to be edited.
admin.site.unregister([Authenticator, SocialAccount, SocialApp, SocialToken])
# Deleting such a row there would end no session.
admin.site.unregister(UserSession)
# The library names them in English only.
Authenticator._meta.verbose_name = _("second factor")
Authenticator._meta.verbose_name_plural = _("second factors")


def role_choices() -> list[tuple[str, str]]:
    """The roles a person can have, in the reader's language."""
    rules = rules_on(timezone.localdate())
    chinese = is_chinese(get_language() or "en")
    return [(role, rules.roles[role][0 if chinese else 1]) for role in sorted(rules.people)]


class PersonForm(UserChangeForm):
    """A person's record, with roles as boxes to tick."""

    roles = forms.MultipleChoiceField(
        label=_("roles"),
        choices=role_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            refuse_without_partner(cleaned.get("roles", ()), cleaned.get("partner", ""))
        except UnableToSetPartner as refusal:
            self.add_error("partner", str(refusal_text(refusal)))
        return cleaned


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):
    """People and their roles; passwords are only ever set, never seen."""

    form = PersonForm
    add_form = PersonCreationForm
    change_password_form = InitialPasswordForm
    actions = ("end_sessions",)
    list_display = ("username", "full_name", "roles_shown", "partner", "brand", "is_active")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "first_name", "last_name")
    readonly_fields = ("ref", "last_login", "date_joined")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "ref")}),
        (
            pgettext_lazy("record", "Person"),
            {"fields": ("first_name", "last_name", "email", "language", "zone")},
        ),
        (_("May do"), {"fields": ("roles", "partner", "brand", "is_active", "is_staff")}),
        (_("Times"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "password1", "password2")}),
    )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """An account that is closed here has no session left when it is opened again."""
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            end_sessions_of(obj)

    @admin.action(description=_("End all sessions of the selected people"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people:
            end_sessions_of(person)
            note(logging.INFO, "sessions ended by an administrator", request, person)
            self.log_change(request, person, "sessions ended")
        self.message_user(request, _("They are signed out everywhere."))

    @admin.display(description=_("name"))
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("roles"))
    def roles_shown(self, user: User) -> str:
        names = dict(role_choices())
        return ", ".join(names.get(role, role) for role in user.roles)


class ReadOnly(ModelAdmin):
    """A record that is looked at here and changed only by its own actions."""

    def has_add_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return False


@admin.register(Case)
class CaseAdmin(ReadOnly):
    """Which cases are open; whose they are is a pseudonym."""

    list_display = ("ref", "purpose", "reference", "opened_by", "opened_at", "closed_at")
    list_filter = ("purpose",)
    search_fields = ("ref", "reference", "opened_by")


@admin.register(BreakGlass)
class BreakGlassAdmin(ReadOnly):
    """Requests to look without a case; the reason is for the two people and the subscriber."""

    list_display = ("ref", "asked_by", "asked_at", "approved_by", "used_at")
    exclude = ("reason",)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly):
    """Second factors: who lost theirs has it taken away here, and sets up a new one at sign-in."""

    list_display = ("user", "type", "created_at", "last_used_at")
    fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return bool(request.user.has_perm("mfa.delete_authenticator"))
