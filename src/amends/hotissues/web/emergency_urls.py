"""Addresses of emergencies and drills."""

from __future__ import annotations

from django.urls import path

from amends.hotissues.web.after_action import after_action
from amends.hotissues.web.drills import drills
from amends.hotissues.web.emergencies import emergencies
from amends.hotissues.web.emergency import answers, emergency
from amends.hotissues.web.emergency_acts import act

urlpatterns = [
    path("emergencies/", emergencies, name="emergencies"),
    path("drills/", drills, name="drills"),
    path("<str:ref>/emergency/", emergency, name="issue_emergency"),
    path("<str:ref>/emergency/answers/", answers, name="emergency_answers"),
    path("<str:ref>/emergency/<str:verb>/", act, name="emergency_act"),
    path("<str:ref>/after-action/", after_action, name="after_action"),
]
