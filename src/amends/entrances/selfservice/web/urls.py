"""Address of the counter."""

from __future__ import annotations

from django.urls import path

from amends.entrances.selfservice.web.counter import counter

urlpatterns = [path("", counter, name="counter")]
