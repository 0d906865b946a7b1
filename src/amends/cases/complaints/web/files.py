"""Files of a complaint: what the complainant sent, and the evidence that goes to a regulator."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from amends.cases.complaints.actions.attach import open_attachment, refuse_preview
from amends.cases.complaints.actions.regulator_file import evidence_file
from amends.cases.complaints.queries.casefile import find
from amends.cases.complaints.web.permissions import let_in, works_on
from amends.people.access.web.permission import actor_of
from amends.people.access.web.refusals import refusals_as_pages


@works_on("complaints.handle")
@refusals_as_pages
def attachment(request: HttpRequest, ref: str, attachment: str) -> HttpResponse:
    """One file, to save and never to show in the page: a stranger wrote it."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)
    let_in(complaint, actor, now=timezone.now())
    opened = open_attachment(complaint.id, attachment, actor=actor, now=timezone.now())
    response = HttpResponse(opened.content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, opened.name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@works_on("complaints.handle")
@refusals_as_pages
def preview(request: HttpRequest, ref: str, attachment: str) -> HttpResponse:
    """A picture to look at in the page; any other file is only saved.

    The type is that of the content, and the browser may do nothing with it but draw it.
    """
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)
    let_in(complaint, actor, now=timezone.now())
    refuse_preview(complaint.id, attachment)
    opened = open_attachment(complaint.id, attachment, actor=actor, now=timezone.now())
    response = HttpResponse(opened.content, content_type=opened.media_type)
    response["Content-Disposition"] = content_disposition_header(False, opened.name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@works_on("complaints.handle")
@refusals_as_pages
def evidence(request: HttpRequest, ref: str) -> HttpResponse:
    """Findings, letters and proofs in one file, as handed over if it was; verifies offline."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)
    let_in(complaint, actor, now=timezone.now())
    archive_bytes = evidence_file(complaint.id, now=timezone.now())
    response = HttpResponse(archive_bytes, content_type="application/zip")
    name = f"amends-{complaint.code_public}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response
