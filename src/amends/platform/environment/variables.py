"""Variables of the environment, read strictly: a value that is not understood stops the start."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable


def text(name: str) -> str:
    """What the variable holds, without the space around it; empty where it is not set."""
    return os.environ.get(name, "").strip()


def number(name: str, *, default: int, low: int, high: int) -> int:
    """A whole number from `low` to `high`; anything else stops the start."""
    value = text(name)
    if not value:
        return default
    if not (value.isascii() and value.isdecimal()) or not low <= int(value) <= high:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s is %(value)s; it can be %(low)s to %(high)s."),
                name=name,
                value=repr(value),
                low=low,
                high=high,
            )
        )
    return int(value)
