"""The register of services, for systems that show or check charges."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import NinjaAPI, Query

from amends.causes.vetting.queries.services import ListedService, services
from amends.entrances.portals.actions.clients import Token
from amends.entrances.portals.api.shapes import Problem

_READING = dict.fromkeys((400, 401, 403, 503), Problem)


def join(api: NinjaAPI) -> None:
    """Add the operation about services."""

    @api.get(
        "/services",
        auth=Token("services:read"),
        response={200: list[ListedService], **_READING},
        summary="List the services that users may be charged for",
        operation_id="listServices",
        tags=["services"],
    )
    def list_services(
        request: HttpRequest,
        charge: str = Query(
            "", max_length=160, description="Only services that a charge of this text may be."
        ),
    ) -> Any:
        """Scope `services:read`. By reference, each with its chain, price and complaint rate.

        A client of a brand gets the services of its brand and those of no brand.
        """
        brand = request.auth.brand  # type: ignore[attr-defined]
        return services(now=timezone.now(), language="en", brand=brand, text=charge)
