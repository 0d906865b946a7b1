"""Addresses that belong to no room: the gallery and the language switch."""

from __future__ import annotations

from django.urls import path

from amends.site.web.gallery import gallery
from amends.site.web.language import language

urlpatterns = [
    path("gallery/", gallery, name="gallery"),
    path("language/", language, name="language"),
]
