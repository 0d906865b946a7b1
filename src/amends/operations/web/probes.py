"""Does it live, can it work, and both: `/healthz/live`, `/healthz/ready`, `/healthz`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.utils import Error
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from amends import __version__
from amends.entrances.portals.actions.clients import Token, UnableToUseScope
from amends.people.access.web.permission import public
from amends.platform.database.pending_migrations import pending_migrations
from amends.platform.database.triggers import missing
from amends.platform.environment.build import commit

_TOKEN = Token("metrics:read")
_PROBE_BYTES = 64 * 1024


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
    """200 if it can work: database, guards, no migration waits, writes are taken; else 503.

    Where it fails, send nobody here; starting the process anew would not help.
    """
    try:
        waiting = len(pending_migrations(connection))
    except Error:
        return _away()
    if waiting:
        return _wrong(f"Migrations wait: {waiting}. Run `amends migrate`.")
    try:
        _write()
    except (OSError, Error) as error:
        return _wrong(f"Nothing can be saved: {type(error).__name__}. Make room on the disk.")
    return healthz(request)


@public
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 if the database answers and its guards stand, else 503 with what is wrong.

    With a bearer token of the scope `metrics:read` also version and commit: to everybody else they
    would only show which weaknesses are worth trying.
    """
    try:
        absent = missing(connection)
    except Error:
        return _away()
    if absent:
        return _wrong(f"Guards missing: {len(absent)}.")
    return JsonResponse({"ok": True} | _version_for(request))


def _version_for(request: HttpRequest) -> dict[str, str]:
    try:
        client = _TOKEN(request)
    except UnableToUseScope:
        client = None
    return {"version": __version__, "commit": commit()} if client else {}


def _write() -> None:
    """Write as pages do; a full or read-only disk raises.

    SQLite is tried by a file beside it: a write of its own would wait behind a long import.
    """
    folders = {Path(settings.DATA_DIR)}
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        folders.add(Path(connection.settings_dict["NAME"]).parent)
    for folder in folders:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    if connection.vendor != "sqlite":
        Session.objects.update_or_create(
            session_key="readiness", defaults={"session_data": "", "expire_date": timezone.now()}
        )


def _away() -> JsonResponse:
    return _wrong("The database does not answer.")


def _wrong(what: str) -> JsonResponse:
    return JsonResponse({"ok": False, "what": what}, status=503)
