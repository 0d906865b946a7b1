"""Addresses of the public list of services."""

from __future__ import annotations

from django.urls import path

from amends.causes.vetting.web import public_services

app_name = "services"

urlpatterns = [
    path("", public_services.service_list, name="services"),
    path("<str:ref>/", public_services.service_page, name="service"),
]
