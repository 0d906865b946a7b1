"""Drafts: what somebody is writing, kept sealed on the server, found by a token in their cookie.

The cookie holds the signed token and nothing else. A draft is forgotten 24 hours after it was
begun; once it was sent and received, words and files go at once.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from amends.cases.complaints.actions.attach import MAX_FILES, NewFile, UnableToAttach, checked
from amends.entrances.portals.models import Draft, DraftFile
from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault import stored_files
from amends.platform.vault.sealing import open_sealed, seal

LIFETIME = timedelta(hours=24)
COOKIE = f"{settings.COOKIE_PREFIX}amends_draft"
_SALT = "amends.entrances.portals.draft"
_TABLE = "portals_draft"
_FILES = stored_files.FileStore("portals_draftfile", "key", "drafts")


@dataclass(slots=True)
class DraftText:
    """What somebody has written so far; personal, so it exists only opened or sealed."""

    text: str = ""
    wanted: str = ""
    about: str = ""
    on_behalf: bool = False
    phone: str = ""
    email: str = ""
    name: str = ""
    reach_said: bool = False
    urgent: bool = False
    # Codes of speed tests and series that the browser this was written in has made.
    own_tests: list[str] = field(default_factory=list)
    # Code of the link in an answer on social media; its thread goes along.
    post: str = ""
    # Token of the help centre's cookie: what was read before is shown with the complaint.
    help_visit: str = ""
    # The language of the page, as a code of Django.
    language: str = ""
    # The identified user whose own number it is about, and the service on it, where one is meant.
    subscriber: str = ""
    service: str = ""
    # What it is about: key of the subject, its name in Chinese and in English.
    subjects: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DraftFileView:
    """A file of a draft, by its name."""

    id: str
    name: str
    media_type: str
    size_bytes: int


def draft_of(request: HttpRequest, *, now: datetime) -> Draft | None:
    """The draft whose token the visitor's cookie holds; None if there is none, or it is too old."""
    signed = request.COOKIES.get(COOKIE, "")
    try:
        token = signing.loads(signed, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return Draft.objects.filter(id=str(token), made_at__gt=now - LIFETIME).first()


def begin(*, now: datetime) -> Draft:
    """A new, empty draft."""
    return Draft.objects.create(made_at=now)


def hand_token(response: HttpResponse, draft: Draft) -> None:
    """Give the visitor the key to the draft: a signed token, unreadable for scripts."""
    response.set_cookie(
        COOKIE,
        signing.dumps(draft.id, salt=_SALT),
        max_age=int(LIFETIME.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take_token_back(response: HttpResponse) -> None:
    """The visitor's browser forgets the draft."""
    response.delete_cookie(COOKIE, samesite="Lax")


def words_of(draft: Draft | None) -> DraftText:
    """What stands in the draft, opened."""
    if draft is None or not draft.content:
        return DraftText()
    stored = json.loads(open_sealed(_TABLE, "content", draft.id, bytes(draft.content)))
    field_names = {each.name for each in fields(DraftText)}
    return DraftText(**{name: value for name, value in stored.items() if name in field_names})


def keep(draft: Draft, draft_text: DraftText) -> None:
    """Keep what was written, sealed."""
    draft.content = seal(_TABLE, "content", draft.id, json.dumps(asdict(draft_text)))
    draft.save(update_fields=["content"])


def add_files(draft: Draft, files: list[NewFile]) -> list[UnableToAttach]:
    """Keep files for the draft; what may not be kept comes back with its reason."""
    refused: list[UnableToAttach] = []
    stored_digests = set(draft.files.values_list("sha256", flat=True))
    for file in files:
        digest = sha256(file.content).hexdigest()
        if digest in stored_digests:
            continue
        try:
            if len(stored_digests) >= MAX_FILES:
                raise UnableToAttach("too_many", name=file.name)
            _keep_file(draft, file, digest)
        except UnableToAttach as why:
            refused.append(why)
        else:
            stored_digests.add(digest)
    return refused


def _keep_file(draft: Draft, file: NewFile, digest: str) -> None:
    verdict = checked(file)
    file_id = time_ordered_id()
    _, key = stored_files.write(file_id, file.content, store=_FILES)
    DraftFile.objects.create(
        id=file_id,
        draft=draft,
        name=seal(_FILES.table, "name", file_id, verdict.name),
        key=key,
        media_type=verdict.media_type,
        size_bytes=len(file.content),
        sha256=digest,
    )


def files_of(draft: Draft | None) -> list[DraftFileView]:
    """The files of a draft, by name."""
    if draft is None:
        return []
    return [
        DraftFileView(
            id=row.id, name=_name(row), media_type=row.media_type, size_bytes=row.size_bytes
        )
        for row in draft.files.order_by("id")
    ]


def opened_files(draft: Draft) -> list[NewFile]:
    """The files of a draft with their bytes."""
    return [
        NewFile(
            _name(row),
            stored_files.read(row.id, _FILES.path(row.id), bytes(row.key), store=_FILES),
        )
        for row in draft.files.order_by("id")
    ]


def remove_file(draft: Draft, file_id: str) -> None:
    """Take one file away."""
    removed, _ = draft.files.filter(id=file_id).delete()
    if removed:
        stored_files.remove(_FILES.path(file_id))


def mark_received(draft: Draft, *, complaint: str, opened: bool) -> None:
    """The draft has become a contact: its words and files go, the receipt stays for a day.

    The subject that was picked stays with the receipt, which shows it.

    Received twice at once, the first receipt stands.
    """
    with transaction.atomic():
        fresh = Draft.objects.filter(id=draft.id, complaint="")
        joined = "new" if opened else "joined"
        subjects = words_of(draft).subjects
        rest = json.dumps({"subjects": subjects}) if subjects else ""
        content = seal(_TABLE, "content", draft.id, rest) if rest else b""
        fresh.update(complaint=complaint, joined=joined, content=content)
        files = list(draft.files.values_list("id", flat=True))
        draft.files.all().delete()
    for file_id in files:
        stored_files.remove(_FILES.path(file_id))


def sent_under(code: str) -> Draft | None:
    """The draft that was sent and given this tracking code, while it waits to be received."""
    return Draft.objects.filter(tracking_code=code, complaint="").exclude(tracking_code="").first()


def forget(drafts: list[Draft]) -> None:
    """Drafts are gone, with their files."""
    ids = list(DraftFile.objects.filter(draft__in=drafts).values_list("id", flat=True))
    Draft.objects.filter(id__in=[draft.id for draft in drafts]).delete()
    for file_id in ids:
        stored_files.remove(_FILES.path(file_id))


def stray_files(*, now: datetime) -> list[str]:
    """Files of no draft, older than one may be: left behind by a process that was killed."""
    old = stored_files.older_than(LIFETIME + timedelta(hours=1), now=now, store=_FILES)
    # A draft that was sent keeps its files until it is received, however long that takes.
    of_drafts = {_FILES.path(file_id) for file_id in DraftFile.objects.values_list("id", flat=True)}
    return [path for path in old if path not in of_drafts]


def _name(row: DraftFile) -> str:
    return open_sealed(_FILES.table, "name", row.id, bytes(row.name))
