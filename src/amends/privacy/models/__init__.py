"""What privacy keeps."""

from __future__ import annotations

from amends.privacy.models.exports import DataExport, Honeytoken
from amends.privacy.models.incidents import AffectedPerson, AuthorityClock, Incident, IncidentStep
from amends.privacy.models.misuse import AccessAlert, MisuseCase
from amends.privacy.models.requests import RightsRequest
from amends.privacy.models.reviews import ServiceReview

__all__ = [
    "AccessAlert",
    "AffectedPerson",
    "AuthorityClock",
    "DataExport",
    "Honeytoken",
    "Incident",
    "IncidentStep",
    "MisuseCase",
    "RightsRequest",
    "ServiceReview",
]
