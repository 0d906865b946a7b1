"""Attach: files that came with a contact, sealed on disk under a key of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.models import Attachment, Contact, Event
from amends.cases.complaints.queries.attachments import FILES, PREVIEWED, attachment_name
from amends.platform.kit import received_files as received
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import time_ordered_id
from amends.platform.kit.received_files import FileVerdict, inspect_file
from amends.platform.vault import stored_files
from amends.platform.vault.sealing import seal

MAX_FILES = 5
MAX_FILE_BYTES = 5 * 1024 * 1024

# What proves something: pictures, documents, recordings. Old office files may carry macros.
_REFUSED_TYPES = frozenset({"application/msword", "application/rtf", "video/mp4"})


class UnableToAttach(BadInput):
    """The file may not be kept; `reason` says why, in a word a page can explain."""

    code = "unable_to_attach"

    def __init__(self, reason: str, *, name: str = "", what: str = "") -> None:
        self.reason = reason
        self.name = name
        super().__init__(
            what or _("A file cannot be taken."),
            meaning=_("It was not stored."),
            next_step=_("Send a picture, a PDF, a text or a recording of at most 5 MB."),
        )


class UnableToOpenAttachment(BadInput):
    """There is no such file, or the scanner has not passed it."""

    code = "attachment_unknown"


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as somebody sent it; its name may hold anything."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OpenedAttachment:
    """A stored file, opened; `name` is safe to show and to save under."""

    name: str
    media_type: str
    content: bytes


def checked(file: NewFile, *, max_bytes: int = MAX_FILE_BYTES) -> FileVerdict:
    """What the file is by its content, under a safe name; raises UnableToAttach."""
    verdict = inspect_file(file.name, file.content, max_bytes=max_bytes)
    refused = verdict.refused
    if not refused and verdict.media_type in _REFUSED_TYPES:
        refused = "type_not_allowed"
    if refused:
        raise UnableToAttach(refused, name=verdict.name)
    return verdict


def attach(contact: str, files: Sequence[NewFile], *, now: datetime) -> list[str]:
    """Keep files with a contact; their ids, in the order given. All of them or none.

    The same bytes again for the same contact are the file that is there, so that a repeated
    delivery changes nothing.
    """
    if len(files) > MAX_FILES:
        raise UnableToAttach(
            "too_many", what=gettext("A contact has at most %(n)s files.") % {"n": MAX_FILES}
        )
    return _store(contact, files, [checked(file) for file in files], now)


def attach_received(
    contact: str, files: Sequence[NewFile], *, refused: Sequence[str] = (), now: datetime
) -> list[str]:
    """Keep what came along with a message on a channel; the ids of the files kept.

    refused  why the channel itself has not kept others

    A message is never refused for its files. What cannot be kept is an event with its reasons, so
    that whoever handles the complaint asks for it.
    """
    accepted_files: list[tuple[NewFile, FileVerdict]] = []
    left = [why for why in refused if why]
    for file in files:
        try:
            accepted_files.append((file, checked(file, max_bytes=received.MAX_FILE_BYTES)))
        except UnableToAttach as why:
            left.append(why.reason)
    ids = _store(
        contact,
        [file for file, _ in accepted_files],
        [verdict for _, verdict in accepted_files],
        now,
    )
    if left:
        complaint = Contact.objects.values_list("complaint_id", flat=True).get(id=contact)
        Event.objects.create(
            complaint_id=complaint,
            at=now,
            verb="files_left_out",
            actor="amends",
            details={"contact": contact, "files": len(left), "why": sorted(set(left))},
        )
    return ids


def _store(
    contact: str, files: Sequence[NewFile], verdicts: Sequence[FileVerdict], now: datetime
) -> list[str]:
    if not files:
        return []
    digests = [sha256(file.content).hexdigest() for file in files]
    stored_ids = dict(Attachment.objects.filter(contact=contact).values_list("sha256", "id"))
    # Bytes first: they may be slow, and a write transaction should be short.
    fresh: dict[str, Attachment] = {}
    for file, verdict, digest in zip(files, verdicts, digests, strict=True):
        if digest not in stored_ids and digest not in fresh:
            fresh[digest] = _stored(contact, file, verdict, digest)
    with transaction.atomic():
        rows = Contact.objects.select_for_update()
        complaint = rows.values_list("complaint_id", flat=True).get(id=contact)
        # The same delivery may have come twice at once, and the other may have been quicker.
        stored_ids |= Attachment.objects.filter(contact=contact).values_list("sha256", "id")
        added = [row for digest, row in fresh.items() if digest not in stored_ids]
        Attachment.objects.bulk_create(added)
        if added:
            Event.objects.create(
                complaint_id=complaint,
                at=now,
                verb="files_attached",
                actor="amends",
                details={"contact": contact, "files": len(added)},
            )
    for digest in fresh.keys() & stored_ids.keys():
        stored_files.remove(FILES.path(fresh[digest].id))
    ids = {digest: row.id for digest, row in fresh.items()} | stored_ids
    return [ids[digest] for digest in digests]


def open_attachment(ref: str, attachment: str, *, actor: Actor, now: datetime) -> OpenedAttachment:
    """A file of the complaint `ref`, opened for `actor`; that it was opened is an event.

    The caller answers for the right to read it. What it serves must never be shown inline.
    """
    with transaction.atomic():
        row = Attachment.objects.filter(id=attachment, contact__complaint=ref).first()
        if row is None:
            raise UnableToOpenAttachment(
                _("There is no such file."), next_step=_("Go back and choose one of the list.")
            )
        _refuse_unscanned(row)
        content = stored_files.read(row.id, FILES.path(row.id), bytes(row.key), store=FILES)
        Event.objects.create(
            complaint_id=ref,
            at=now,
            verb="file_opened",
            actor=actor.ref,
            details={"attachment": row.id},
        )
    return OpenedAttachment(attachment_name(row), row.media_type, content)


def refuse_preview(ref: str, attachment: str) -> None:
    """Raise UnableToOpenAttachment for a file of a complaint that no page may show."""
    rows = Attachment.objects.filter(id=attachment, contact__complaint=ref)
    media_type = rows.values_list("media_type", flat=True).first()
    if media_type is not None and media_type not in PREVIEWED:
        raise UnableToOpenAttachment(
            _("Only pictures are shown in the page."),
            meaning=_("Other files may run programs."),
            next_step=_("Save the file, and open it where that is safe."),
        )


def _refuse_unscanned(row: Attachment) -> None:
    if row.scan == Attachment.Scan.INFECTED:
        raise UnableToOpenAttachment(
            _("The scanner found malware in this file."),
            meaning=_("It is opened for nobody."),
            next_step=_("Ask the person for another copy, such as a photo or a printout."),
        )
    if settings.SCANNER and row.scan != Attachment.Scan.CLEAN:
        raise UnableToOpenAttachment(
            _("This file has not been scanned for malware yet."),
            meaning=_("It is opened for nobody before that."),
            next_step=_("Try again in a minute. If it stays so, tell an administrator."),
        )


def _stored(contact: str, file: NewFile, verdict: FileVerdict, digest: str) -> Attachment:
    file_id = time_ordered_id()
    _, sealed_key = stored_files.write(file_id, file.content, store=FILES)
    return Attachment(
        id=file_id,
        contact_id=contact,
        name=seal(FILES.table, "name", file_id, verdict.name),
        key=sealed_key,
        media_type=verdict.media_type,
        size_bytes=len(file.content),
        sha256=digest,
    )
