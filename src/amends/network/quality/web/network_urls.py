"""Addresses of network quality at the desk."""

from __future__ import annotations

from django.urls import path

from amends.network.quality.web import incidents, network, notice_plans

urlpatterns = [
    path("", network.board, name="network"),
    path("areas/<str:code>/", network.area, name="network_area"),
    path("areas/<str:code>/why/", network.why_red, name="network_why"),
    path("improvements/", network.improvements, name="network_improvements"),
    path("forecast/", network.forecast, name="network_forecast"),
    path("products/", network.products, name="network_products"),
    path("indicators/", network.catalogue, name="network_indicators"),
    path("incidents/", incidents.incidents, name="network_incidents"),
    path("incidents/report/", incidents.report, name="report_fault"),
    path("incidents/<int:number>/", incidents.incident, name="network_incident"),
    path("incidents/<int:number>/confirm/", incidents.confirm, name="confirm_incident"),
    path("incidents/<int:number>/change/", incidents.change, name="change_incident"),
    path("notices/", notice_plans.plans, name="notice_plans"),
    path("notices/<str:ref>/approve/", notice_plans.approve, name="approve_notice_plan"),
    path("notices/<str:ref>/stop/", notice_plans.stop, name="stop_notice_plan"),
]
