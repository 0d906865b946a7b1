"""Addresses of the desk's pages about services and partners."""

from __future__ import annotations

from django.urls import path

from amends.vetting.web import desk_services

urlpatterns = [
    path("", desk_services.register, name="services"),
    path("<str:ref>/", desk_services.service_page, name="service"),
]
