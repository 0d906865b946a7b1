"""How the installation stands, and what to do: for the operator a page, for Prometheus text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from amends.channels.queries import state_words
from amends.channels.queries.capabilities import channel_sign
from amends.entrances.portals.actions.clients import Token, UnableToUseScope
from amends.operations.actions.retention import last_run, plan
from amends.operations.backups.status import gone_by
from amends.operations.health.alarms import Sounding, sounding
from amends.operations.health.exposition import CONTENT_TYPE, exposition
from amends.operations.health.readings import HealthReading, readings
from amends.people.access.web.permission import public, requires
from amends.platform.environment.build import release
from amends.platform.kit.formats import is_chinese

_TOKEN = Token("metrics:read")
_COUNTED = 1_000


@public
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The readings for Prometheus, to a client with the scope `metrics:read`."""
    try:
        client = _TOKEN(request)
    except UnableToUseScope as refusal:
        return HttpResponse(f"{refusal}\n", status=403, content_type="text/plain; charset=utf-8")
    if client is None:
        return HttpResponse(
            "Send a bearer token with the scope metrics:read; "
            "`amends client NAME --scope metrics:read` makes one.\n",
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return HttpResponse(exposition(readings(now=timezone.now())), content_type=CONTENT_TYPE)


@require_safe
@requires("operation.read")
def operation(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render(request, "desk/operation.html", operation_context())


def operation_context() -> dict[str, Any]:
    """What the page shows: what asks for somebody first, then every reading."""
    now = timezone.now()
    found = readings(now=now)
    shown = [one for one in found if not one.name.endswith("_info")]
    return {
        "now": now,
        "alarms": [_described(one) for one in sounding(found)],
        "chapters": [
            (name, rows[0].words, [_row(row) for row in rows])
            for name, rows in _by_name(shown).items()
        ],
        "rules": [
            (one.labels["rules"], one.labels["version"])
            for one in found
            if one.name == "amends_rules_info"
        ],
        "keeping": _keeping(now),
        "version": release(),
        "database": settings.DATABASES["default"]["ENGINE"].rpartition(".")[2],
    }


def _keeping(now: datetime) -> dict[str, Any]:
    """When words were last forgotten, and what is due; counted only as far as a page may."""
    chinese = is_chinese(get_language() or "")
    lines = [one for one in plan(now, limit=_COUNTED) if one.due or one.held]
    return {
        "last": last_run(now),
        "daily": settings.RETENTION_DAILY,
        "gone_by": gone_by(now),
        "lines": [(line, line.term.zh if chinese else line.term.en) for line in lines],
    }


def _by_name(found: list[HealthReading]) -> dict[str, list[HealthReading]]:
    """Readings of one name together, in the order in which the names come."""
    together: dict[str, list[HealthReading]] = {}
    for one in found:
        together.setdefault(one.name, []).append(one)
    return together


def _row(reading: HealthReading) -> dict[str, Any]:
    value = reading.value
    return {
        "labels": " · ".join(_word(name, said) for name, said in sorted(reading.labels.items())),
        "seconds": value if reading.name.endswith("_seconds") else None,
        "share": value if reading.name.endswith("_ratio") else None,
        "number": int(value) if value is not None and _counts(reading.name) else None,
    }


def _word(label: str, said: str) -> str:
    """A label's value as people read it; sources and kinds of facts are names of their own."""
    if label == "channel":
        return str(channel_sign(said).word)
    if label == "disk":
        known = {
            "data": _("data directory"),
            "register": _("register of erasures"),
            "backup": _("continuous backup"),
        }
        return known.get(said, said)
    if label == "state":
        return str(
            (
                {
                    "failing": _("waiting, failed before"),
                    "refused_last_day": _("refused in the last 24 hours"),
                }
                | state_words()
            ).get(said, said)
        )
    return said


def _counts(name: str) -> bool:
    return not name.endswith(("_seconds", "_ratio"))


def _described(one: Sounding) -> dict[str, Any]:
    chinese = is_chinese(get_language() or "")
    return {
        "what": one.alarm.zh if chinese else one.alarm.en,
        "do": _with_commands(one.alarm.do_zh if chinese else one.alarm.do_en),
        "urgent": one.alarm.severity == "page",
        "where": [row for row in map(_row, one.readings) if row["labels"]],
    }


def _with_commands(words: str) -> SafeString:
    """The words, with what stands between backticks as a command to copy."""
    parts = enumerate(words.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", one) if at % 2 else one,) for at, one in parts)
    )
