"""What a client asks: where to measure, and to keep the result."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from amends.network.quality.actions.locate import locate
from amends.network.quality.actions.record import NewTest, record
from amends.network.quality.web.own import is_own, remember_own
from amends.people.access.web.limits import MEASURING, too_much
from amends.people.access.web.permission import public
from amends.platform.kit.errors import AmendsError, BadInput, Refused, Unavailable
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.json_in import read_json

_MAX_BYTES = 100_000
_LONGEST_COUNT = 4


@public
@require_safe
def locate_server(request: HttpRequest) -> JsonResponse:
    """Where to measure, in the shape of a locate service; `?streams=4` for parallel streams."""
    streams_text, now = request.GET.get("streams", "1"), timezone.now()
    if wait := MEASURING.take(request, now=now):
        return _too_much(wait)
    streams = (
        int(streams_text) if streams_text.isdecimal() and len(streams_text) < _LONGEST_COUNT else 1
    )
    try:
        located = locate(streams=streams, now=now)
    except AmendsError as error:
        return _refused(error)
    return JsonResponse(located)


# Its body is signed by a measurement server: nobody's session or cookie lends it weight.
@public
@csrf_exempt
@require_POST
def submit(request: HttpRequest) -> JsonResponse:
    """Keep a test; its code and the page that shows it."""
    now = timezone.now()
    if wait := MEASURING.take(request, now=now):
        return _too_much(wait)
    try:
        row = record(_read(request), now=now)
    except AmendsError as error:
        return _refused(error)
    answer = {"code": row.code, "url": f"/speed/results/{row.code}/", "valid": row.valid}
    response = JsonResponse(answer | {"invalid_because": row.invalid_because})
    remember_own(request, response, row.code)
    return response


def _read(request: HttpRequest) -> NewTest:
    try:
        document = read_json(request.body if len(request.body) <= _MAX_BYTES else b"")
        campaign = str(document.get("campaign", ""))
        return NewTest(
            results=[str(text) for text in document["results"]],
            loaded_ms=list(document.get("loaded_ms", ())),
            conditions=dict(document.get("conditions", {})),
            area=str(document.get("area", "")),
            # A series is shown by its code, and added to by who began it.
            campaign=campaign if is_own(request, campaign) else "",
            radio=dict(document.get("radio", {})),
            curve={name: list(speeds) for name, speeds in dict(document.get("curve", {})).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise BadInput(
            _("This is no result of a speed test."),
            meaning=_("Nothing was recorded."),
            next_step=_("Run the test again from the speed test page."),
            code="result_unreadable",
        ) from error


def _too_much(wait: int) -> JsonResponse:
    error = Refused(
        too_much(wait), next_step=_("Run the test again later."), code="too_many_requests"
    )
    return JsonResponse(error.as_dict(), status=429, headers={"Retry-After": str(60 * wait)})


def _refused(error: AmendsError) -> JsonResponse:
    status = 503 if isinstance(error, Unavailable) else 400 if isinstance(error, BadInput) else 409
    return JsonResponse(error.as_dict(), status=status)
