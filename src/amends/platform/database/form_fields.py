"""Form fields that several apps use."""

from __future__ import annotations

from typing import Any

from django import forms

from amends.platform.kit.texts import clean


class CleanTextField(forms.CharField):
    """Text without control characters and surrounding blanks."""

    def to_python(self, value: Any) -> str:
        return clean(str(value or "")).strip()


class NullableCharField(forms.CharField):
    """None where the submitted form has no such field, "" where the field is empty."""

    def to_python(self, value: Any) -> Any:
        return None if value is None else super().to_python(value)


class ListField(forms.MultipleChoiceField):
    """All submitted values of one name; any value is valid."""

    def valid_value(self, value: Any) -> bool:
        """Always true."""
        return True
