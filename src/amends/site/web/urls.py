"""Addresses that belong to no other app."""

from __future__ import annotations

from django.urls import path

from amends.site.web.gallery import gallery
from amends.site.web.home_page import home_page
from amends.site.web.language import language
from amends.site.web.palette import palette
from amends.site.web.setup import end_first_steps, first_account, setup, setup_sample, setup_upload

urlpatterns = [
    path("", home_page, name="front"),
    path("desk/find/", palette, name="palette"),
    path("setup/<str:code>/", first_account, name="first_account"),
    path("desk/setup/", setup, name="setup"),
    path("desk/setup/end/", end_first_steps, name="end_first_steps"),
    path("desk/setup/<str:kind>/upload/", setup_upload, name="setup_upload"),
    path("desk/setup/<str:kind>/sample/", setup_sample, name="setup_sample"),
    path("gallery/", gallery, name="gallery"),
    path("language/", language, name="language"),
]
