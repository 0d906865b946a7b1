"""The switches of language and size of type: a cookie, and back to the same page.

It stands on every page. A token against forged forms would leave a cookie with whoever only reads;
so what decides is whose page the form stood on, which every browser says.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from amends.people.access.web.permission import public


class ReaderForm(forms.Form):
    """The language or the size of type, and the page to return to."""

    next = forms.CharField(required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    type = forms.ChoiceField(choices=[("large", "large"), ("usual", "usual")], required=False)


@csrf_exempt
@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language or the size of type for a year and return to where the reader was."""
    if not _is_ours(request):
        raise PermissionDenied
    form = ReaderForm(request.POST)
    form.is_valid()
    back = form.cleaned_data.get("next") or "/"
    if not url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        back = "/"
    response = redirect(back)
    if chosen := form.cleaned_data.get("language"):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 86_400,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    if size := form.cleaned_data.get("type"):
        response.set_cookie(
            settings.LARGE_TYPE_COOKIE,
            "1" if size == "large" else "0",
            max_age=365 * 86_400,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


def _is_ours(request: HttpRequest) -> bool:
    """Whether the form stood on a page of ours, as the browser says."""
    source_url = urlsplit(request.headers.get("Origin") or request.headers.get("Referer", ""))
    ours = f"{request.scheme}://{request.get_host()}"
    return f"{source_url.scheme}://{source_url.netloc}" in (ours, *settings.CSRF_TRUSTED_ORIGINS)
