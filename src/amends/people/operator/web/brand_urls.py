"""Addresses of the operator's colour and logo."""

from __future__ import annotations

from django.urls import path

from amends.people.operator.web.brand import colours, logo_file

urlpatterns = [
    path("colours.css", colours, name="brand_colours"),
    path("logo.png", logo_file, name="brand_logo"),
]
