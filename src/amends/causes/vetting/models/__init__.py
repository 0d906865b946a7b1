"""Rows of the app, one module a subject."""

from __future__ import annotations

from amends.causes.vetting.models.checks import (
    AgreedHost,
    AppCertificate,
    AppCheck,
    AppCheckFinding,
)
from amends.causes.vetting.models.conflicts import (
    ConflictDecision,
    ConflictSide,
    ConflictState,
    PackageConflict,
)
from amends.causes.vetting.models.contents import (
    ContentAppealState,
    ContentFinding,
    ContentFindingState,
    ContentSample,
    ContentSource,
    HarmfulImage,
    PartnerNoticeAddress,
)
from amends.causes.vetting.models.partners import (
    PartnerProceeding,
    PartnerScore,
    PartnerStep,
    ProceedingState,
)
from amends.causes.vetting.models.probes import LinkProbe, ProbeKind, ProbeResult, ServiceFault
from amends.causes.vetting.models.services import (
    LinkKind,
    RegisteredService,
    ServiceLink,
    ServiceOrigin,
)

__all__ = [
    "AgreedHost",
    "AppCertificate",
    "AppCheck",
    "AppCheckFinding",
    "ConflictDecision",
    "ConflictSide",
    "ConflictState",
    "ContentAppealState",
    "ContentFinding",
    "ContentFindingState",
    "ContentSample",
    "ContentSource",
    "HarmfulImage",
    "LinkKind",
    "LinkProbe",
    "PackageConflict",
    "PartnerNoticeAddress",
    "PartnerProceeding",
    "PartnerScore",
    "PartnerStep",
    "ProbeKind",
    "ProbeResult",
    "ProceedingState",
    "RegisteredService",
    "ServiceFault",
    "ServiceLink",
    "ServiceOrigin",
]
