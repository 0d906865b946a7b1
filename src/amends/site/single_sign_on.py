"""Sign-in by the operator's own identity provider, from `AMENDS_OIDC_*`; off until it is named."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from amends.people.access.rules.claims import ClaimRules, UnableToReadClaimRules, claim_rules
from amends.platform.environment.settings_values import flag, own_pack, text
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.packs import day_in
from amends.platform.kit.translatable import Translatable

_NEEDED = ("AMENDS_OIDC_CLIENT_ID", "AMENDS_OIDC_CLIENT_SECRET_FILE", "AMENDS_OIDC_CLAIMS_FILE")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _providers(*apps: dict[str, Any]) -> dict[str, Any]:
    """allauth reads the class once, at its first use: it must stand there without an app too."""
    return {
        "openid_connect": {
            "provider_class": "amends.people.access.oidc.provider.SignOn",
            "APPS": list(apps),
        }
    }


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """What the settings take over.

    providers           allauth's SOCIALACCOUNT_PROVIDERS
    second_factor_by    "here", or "provider" where its word (`amr`, `acr`) counts
    """

    providers: dict[str, Any] = field(default_factory=_providers)
    claim_rules: ClaimRules | None = None
    second_factor_by: str = "here"
    local_sign_in: bool = True

    @property
    def asked_for(self) -> bool:
        """Whether people sign in by a provider here."""
        return self.claim_rules is not None


def single_sign_on() -> SingleSignOn:
    """Read the settings; half of them, or a file that cannot be used, stops the start."""
    issuer = text("AMENDS_OIDC_ISSUER", default="").rstrip("/")
    local = flag("AMENDS_LOCAL_SIGN_IN", default=True)
    if not issuer:
        if not local:
            raise ImproperlyConfigured(
                Translatable(
                    gettext_noop(
                        "AMENDS_LOCAL_SIGN_IN is no and AMENDS_OIDC_ISSUER is empty: nobody "
                        "could sign in."
                    )
                )
            )
        return SingleSignOn()
    _refuse_plain(issuer)
    missing = [name for name in _NEEDED if not os.environ.get(name, "").strip()]
    if missing:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("AMENDS_OIDC_ISSUER also needs %(missing)s."),
                missing=", ".join(missing),
            )
        )
    app = {
        "provider_id": "sso",
        "name": text("AMENDS_OIDC_NAME", default="SSO"),
        "client_id": text("AMENDS_OIDC_CLIENT_ID", default=""),
        "secret": _secret("AMENDS_OIDC_CLIENT_SECRET_FILE"),
        "settings": {
            "server_url": issuer,
            "issuer": issuer,
            "scope": text("AMENDS_OIDC_SCOPE", default="openid profile").split(),
            "oauth_pkce_enabled": True,
        },
    }
    return SingleSignOn(
        providers=_providers(app),
        claim_rules=_rules("AMENDS_OIDC_CLAIMS_FILE"),
        second_factor_by=text(
            "AMENDS_OIDC_SECOND_FACTOR", default="here", choices=("here", "provider")
        ),
        local_sign_in=local,
    )


def _refuse_plain(issuer: str) -> None:
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "AMENDS_OIDC_ISSUER is %(issuer)s; it must start with https://, as it stands "
                    "in the provider's own description."
                ),
                issuer=repr(issuer),
            )
        )


def _secret(name: str) -> str:
    path = Path(os.environ[name])
    try:
        secret = path.read_text(encoding="utf-8").partition("\n")[0].strip()
    except OSError as error:
        raise _cannot_be_read(name, path, error) from error
    if not secret:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s: %(path)s is empty; its first line is the secret."),
                name=name,
                path=path,
            )
        )
    return secret


def _cannot_be_read(name: str, path: Path, error: OSError) -> ImproperlyConfigured:
    message = gettext_noop("%(name)s: %(path)s cannot be read (%(why)s).")
    return ImproperlyConfigured(Translatable(message, name=name, path=path, why=error.strerror))


def _rules(name: str) -> ClaimRules:
    from amends.people.access.queries import rules_on

    path = Path(os.environ[name])
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return claim_rules(document, rules_on(day_in(own_pack(), datetime.now(UTC))).people)
    except OSError as error:
        raise _cannot_be_read(name, path, error) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s: %(path)s is no TOML: %(why)s."),
                name=name,
                path=path,
                why=str(error),
            )
        ) from error
    except UnableToReadClaimRules as error:
        raise ImproperlyConfigured(error) from error
