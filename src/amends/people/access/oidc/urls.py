"""Addresses of sign-in by a provider; the callback is what is registered with it."""

from __future__ import annotations

from django.urls import path

from amends.people.access.oidc import views

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", views.login, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", views.callback, name="openid_connect_callback"),
]
