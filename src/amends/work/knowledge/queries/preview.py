"""A text with its placeholders filled as far as they have values, for its writer."""

from __future__ import annotations

from django.utils import timezone

from amends.platform.kit.placeholders import fill_placeholders, placeholders_in
from amends.work.knowledge.queries.fact_values import fact_values


def previewed(text: str, language: str) -> str:
    """The filled text; a placeholder without a value is shown as it is written."""
    names = placeholders_in(text)
    values = fact_values(names, language, now=timezone.now())
    return fill_placeholders(text, {name: values.get(name, f"⟦{name}⟧") for name in names})
