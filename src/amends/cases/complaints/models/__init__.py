"""Contacts, complaints, their clocks, decisions, replies and what was asked and answered.

A contact is one event on a channel; a complaint is one person and one matter. Texts stand here
masked; the original words of each contact are sealed. The complainant's identity is sealed in
`Complainant`, away from the row that lists and searches read.
"""

from amends.cases.complaints.models.complaint import Complainant, Complaint, Identity, Kind
from amends.cases.complaints.models.contacts import Attachment, Challenge, Contact, IdentityRequest
from amends.cases.complaints.models.decisions import (
    BROUGHT_IN,
    Correction,
    DecidedBy,
    Decision,
    Handover,
    PendingApproval,
    Reply,
    SavedView,
)
from amends.cases.complaints.models.history import Bookmark, Clock, Event, Outcome
from amends.cases.complaints.models.merges import ComplaintMerge
from amends.cases.complaints.models.subjects import RecordedSubject, SubjectState

__all__ = [
    "BROUGHT_IN",
    "Attachment",
    "Bookmark",
    "Challenge",
    "Clock",
    "Complainant",
    "Complaint",
    "ComplaintMerge",
    "Contact",
    "Correction",
    "DecidedBy",
    "Decision",
    "Event",
    "Handover",
    "Identity",
    "IdentityRequest",
    "Kind",
    "Outcome",
    "PendingApproval",
    "RecordedSubject",
    "Reply",
    "SavedView",
    "SubjectState",
]
