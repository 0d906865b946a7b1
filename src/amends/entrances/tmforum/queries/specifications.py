"""The classes of complaints as trouble ticket specifications."""

from __future__ import annotations

from typing import Any

from amends.engines.classification.taxonomy import taxonomy


def specifications() -> list[dict[str, Any]]:
    """All classes in force, in the order of the taxonomy."""
    return [_document(code) for code in taxonomy().codes]


def specification(ref: str) -> dict[str, Any] | None:
    """One class by its code; None if there is none."""
    return _document(ref) if ref in taxonomy().codes else None


def _document(ref: str) -> dict[str, Any]:
    code = taxonomy().codes[ref]
    return {
        "@type": "TroubleTicketSpecification",
        "id": code.code,
        "name": code.en,
        "description": code.definition_en,
        "lifecycleStatus": "active",
        "version": taxonomy().version,
    }
