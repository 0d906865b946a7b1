"""Does it live, can it work, and both: `/healthz/live`, `/healthz/ready`, `/healthz`."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from amends.access.web.permission import public
from amends.database.laying import missing


@public
@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 as soon as the process answers; it asks nothing else. Where it fails, start it anew."""
    return JsonResponse({"ok": True})


@public
@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 if it can work: the database answers, guards stand, no migration waits; else 503.

    Where it fails, send nobody here; starting the process anew would not help.
    """
    try:
        waiting = len(_own() - MigrationRecorder(connection).applied_migrations().keys())
    except Error:
        return _away()
    if waiting:
        return _wrong(f"Migrations wait: {waiting}. Run `amends migrate`.")
    return healthz(request)


@public
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 if the database answers and its guards stand, else 503 with what is wrong."""
    try:
        absent = missing(connection)
    except Error:
        return _away()
    if absent:
        return _wrong(f"Guards missing: {len(absent)}.")
    return JsonResponse({"ok": True})


@cache
def _own() -> frozenset[tuple[str, str]]:
    """The migrations this version brings; those of a newer one that ran before are no fault."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _away() -> JsonResponse:
    return _wrong("The database does not answer.")


def _wrong(what: str) -> JsonResponse:
    return JsonResponse({"ok": False, "what": what}, status=503)
