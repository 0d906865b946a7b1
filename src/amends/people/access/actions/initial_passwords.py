"""Initial passwords: set by somebody else, good for one sign-in within three days (ASVS 6.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.forms import ChangePasswordForm
from allauth.account.signals import password_changed
from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.people.access.models import User

VALID_FOR = timedelta(hours=72)


def mark_initial(user: User) -> None:
    """Its password was set by somebody else; the caller saves the row."""
    user.initial_password_until = timezone.now() + VALID_FOR


def is_expired(user: User) -> bool:
    """Whether it still has an initial password whose time is over."""
    until = user.initial_password_until
    return until is not None and until <= timezone.now()


class PersonCreationForm(AdminUserCreationForm):
    """A new person with a password for the first sign-in."""

    def save(self, commit: bool = True) -> User:
        mark_initial(self.instance)
        return super().save(commit)


class InitialPasswordForm(AdminPasswordChangeForm):
    """An administrator sets a password for the next sign-in of somebody."""

    def save(self, commit: bool = True) -> User:
        mark_initial(self.user)
        return super().save(commit)


class OwnPasswordForm(ChangePasswordForm):
    """A person changes their password, to another one."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        new = cleaned.get("password1")
        if new and new == cleaned.get("oldpassword"):
            raise forms.ValidationError(_("This is the password you have. Choose another."))
        return cleaned


class RequireOwnPassword:
    """Lead a person with an initial password to the page that changes it, before any other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The path first: health checks must not wait for the database.
        if request.path.startswith(("/account/", "/healthz", "/language/", "/static/")):
            return self.get_response(request)
        user = request.user
        if not user.is_authenticated or user.initial_password_until is None:
            return self.get_response(request)
        url = reverse("account_change_password")
        if request.headers.get("HX-Request"):
            answer = HttpResponse(_("Choose a password of your own first."), status=403)
            answer["HX-Redirect"] = url
            return answer
        return redirect(url)


def _changed(user: User, **_signal: Any) -> None:
    User.objects.filter(pk=user.pk).update(initial_password_until=None)
    user.initial_password_until = None


def watch_changes() -> None:
    """A person who changes their password has one of their own from then on."""
    password_changed.connect(_changed, dispatch_uid="amends.people.access.own_password")
