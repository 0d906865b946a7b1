"""Every other method and address of the interface: refused in the shape of every refusal."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Status

from amends.entrances.portals.api.refusals import NO_SUCH_ADDRESS, WRONG_METHOD
from amends.entrances.portals.api.shapes import Problem

_BUT_POST = ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]
_BUT_GET = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]
_HIDDEN: dict[str, Any] = {"response": {404: Problem, 405: Problem}, "include_in_schema": False}


def close(api: NinjaAPI) -> None:
    """Answer what no operation answers; the last to join, so that it hides none of them."""

    @api.api_operation(_BUT_POST, "/complaints", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/complaints/batch", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/remedies/exports", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/remedies/acknowledgements", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/usage", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/orders", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/posts", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/publicity/copies", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/events", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/choices", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/standings", **_HIDDEN)
    def only_post(request: HttpRequest) -> Any:
        """Another method than POST, in the shape of every refusal."""
        return Status(405, WRONG_METHOD)

    @api.api_operation(_BUT_GET, "/complaints/{tracking_code}", **_HIDDEN)
    def only_get_complaint(request: HttpRequest, tracking_code: str) -> Any:
        """Another method than GET, likewise."""
        return Status(405, WRONG_METHOD)

    @api.api_operation(_BUT_GET, "/remedies/exports/{number}", **_HIDDEN)
    def only_get_export(request: HttpRequest, number: str) -> Any:
        """Another method than GET, likewise."""
        return Status(405, WRONG_METHOD)

    @api.api_operation(_BUT_GET, "/orders/{ref}", **_HIDDEN)
    def only_get_order(request: HttpRequest, ref: str) -> Any:
        """Another method than GET, likewise."""
        return Status(405, WRONG_METHOD)

    @api.api_operation(_BUT_POST, "/complaints/{tracking_code}/notes", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/complaints/{tracking_code}/assignment", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/complaints/{tracking_code}/merge", **_HIDDEN)
    def only_post_casework(request: HttpRequest, tracking_code: str) -> Any:
        """Another method than POST, likewise."""
        return Status(405, WRONG_METHOD)

    @api.api_operation(_BUT_GET, "/workload", **_HIDDEN)
    @api.api_operation(_BUT_GET, "/teams", **_HIDDEN)
    @api.api_operation(_BUT_GET, "/freezes", **_HIDDEN)
    @api.api_operation(_BUT_GET, "/holds", **_HIDDEN)
    def only_get_holds(request: HttpRequest) -> Any:
        """Another method than GET, likewise."""
        return Status(405, WRONG_METHOD)

    @api.api_operation(_BUT_POST, "/holds/{key}/consent", **_HIDDEN)
    @api.api_operation(_BUT_POST, "/holds/{key}/withdrawal", **_HIDDEN)
    def only_post_hold(request: HttpRequest, key: str) -> Any:
        """Another method than POST, likewise."""
        return Status(405, WRONG_METHOD)

    @api.api_operation([*_BUT_POST, "POST"], "/{path:rest}", **_HIDDEN)
    def nothing_here(request: HttpRequest, rest: str) -> Any:
        """Any other address, likewise."""
        return Status(404, NO_SUCH_ADDRESS)
