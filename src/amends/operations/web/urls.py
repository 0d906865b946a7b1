"""Addresses of the ledger, the state of the installation and its probes."""

from __future__ import annotations

from django.urls import path

from amends.operations.web.health import metrics, operation
from amends.operations.web.ledger import check, ledger
from amends.operations.web.probes import healthz, live, ready
from amends.operations.web.rules import rule_file, rules

urlpatterns = [
    path("healthz", healthz),
    path("healthz/live", live),
    path("healthz/ready", ready),
    path("metrics", metrics, name="metrics"),
    path("desk/ledger/", ledger, name="ledger"),
    path("desk/ledger/check/", check, name="check_ledger"),
    path("desk/rules/", rules, name="rules"),
    path("desk/rules/<str:app>/<str:version>/", rule_file, name="rule_file"),
    path("desk/operation/", operation, name="operation"),
]
