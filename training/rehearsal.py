"""How often the rehearsal is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.writing import Text


def agreement(columns: Any, texts: Sequence[Text]) -> dict[str, float]:
    """Share of first codes that equal the first label, or either label, by language."""
    names = columns.names()
    result = {}
    for language in ("en", "zh"):
        mine = [n for n, text in enumerate(texts) if text.language == language]
        two = [n for n in mine if texts[n].code2]
        named = [n for n in mine if columns.code2[n] >= 0]
        second = columns.second_names()
        pairs = sum({names[n], second[n]} == {texts[n].code, texts[n].code2} for n in two)
        hits = sum(second[n] in {texts[n].code, texts[n].code2} for n in named)
        result[f"{language}_second_precision"] = round(hits / max(len(named), 1), 3)
        result[f"{language}_pairs_found"] = round(pairs / max(len(two), 1), 3)
        guess = columns.enquiry_share >= 0.5
        enquiries = [n for n in mine if texts[n].enquiry]
        found = sum(bool(guess[n]) for n in enquiries)
        wrong = sum(bool(guess[n]) for n in mine if not texts[n].enquiry)
        result[f"{language}_enquiries_found"] = round(found / max(len(enquiries), 1), 3)
        result[f"{language}_complaints_taken_for_one"] = round(
            wrong / max(len(mine) - len(enquiries), 1), 3
        )
        first = sum(names[n] == texts[n].code for n in mine)
        either = sum(names[n] in {texts[n].code, texts[n].code2} for n in mine)
        result[f"{language}_first"] = round(first / max(len(mine), 1), 3)
        result[f"{language}_either"] = round(either / max(len(mine), 1), 3)
    return result
