"""What every template may know."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The pack in force and the languages on offer."""
    return {"jurisdiction": settings.JURISDICTION, "languages": settings.LANGUAGES}
