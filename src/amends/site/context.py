"""What every template may know."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The pack in force, the languages on offer, the doors to come in by."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return {
        "jurisdiction": settings.JURISDICTION,
        "jurisdiction_chosen": settings.JURISDICTION_CHOSEN,
        "languages": settings.LANGUAGES,
        "sign_on": apps[0]["name"] if apps else "",
        "local_sign_in": settings.AMENDS_LOCAL_SIGN_IN,
    }
