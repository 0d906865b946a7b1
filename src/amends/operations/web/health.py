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
    all_readings = readings(now=now)
    listed_readings = [reading for reading in all_readings if not reading.name.endswith("_info")]
    return {
        "now": now,
        "alarms": [_described(sounding_alarm) for sounding_alarm in sounding(all_readings)],
        "chapters": [
            (name, rows[0].words, [_row(row) for row in rows])
            for name, rows in _by_name(listed_readings).items()
        ],
        "rules": [
            (reading.labels["rules"], reading.labels["version"])
            for reading in all_readings
            if reading.name == "amends_rules_info"
        ],
        "keeping": _keeping(now),
        "version": release(),
        "database": settings.DATABASES["default"]["ENGINE"].rpartition(".")[2],
    }


def _keeping(now: datetime) -> dict[str, Any]:
    """When words were last forgotten, and what is due; counted only as far as a page may."""
    chinese = is_chinese(get_language() or "")
    lines = [line for line in plan(now, limit=_COUNTED) if line.due or line.held]
    return {
        "last": last_run(now),
        "daily": settings.RETENTION_DAILY,
        "gone_by": gone_by(now),
        "lines": [(line, line.term.zh if chinese else line.term.en) for line in lines],
    }


def _by_name(readings: list[HealthReading]) -> dict[str, list[HealthReading]]:
    """Readings of one name together, in the order in which the names come."""
    readings_by_name: dict[str, list[HealthReading]] = {}
    for reading in readings:
        readings_by_name.setdefault(reading.name, []).append(reading)
    return readings_by_name


def _row(reading: HealthReading) -> dict[str, Any]:
    value = reading.value
    return {
        "labels": " · ".join(
            _word(name, label_value) for name, label_value in sorted(reading.labels.items())
        ),
        "seconds": value if reading.name.endswith("_seconds") else None,
        "share": value if reading.name.endswith("_ratio") else None,
        "number": int(value) if value is not None and _counts(reading.name) else None,
    }


def _word(label: str, label_value: str) -> str:
    """A label's value as people read it; sources and kinds of facts are names of their own."""
    if label == "channel":
        return str(channel_sign(label_value).word)
    if label == "disk":
        words_by_value = {
            "data": _("data directory"),
            "register": _("register of erasures"),
            "backup": _("continuous backup"),
        }
        return words_by_value.get(label_value, label_value)
    if label == "state":
        return str(
            (
                {
                    "failing": _("waiting, failed before"),
                    "refused_last_day": _("refused in the last 24 hours"),
                }
                | state_words()
            ).get(label_value, label_value)
        )
    return label_value


def _counts(name: str) -> bool:
    return not name.endswith(("_seconds", "_ratio"))


def _described(sounding_alarm: Sounding) -> dict[str, Any]:
    chinese = is_chinese(get_language() or "")
    return {
        "what": sounding_alarm.alarm.zh if chinese else sounding_alarm.alarm.en,
        "do": _with_commands(sounding_alarm.alarm.do_zh if chinese else sounding_alarm.alarm.do_en),
        "urgent": sounding_alarm.alarm.severity == "page",
        "where": [row for row in map(_row, sounding_alarm.readings) if row["labels"]],
    }


def _with_commands(text: str) -> SafeString:
    """The words, with what stands between backticks as a command to copy."""
    parts = enumerate(text.split("`"))
    return format_html_join(
        "",
        "{}",
        ((format_html("<code>{}</code>", part) if at % 2 else part,) for at, part in parts),
    )
