"""Money says its currency: no field of a model fills it in for who forgot it."""

from __future__ import annotations

from django.apps import apps


def test_no_field_assumes_a_currency() -> None:
    fields = [
        (model._meta.label, field)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if getattr(field, "name", "").endswith("currency") and hasattr(field, "default")
    ]
    assert len(fields) > 5
    assert [label for label, field in fields if field.has_default()] == []
