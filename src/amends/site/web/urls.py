"""Addresses that belong to no other app."""

from __future__ import annotations

from django.urls import path

from amends.site.web.front import front
from amends.site.web.gallery import gallery
from amends.site.web.language import language
from amends.site.web.ledger import check, ledger
from amends.site.web.operation import metrics, operation

urlpatterns = [
    path("", front, name="front"),
    path("desk/ledger/", ledger, name="ledger"),
    path("desk/ledger/check/", check, name="check_ledger"),
    path("desk/operation/", operation, name="operation"),
    path("metrics", metrics, name="metrics"),
    path("gallery/", gallery, name="gallery"),
    path("language/", language, name="language"),
]
