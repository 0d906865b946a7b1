"""Data keys: what a subscriber's personal values are sealed under."""

from __future__ import annotations

from django.db import models

from amends.platform.vault.fields import SealedField


class DataKey(models.Model):  # type: ignore[misc]
    """One subscriber's random key, wrapped under a master key; deleting the row is the erasure."""

    subscriber = models.CharField(primary_key=True, max_length=64)
    wrapped = SealedField(bound_to="subscriber")

    class Meta:
        db_table = "vault_data_key"
