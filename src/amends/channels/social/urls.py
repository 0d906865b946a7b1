"""Addresses that platforms call."""

from __future__ import annotations

from django.urls import path

from amends.channels.social.callbacks import callback

urlpatterns = [path("<slug:name>/", callback, name="social_callback")]
