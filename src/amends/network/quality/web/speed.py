"""The speed test: start, result, and what makes it an app."""

from __future__ import annotations

from statistics import median
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.network.measurement.validity import REASONS
from amends.network.quality.models import Campaign, SpeedTest
from amends.network.quality.queries import test_by_code
from amends.network.quality.queries.products import LATELY
from amends.network.quality.rules.enough import enough_for
from amends.people.access.web.permission import public
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import areas

_OTHERS, _LEAST_OTHERS = 500, 6
_RADIO = (
    ("technology", gettext_noop("Technology"), ""),
    ("cell", gettext_noop("Cell"), ""),
    ("rsrp_dbm", gettext_noop("Signal (RSRP)"), "dBm"),
    ("rsrq_db", gettext_noop("Quality (RSRQ)"), "dB"),
    ("sinr_db", gettext_noop("SINR"), "dB"),
)


@public
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Start a test; it runs in the browser, against the measurement server of the settings."""
    campaign = Campaign.objects.filter(code=request.GET.get("campaign", "")).first()
    chinese = is_chinese(get_language() or "")
    area_choices = [(area.code, area.name_zh if chinese else area.name_en) for area in areas()]
    context = {
        "server": settings.SPEED_URL,
        "words": _words(),
        "campaign": campaign,
        "areas": area_choices,
    }
    return render(request, "quality/start.html", context)


def _words() -> dict[str, str]:
    """What the script says."""
    return {
        "connecting": _("Connecting…"),
        "waiting": _("Tests before yours: {count}"),
        "latency": _("Measuring latency…"),
        "download": _("Measuring download…"),
        "upload": _("Measuring upload…"),
        "saving": _("Saving the result…"),
        "failed": _("The measurement server does not answer. Nothing was lost; try again."),
        "full": _("Several tests from your connection wait already. Try again in a minute."),
        "again": _("Test again"),
    }


@public
@require_safe
def result(request: HttpRequest, code: str) -> HttpResponse:
    """A result a person understands, to print and to complain with.

    The code of a series leads to its page: complaints refer to both alike.
    """
    if (test := test_by_code(code)) is None:
        return redirect("speed:campaign", get_object_or_404(Campaign, code=code).code)
    return render(request, "quality/result.html", shown(test))


def shown(test: SpeedTest) -> dict[str, Any]:
    """What a page says of a test."""
    loaded = None if test.loaded_rtt_us is None else test.loaded_rtt_us / 1000
    promised = test.promised_down_kbps
    return {
        "test": test,
        "idle_ms": test.min_rtt_us / 1000,
        "loaded_ms": loaded,
        "responsiveness": _responsiveness(test.rpm),
        "uses": [
            (_(name), enough)
            for name, enough in enough_for(
                down_mbps=test.down_mbps, up_mbps=test.up_mbps, loaded_ms=loaded
            )
        ],
        "typical": typical(test),
        "curves": _curves(test),
        "radio": [
            (_(name), f"{test.radio[key]:g} {unit}" if unit else test.radio[key])
            for key, name, unit in _RADIO
            if key in test.radio
        ],
        "percent": round(100 * test.down_kbps / promised) if promised else None,
        "promised_mbps": promised / 1000 if promised else None,
        "why_not": [_(REASONS[code]) for code in test.invalid_because if code in REASONS],
    }


def typical(test: SpeedTest) -> tuple[float, int] | None:
    """Median download in Mbit/s of the last 30 days under the same contract, and of how many tests.

    Of the same area, where one was named.
    """
    same = SpeedTest.objects.filter(
        promised_down_kbps=test.promised_down_kbps, at__gt=test.at - LATELY, at__lte=test.at
    )
    if not test.promised_down_kbps:
        return None
    if test.area:
        same = same.filter(area=test.area)
    speeds = same.filter(invalid_because=[]).values_list("down_kbps", flat=True)[:_OTHERS]
    return (median(speeds) / 1000, len(speeds)) if len(speeds) >= _LEAST_OTHERS else None


def _curves(test: SpeedTest) -> dict[str, str]:
    """The points of download and upload, to one scale, in a box of 400 by 80."""
    max_mbps = max([*test.curve.get("download", ()), *test.curve.get("upload", ()), 1])
    return {
        name: " ".join(
            f"{400 * position / max(len(speeds) - 1, 1):.1f},{78 - 74 * mbps / max_mbps:.1f}"
            for position, mbps in enumerate(speeds)
        )
        for name, speeds in test.curve.items()
    }


def _responsiveness(rpm: int | None) -> str:
    """In words, by the bands of draft-ietf-ippm-responsiveness."""
    if rpm is None:
        return ""
    bands = ((300, _("poor")), (1000, _("fair")), (6000, _("good")))
    return next((word for limit, word in bands if rpm < limit), _("excellent"))


@public
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to install the page as an app."""
    icon = {"src": static("amends/logo.svg"), "sizes": "any", "type": "image/svg+xml"}
    return JsonResponse(
        {
            "name": _("Speed test"),
            "short_name": _("Speed test"),
            "display": "standalone",
            "start_url": reverse("speed:start"),
            "scope": reverse("speed:start"),
            "icons": [icon],
            "background_color": "#ffffff",
            "theme_color": "#0b5d70",
        },
        content_type="application/manifest+json",
    )


@public
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Keeps the shell (styles and scripts); pages and figures always come from the network."""
    return render(request, "quality/service-worker.js", content_type="text/javascript")
