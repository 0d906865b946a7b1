"""What public pages show of the operator: its colour and its logo."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from amends.people.access.web.permission import public
from amends.people.operator.queries import current, logo
from amends.people.operator.rules.brand import mixed

DARKER, PALER = 0.2, 0.88


@require_safe
@public
@cache_control(public=True, max_age=60)
def colours(_request: HttpRequest) -> HttpResponse:
    """The operator's colour as a style sheet for light pages; empty for the default."""
    saved = current()
    accent = saved.accent if saved else ""
    rules = (
        "@media (prefers-color-scheme: light) { :root { "
        f"--accent: {accent}; --accent-hover: {mixed(accent, DARKER, 0)}; "
        f"--accent-tint: {mixed(accent, PALER, 255)}; }} }}\n"
        if accent
        else ""
    )
    return HttpResponse(rules, content_type="text/css")


@require_safe
@public
@cache_control(public=True, max_age=60)
def logo_file(_request: HttpRequest) -> HttpResponse:
    """The operator's logo."""
    content = logo()
    if not content:
        raise Http404
    return HttpResponse(content, content_type="image/png")
