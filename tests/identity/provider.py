"""An OpenID Connect provider written by others (django-oauth-toolkit), as a process on loopback.

    python tests/identity/provider.py FOLDER REDIRECT_URI

It prints its address, answers until it is stopped, and knows one person: lin, "lantern-boat-77".
FOLDER/claims.json is read at each token: "claims" are added to it, "instead" replaces what the
toolkit put in (aud, exp, nonce …), "alg" the way it is signed: what a wrong or hostile provider
would send, signed by the real key.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from pathlib import Path
from wsgiref.simple_server import make_server

from django.contrib.auth.hashers import PBKDF2PasswordHasher

PASSWORD = "lantern-boat-77"
CLIENT, SECRET = "amends-desk", "a-secret-the-provider-knows"


class FewRounds(PBKDF2PasswordHasher):
    """The provider's own password is nobody's secret: a million rounds at each sign-in say nothing of ours."""

    iterations = 1_000


def _configure(folder: Path) -> None:
    import django
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from django.conf import settings

    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    settings.configure(
        SECRET_KEY=secrets.token_hex(32),
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        (
                            "django.template.loaders.locmem.Loader",
                            {
                                "registration/login.html": "<form method=post>{{ form }}{{ csrf_token }}</form>"
                            },
                        )
                    ]
                },
            }
        ],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "idp.sqlite3")}
        },
        PASSWORD_HASHERS=[f"{__name__}.FewRounds"],
        SESSION_COOKIE_NAME="idp_session",
        LOGIN_URL="/login/",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem.decode(),
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who", "profile": "name"},
            "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
        },
    )
    django.setup()


def _bend(folder: Path) -> type:
    from jwcrypto import jwk, jwt
    from oauth2_provider.oauth2_validators import OAuth2Validator

    class Validator(OAuth2Validator):
        oidc_claim_scope = None

        def _told(self) -> dict:
            path = folder / "claims.json"
            return json.loads(path.read_text()) if path.exists() else {}

        def get_additional_claims(self, request):
            return {"preferred_username": request.user.username, **self._told().get("claims", {})}

        def get_id_token_dictionary(self, token, token_handler, request):
            claims, end = super().get_id_token_dictionary(token, token_handler, request)
            claims.update(self._told().get("instead", {}))
            return claims, end

        def finalize_id_token(self, id_token, token, token_handler, request):
            signed = super().finalize_id_token(id_token, token, token_handler, request)
            told = self._told()
            body = {k: v for k, v in id_token.items() if k not in told.get("without", [])}
            if told.get("alg") == "HS256":
                key = jwk.JWK.from_password(SECRET)
                header = {"alg": "HS256", "kid": request.client.jwk_key.thumbprint()}
            elif told.get("alg") == "other-key":
                key = jwk.JWK.generate(kty="RSA", size=2048)
                header = {"alg": "RS256", "kid": request.client.jwk_key.thumbprint()}
            elif told.get("without"):
                key, header = (
                    request.client.jwk_key,
                    {"alg": "RS256", "kid": request.client.jwk_key.thumbprint()},
                )
            else:
                return signed
            bent = jwt.JWT(header=json.dumps(header), claims=json.dumps(body, default=str))
            bent.make_signed_token(key)
            return bent.serialize()

    return Validator


def main() -> None:
    """Serve until the process is ended."""
    folder, redirect = Path(sys.argv[1]), sys.argv[2]
    _configure(folder)
    globals()["Validator"] = _bend(folder)
    from django.contrib.auth.models import User
    from django.contrib.auth.views import LoginView
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.urls import include, path
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    User.objects.create_user("lin", password=PASSWORD)
    Application.objects.create(
        client_id=CLIENT,
        client_secret=SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=redirect,
        algorithm=Application.RS256_ALGORITHM,
        skip_authorization=True,
        name="Amends",
    )
    globals()["urlpatterns"] = [
        path("login/", LoginView.as_view()),
        path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    ]
    server = make_server("127.0.0.1", 0, get_wsgi_application())
    # Written when it is whole, so that who waits for it never reads half an address.
    ready = folder / "address.part"
    ready.write_text(f"http://127.0.0.1:{server.server_port}/o")
    ready.rename(folder / "address")
    server.serve_forever()


if __name__ == "__main__":
    time.tzset()
    main()
