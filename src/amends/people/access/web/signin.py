"""Sign-in: accounts are made by the operator, nobody signs up; second factors rest sealed."""

from __future__ import annotations

import base64
import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from amends.people.access.actions.initial_passwords import is_expired
from amends.people.access.actions.security_log import note
from amends.people.access.models import User
from amends.platform.vault.sealing import open_sealed, seal

_PLACE = ("mfa_authenticator", "data", "secret")


class ClosedAccounts(DefaultAccountAdapter):
    """No public registration."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count for the pair of account and source: nobody shuts a colleague out."""
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account}:{get_ip(request)}"

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user is not None and is_expired(user):
            note(logging.WARNING, "sign-in refused", request, user, why="initial password expired")
            raise ValidationError(
                _("This initial password has expired. Ask an administrator for a new one.")
            )
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if not settings.AMENDS_LOCAL_SIGN_IN:
            raise PermissionDenied
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            user = User.objects.filter(username__iexact=credentials.get("username", "")).first()
            note(logging.WARNING, "sign-in refused", request, user, why="too many attempts")
            raise


class SealedFactors(DefaultMFAAdapter):
    """Secrets of second factors and seeds of recovery codes are sealed in the database."""

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(*_PLACE, text)).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        return open_sealed(*_PLACE, base64.b64decode(encrypted_text))
