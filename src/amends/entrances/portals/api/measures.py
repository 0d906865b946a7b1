"""Measures against causes and their verdicts, for systems that report on them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Query

from amends.entrances.portals.actions.clients import Token
from amends.entrances.portals.api.shapes import Problem
from amends.problems.measures.queries import MeasureSummary, measures

_READING = dict.fromkeys((400, 401, 403, 503), Problem)


def join(api: NinjaAPI) -> None:
    """Add the operation about measures."""

    @api.get(
        "/measures",
        auth=Token("measures:read"),
        response={200: list[MeasureSummary], **_READING},
        summary="List the measures against causes",
        operation_id="listMeasures",
        tags=["measures"],
    )
    def list_measures(
        request: HttpRequest,
        state: str = Query("", description="Only this state: `planned`, `started` or `judged`."),
    ) -> Any:
        """Scope `measures:read`. In order of their numbers, with the newest figures of each.

        A client of a brand gets the measures of its brand and those of no brand.
        """
        return measures(brand=request.auth.brand, state=state)  # type: ignore[attr-defined]
