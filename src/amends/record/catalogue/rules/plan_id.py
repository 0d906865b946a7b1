"""Identifiers of plans on the US broadband label (47 CFR 8.1(a)(1); FCC 22-86 ¶ 95)."""

from __future__ import annotations

import re

_PLAN_ID = re.compile(r"[FM]\d{10}[A-Za-z0-9]{15}", re.A)


def is_plan_id(text: str) -> bool:
    """F (fixed) or M (mobile), the FRN of ten digits, fifteen letters or digits.

    >>> is_plan_id("F0001234567ABCDEFGHIJ00001"), is_plan_id("F0001234567ABC-EFGHIJ00001")
    (True, False)
    """
    return bool(_PLAN_ID.fullmatch(text))
