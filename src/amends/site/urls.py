"""Addresses: what each app declares, the API, and accounts."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from amends.entrances.portals.api.interface import api
from amends.people.access.web.own_sessions import own_sessions
from amends.platform.registry import installed
from amends.site.web.account_mail import by_mail

admin.autodiscover()

urlpatterns = [
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
    path("account/password/reset/", by_mail),
    path("account/password/reset/<path:more>", by_mail),
    path("account/email/", by_mail),
    path("account/confirm-email/", by_mail),
    path("account/confirm-email/<path:more>", by_mail),
    path("account/sessions/", own_sessions, name="usersessions_list"),
    path("account/", include("allauth.urls")),
    *(path(prefix, include(module)) for app in installed() for prefix, module in app.urls),
]

handler400 = "amends.site.web.errors.bad_request"
handler403 = "amends.site.web.errors.permission_denied"
handler404 = "amends.site.web.errors.page_not_found"
handler500 = "amends.site.web.errors.server_error"
