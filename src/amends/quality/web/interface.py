"""What a client asks: where to measure, and to keep the result."""

from __future__ import annotations

import json

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from amends.access.web.permission import public
from amends.kit.errors import AmendsError, BadInput, Unavailable
from amends.kit.errors import gettext_noop as _
from amends.quality.actions.locate import locate
from amends.quality.actions.record import NewTest, record

_MAX_BYTES = 100_000


class UnableToReadResult(BadInput):
    """What was handed in is no JSON document of a test."""

    code = "result_unreadable"


@public
@require_safe
def locate_server(request: HttpRequest) -> JsonResponse:
    """Where to measure, in the shape of a locate service; `?streams=4` for parallel streams."""
    asked = request.GET.get("streams", "1")
    try:
        found = locate(streams=int(asked) if asked.isdecimal() else 1, now=timezone.now())
    except AmendsError as error:
        return _refused(error)
    return JsonResponse(found)


# Its body is signed by a measurement server: nobody's session or cookie lends it weight.
@public
@csrf_exempt
@require_POST
def submit(request: HttpRequest) -> JsonResponse:
    """Keep a test; its code and the page that shows it."""
    try:
        row = record(_read(request), now=timezone.now())
    except AmendsError as error:
        return _refused(error)
    answer = {"code": row.code, "url": f"/speed/results/{row.code}/", "valid": row.valid}
    return JsonResponse(answer | {"invalid_because": row.invalid_because})


def _read(request: HttpRequest) -> NewTest:
    try:
        given = json.loads(request.body if len(request.body) <= _MAX_BYTES else b"")
        return NewTest(
            results=[str(one) for one in given["results"]],
            loaded_ms=list(given.get("loaded_ms", ())),
            conditions=dict(given.get("conditions", {})),
            area=str(given.get("area", "")),
            campaign=str(given.get("campaign", "")),
            radio=dict(given.get("radio", {})),
            curve={name: list(some) for name, some in dict(given.get("curve", {})).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnableToReadResult(
            _("This is no result of a speed test."),
            meaning=_("Nothing was recorded."),
            next_step=_("Run the test again from the speed test page."),
        ) from error


def _refused(error: AmendsError) -> JsonResponse:
    status = 503 if isinstance(error, Unavailable) else 400 if isinstance(error, BadInput) else 409
    return JsonResponse(error.as_dict(), status=status)
