"""The rights of a person, as a person says them."""

from __future__ import annotations

from amends.causes.privacy.models.requests import RIGHTS as RIGHTS
