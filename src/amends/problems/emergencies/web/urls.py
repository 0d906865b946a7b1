"""Addresses of emergencies and drills."""

from __future__ import annotations

from django.urls import path

from amends.problems.emergencies.web.acts import act
from amends.problems.emergencies.web.after_action import after_action
from amends.problems.emergencies.web.drills import drills
from amends.problems.emergencies.web.emergencies import emergencies
from amends.problems.emergencies.web.emergency import answers, emergency

urlpatterns = [
    path("emergencies/", emergencies, name="emergencies"),
    path("drills/", drills, name="drills"),
    path("<str:ref>/emergency/", emergency, name="issue_emergency"),
    path("<str:ref>/emergency/answers/", answers, name="emergency_answers"),
    path("<str:ref>/emergency/<str:verb>/", act, name="emergency_act"),
    path("<str:ref>/after-action/", after_action, name="after_action"),
]
