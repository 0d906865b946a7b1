"""Addresses of settings."""

from __future__ import annotations

from django.urls import path

from amends.people.operator.web.installation import address_page, parts_page
from amends.people.operator.web.partners_page import partner_register
from amends.people.operator.web.people import (
    change_person,
    first_password,
    new_person,
    people,
    person_service,
)
from amends.people.operator.web.settings_page import operator_profile, settings_page

urlpatterns = [
    path("partners/", partner_register, name="partner_register"),
    path("parts/", parts_page, name="parts"),
    path("address/", address_page, name="public_address"),
    path("", settings_page, name="settings"),
    path("operator/", operator_profile, name="operator_profile"),
    path("people/", people, name="people"),
    path("people/new/", new_person, name="new_person"),
    path("people/<str:name>/", change_person, name="change_person"),
    path("people/<str:name>/password/", first_password, name="first_password"),
    path("people/<str:name>/service/", person_service, name="person_service"),
]
