"""What privacy keeps."""

from __future__ import annotations

from amends.causes.privacy.models.exports import DataExport, Honeytoken
from amends.causes.privacy.models.incidents import (
    AffectedPerson,
    AuthorityClock,
    Incident,
    IncidentStep,
)
from amends.causes.privacy.models.misuse import AccessAlert, MisuseCase
from amends.causes.privacy.models.requests import RightsRequest
from amends.causes.privacy.models.reviews import ServiceReview

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
