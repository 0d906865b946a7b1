"""`/healthz`: alive, and able to do its work."""

from __future__ import annotations

from django.db import connection
from django.db.utils import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from amends.access.web.permission import public
from amends.database.laying import missing


@public
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 if the database answers and its guards stand, else 503 with what is wrong."""
    try:
        absent = missing(connection)
    except Error:
        return JsonResponse({"ok": False, "what": "The database does not answer."}, status=503)
    if absent:
        return JsonResponse({"ok": False, "what": f"Guards missing: {len(absent)}."}, status=503)
    return JsonResponse({"ok": True})
