"""Addresses of the pages about confirmations."""

from __future__ import annotations

from django.urls import path

from amends.causes.confirmations.web import audits, counter, sanctions
from amends.causes.confirmations.web import lists as listed
from amends.causes.confirmations.web import new_order as taking

urlpatterns = [
    path("", listed.confirmations, name="confirmations"),
    path("orders/new/", taking.take_order, name="take_order"),
    path("orders/<str:ref>/", listed.order_page, name="order"),
    path("orders/<str:ref>/receipt/", listed.receipt_file, name="order_receipt"),
    path("orders/<str:ref>/counter/", counter.sign_at_counter, name="order_counter"),
    path("uncovered/", listed.uncovered_services, name="uncovered"),
    path("audits/", audits.audits_page, name="audits"),
    path("audits/run/", audits.run, name="run_audit"),
    path("audits/<str:ref>/", audits.audit_page, name="audit"),
    path("audits/<str:ref>/refund/", audits.refund, name="refund_audit"),
    path("partners/<str:ref>/sanction/", sanctions.sanction, name="sanction_partner"),
]
