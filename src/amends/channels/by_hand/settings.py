"""Which messages people deliver, read strictly.

| variable | meaning |
|---|---|
| AMENDS_BY_HAND | `phone`, `letter` or both with a comma; empty: nobody calls or posts letters |
"""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable

CHANNELS = ("phone", "letter")


def by_hand() -> frozenset[str]:
    """The channels in force; raises `ImproperlyConfigured` for one nobody knows."""
    setting_text = os.environ.get("AMENDS_BY_HAND", "")
    wanted = {part.strip() for part in setting_text.split(",") if part.strip()}
    if unknown := sorted(wanted - set(CHANNELS)):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "AMENDS_BY_HAND names %(given)s. Name phone, letter, or both with a comma."
                ),
                given=unknown[0],
            )
        )
    return frozenset(wanted)
