"""The way to the provider and the way back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from requests import RequestException

from amends.people.access.oidc.adapter import refuse
from amends.people.access.oidc.provider import Exchange
from amends.people.access.web.permission import public


@public
@never_cache
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the provider, with a state, a nonce and a challenge that only this session can answer.

    Only from a page of ours or by an address that was typed: a link or image of another site must
    not open a session without an action of the person (ASVS 5.0, 7.6.2).
    """
    if not _asked_for_here(request):
        return redirect(f"{reverse('account_login')}?{request.GET.urlencode()}")
    return _through(OAuth2LoginView, request, provider_id)


@public
@never_cache
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Back from the provider: signed in, or refused with the reason."""
    return _through(OAuth2CallbackView, request, provider_id)


def _asked_for_here(request: HttpRequest) -> bool:
    """Whether the request began on this site or in the address bar of the browser."""
    site = request.headers.get("Sec-Fetch-Site", "")
    if site:
        return site in {"same-origin", "none"}
    return urlsplit(request.headers.get("Referer", "")).netloc == request.get_host()


def _through(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return view.adapter_view(Exchange(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except RequestException:
        return refuse(request, "silent", status=503)
