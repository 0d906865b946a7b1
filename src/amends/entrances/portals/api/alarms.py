"""Alarms of the network in: what Alertmanager's webhook sends, and alarms as in TMF642."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import NinjaAPI, Query, Status

from amends.entrances.portals.actions.clients import Token
from amends.entrances.portals.api.shapes import Problem
from amends.network.quality.actions.take_signs import AlarmsTaken, take_reported
from amends.platform.kit.actors import system
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.json_in import read_json
from amends.platform.kit.packs import zone_of

_WRITING = dict.fromkeys((400, 401, 403, 413, 422, 503), Problem)
_EXAMPLE = {
    "version": "4",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {
                "alertname": "LossOfSignal",
                "area": "area-4101",
                "severity": "critical",
                "technology": "fibre",
            },
            "startsAt": "2026-11-24T10:05:00+08:00",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "3f1c9a",
        }
    ],
}


def join(api: NinjaAPI) -> None:
    """Add the operation about alarms."""

    @api.post(
        "/alarms",
        auth=Token("alarms:write"),
        response={202: AlarmsTaken, **_WRITING},
        summary="Report alarms of the network",
        operation_id="reportAlarms",
        tags=["alarms"],
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}
                },
            }
        },
    )
    def report_alarms(
        request: HttpRequest,
        source: str = Query(
            "", description="The system that raised them; the name of the client if left out."
        ),
    ) -> Any:
        """Scope `alarms:write`. The body is what Alertmanager's webhook sends, one alarm or event
        of TMF642, or a list of its alarms.

        Each alarm counts once, however often it is reported: its key is the fingerprint or `id`.
        `unknown_areas` and `refused` say what belongs to no incident, and why.
        """
        now = timezone.now()
        try:
            document = read_json(request.body)
        except ValueError as error:
            raise BadInput(
                _("The body is no JSON document."),
                meaning=_("Nothing was recorded."),
                next_step=_("Send what Alertmanager's webhook sends, or alarms as in TMF642."),
                code="alarms_unreadable",
            ) from error
        client = request.auth  # type: ignore[attr-defined]
        receipt = take_reported(
            document,
            source=(source.strip() or client.name)[:40],
            zone=ZoneInfo(zone_of(settings.JURISDICTION)),
            by=system("api"),
            now=now,
        )
        return Status(202, receipt)
