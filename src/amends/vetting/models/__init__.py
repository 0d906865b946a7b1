"""Rows of the app, one module a subject."""

from __future__ import annotations

from amends.vetting.models.services import (
    LinkKind,
    RegisteredService,
    ServiceLink,
    ServiceOrigin,
)

__all__ = ["LinkKind", "RegisteredService", "ServiceLink", "ServiceOrigin"]
