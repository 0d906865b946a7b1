"""Which address belongs to which room."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from amends.portals.api.interface import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
]
