"""Why an app could not be read."""

from __future__ import annotations

from django.utils.translation import gettext

from amends.causes.vetting.models import (
    AppCheck,
)


def refusal_text(check: AppCheck) -> str:
    """Why an app could not be read, in the active language; "" where it could."""
    from amends.causes.vetting.rules.apk.errors import UnableToReadApk

    return UnableToReadApk(**check.refusal).in_words(gettext) if check.refusal else ""
