"""Addresses of what everybody may read: the tariff notice, labels, contract summaries."""

from __future__ import annotations

from django.urls import path

from amends.causes.publicity.web import offers

app_name = "tariffs"

urlpatterns = [
    path("", offers.tariffs, name="tariffs"),
    path("tariffs.csv", offers.tariffs_csv, name="csv"),
    path("broadband-labels.csv", offers.labels, name="labels"),
    path("<str:ref>/label/", offers.label_page, name="label"),
    path("<str:ref>/summary.pdf", offers.summary, name="summary"),
]
