"""What a phone says of the radio: cell, technology, signal. Pages have no access to it; apps do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

RANGES = {"rsrp_dbm": (-160.0, -20.0), "sinr_db": (-30.0, 60.0), "rsrq_db": (-45.0, 25.0)}
"""What each figure can be: 3GPP TS 36.133 and 38.133, rounded outwards."""
TEXTS = ("cell", "technology")
_LONGEST = 40


class UnableToReadRadio(BadInput):
    """A figure of the radio is none that a phone can measure."""

    code = "unable_to_read_radio"


def read_radio(conditions: Mapping[str, Any]) -> dict[str, str | float]:
    """The radio fields; others are left out, an impossible figure is refused.

    >>> read_radio({"cell": 4711, "rsrp_dbm": -95, "sinr_db": 12.5, "imei": "1"})
    {'cell': '4711', 'rsrp_dbm': -95.0, 'sinr_db': 12.5}
    """
    radio: dict[str, str | float] = {
        name: str(conditions[name])[:_LONGEST]
        for name in TEXTS
        if conditions.get(name) not in (None, "")
    }
    for name, (lower, upper) in RANGES.items():
        value = conditions.get(name)
        if value is None:
            continue
        number = type(value) in (int, float) and math.isfinite(value)
        if not number or not lower <= value <= upper:
            raise UnableToReadRadio(
                _("%(name)s is %(value)s; it lies between %(least)s and %(most)s."),
                values={"name": name, "value": str(value)[:20], "least": lower, "most": upper},
                where=name,
            )
        radio[name] = float(value)
    return radio
