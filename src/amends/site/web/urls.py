"""Addresses that belong to no other app."""

from __future__ import annotations

from django.urls import path

from amends.site.web.gallery import gallery
from amends.site.web.home_page import home_page
from amends.site.web.language import language
from amends.site.web.palette import palette

urlpatterns = [
    path("", home_page, name="front"),
    path("desk/find/", palette, name="palette"),
    path("gallery/", gallery, name="gallery"),
    path("language/", language, name="language"),
]
