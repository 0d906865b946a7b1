"""The model field of a sealed value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models


class SealedField(models.BinaryField):  # type: ignore[misc]
    """Bytes from `vault.sealing`; the field seals nothing itself, so no value opens unasked.

    bound_to  the field whose value is the `row_id` the bytes were sealed for; known before the row
              is inserted, so an own reference rather than a numbered key
    under     "master" (re-sealed when master keys rotate) or "subscriber" (under a data key)

    The table and column of the seal are the model's `db_table` and this field's column.
    """

    def __init__(
        self, *args: Any, bound_to: str = "pk", under: str = "master", **options: Any
    ) -> None:
        self.bound_to = bound_to
        self.under = under
        options.setdefault("default", bytes)
        options.setdefault("blank", True)
        super().__init__(*args, **options)

    if TYPE_CHECKING:
        # On an instance the attribute is the stored bytes, as Django's descriptors give them.
        def __get__(self, instance: object, owner: object = None) -> Any: ...
        def __set__(self, instance: object, value: bytes | None) -> None: ...

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, positional, options = super().deconstruct()
        return name, path, positional, {**options, "bound_to": self.bound_to, "under": self.under}
