"""Addresses of duties in force, what was told, and what is held."""

from __future__ import annotations

from django.urls import path

from amends.notices.web import told

urlpatterns = [
    path("", told.duties, name="duties"),
    path("told/", told.told, name="told"),
    path("holds/", told.held, name="holds"),
    path("duty/<str:duty>/", told.duty, name="duty"),
]
