"""Who comes in by a provider, and as what: roles come from claims at every sign-in."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.adapter import _build_apps_from_settings as apps_from_settings
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amends.people.access.models import User
from amends.people.access.rules.claims import ClaimRules, brand_of, is_strong, roles_of, why_outside

log = logging.getLogger("amends.people.access.oidc")


class PeopleOfTheProvider(DefaultSocialAccountAdapter):
    """A person with a mapped role comes in, under an account of their own; nobody else does."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        # Providers are settings alone: a row in the database must not be able to add one.
        apps_by_provider = apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in apps_by_provider.values() for app in apps]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        claims, rules = sociallogin.claims, claim_rules_in_force()
        expected = sociallogin.state.get("nonce") or ""
        if not expected or not secrets.compare_digest(str(claims.get("nonce")), expected):
            raise ImmediateHttpResponse(refuse(request, "unreadable", status=401))
        if sociallogin.state.get("process") != "connect":
            _give_place(request, sociallogin, claims, rules)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return bool(sociallogin.user.roles)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        # What the library says may quote the provider's answer, and a token with it.
        kind = type(exception).__name__ if exception else str(error)
        log.warning("sign-in by the provider failed: %s", kind)
        reason = "cancelled" if getattr(error, "value", error) == "cancelled" else "unreadable"
        raise ImmediateHttpResponse(refuse(request, reason, status=401))


def claim_rules_in_force() -> ClaimRules:
    """The mapping this installation is set up with."""
    rules: ClaimRules = settings.AMENDS_CLAIM_RULES
    return rules


def has_strong_claims(sociallogin: SocialLogin) -> bool:
    """Whether the provider's word for a second factor counts here, and was given."""
    return settings.AMENDS_SECOND_FACTOR_BY == "provider" and is_strong(
        sociallogin.claims, claim_rules_in_force()
    )


def refuse(request: HttpRequest, reason: str, *, status: int) -> HttpResponse:
    """The page that says why somebody did not get in; `reason` is a key of its template."""
    return render(request, "socialaccount/refused.html", {"reason": reason}, status=status)


def _give_place(
    request: HttpRequest, sociallogin: SocialLogin, claims: dict[str, Any], rules: ClaimRules
) -> None:
    """Set roles and brand as the claims have them now; without any, the person stays outside."""
    user, roles, brand = sociallogin.user, roles_of(claims, rules), brand_of(claims, rules)
    is_existing = sociallogin.is_existing
    if not roles or brand is None:
        if is_existing:
            _place(user, (), user.brand)
        log.warning("sign-in by the provider gave no part here: %s", why_outside(claims, rules))
        raise ImmediateHttpResponse(refuse(request, "no-role", status=403))
    if not is_existing:
        user.username = _name(claims)
        if User.objects.filter(username__iexact=user.username).exists():
            raise ImmediateHttpResponse(refuse(request, "name-taken", status=403))
    _place(user, roles, brand, save=is_existing)


def _place(user: User, roles: tuple[str, ...], brand: str, *, save: bool = True) -> None:
    user.roles, user.brand = list(roles), brand
    user.is_staff = user.is_superuser = "administrator" in roles
    # A password would be a second door that the provider cannot close.
    if user.has_usable_password():
        user.set_unusable_password()
    if save:
        user.save(update_fields=["roles", "brand", "is_staff", "is_superuser", "password"])


def _name(claims: dict[str, Any]) -> str:
    """The name shown on the desk: what the provider calls the person, else its own mark."""
    for claimed_name in (claims.get("preferred_username"), claims.get("sub")):
        try:
            UnicodeUsernameValidator()(claimed_name)
        except (ValidationError, TypeError):
            continue
        if claimed_name and len(claimed_name) <= 150:
            return str(claimed_name)
    return f"person-{secrets.token_hex(6)}"
