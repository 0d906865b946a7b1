"""The provider as allauth knows one, stricter: signature, algorithm, issuer and nonce are checked.

allauth trusts an ID token that came over TLS from the token endpoint; we check its signature all
the same, so that a proxy inside the operator's network that ends TLS cannot make people up.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse

ALGORITHMS = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Signatures by a key pair. A shared secret (HS256) would let any holder of it sign people in."""
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Exchange(OpenIDConnectOAuth2Adapter):
    """Fetches the token and reads it, or raises OAuth2Error."""

    @property
    def openid_config(self) -> dict[str, Any]:
        configuration: dict[str, Any] = super().openid_config
        issuer = self.get_provider().app.settings["issuer"]
        if str(configuration.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
            raise OAuth2Error("The provider describes itself as another issuer.")
        if issuer.startswith("https:") and any(
            urlsplit(str(configuration.get(name))).scheme != "https" for name in _ENDPOINTS
        ):
            raise OAuth2Error("The provider names an endpoint without TLS.")
        return configuration

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        credential = kwargs["response"].get("id_token")
        if not credential:
            raise OAuth2Error("The provider sent no ID token.")
        claims = self._claims(app, credential)
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _claims(self, app: SocialApp, credential: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(credential)
        except jwt.PyJWTError as error:
            raise OAuth2Error("The ID token cannot be read.") from error
        if header.get("alg") not in ALGORITHMS or not header.get("kid"):
            raise OAuth2Error("The ID token is not signed by a named key of the provider.")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=credential,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if "exp" not in claims or not claims.get("sub"):
            raise OAuth2Error("The ID token names no person or no end.")
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The ID token was made for somebody else.")
        return claims


class SignOn(OpenIDConnectProvider):
    """Asks with PKCE and a nonce; keeps nothing of the claims but who the person is."""

    package = "amends.people.access.oidc"
    oauth2_adapter_class = Exchange
    pkce_enabled_default = True
    supports_token_authentication = False

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, Any]:
        # Nothing that a visitor's address names goes to the provider.
        return dict(self.get_auth_params())

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return list(self.get_scope())

    def redirect(self, request: HttpRequest, process: str, **kwargs: Any) -> HttpResponse:
        nonce = secrets.token_urlsafe(24)
        kwargs["auth_params"] = {**kwargs.get("auth_params", {}), "nonce": nonce}
        return super().redirect(request, process, nonce=nonce, **kwargs)

    def sociallogin_from_response(
        self, request: HttpRequest, response: dict[str, Any]
    ) -> SocialLogin:
        login = super().sociallogin_from_response(request, response)
        login.claims = response["id_token"]
        return login

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"iss": data["id_token"]["iss"]}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        return []
