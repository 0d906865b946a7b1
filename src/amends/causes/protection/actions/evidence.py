"""Screenshots and files of multimedia messages that prove a report: encrypted on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import PurePosixPath

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from amends.causes.protection.authority import check
from amends.causes.protection.models import NuisanceReport, ReportEvidence
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.ids import time_ordered_id
from amends.platform.kit.received_files import inspect_file
from amends.platform.vault import stored_files
from amends.platform.vault.sealing import open_sealed, seal

FILES = stored_files.FileStore("protection_evidence", "key", "protection")
MAX_FILES = 3
MAX_FILE_BYTES = 5 * 1024 * 1024
_PREFIXES = ("image/", "audio/", "video/", "text/plain", "application/pdf")
_OLDER_THAN = timedelta(days=1)


class UnableToAddEvidence(BadInput):
    """The file is too large, of another type, or one too many."""

    code = "unable_to_add_evidence"


class UnableToOpenEvidence(BadInput):
    """There is no such file."""

    code = "unable_to_open_evidence"


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file as it was received; its name may be anything."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OpenedEvidence:
    """A stored file, opened; `name` is safe to save under."""

    name: str
    media_type: str
    content: bytes


def check_evidence(files: Sequence[EvidenceFile]) -> None:
    """Refuse files that cannot be stored, before the report is: `UnableToAddEvidence`."""
    if len(files) > MAX_FILES:
        raise UnableToAddEvidence(
            _("A report has at most %(most)s files."),
            meaning=_("Nothing was stored."),
            next_step=_("Leave out the others."),
            values={"most": MAX_FILES},
        )
    for file in files:
        verdict = inspect_file(file.name, file.content, max_bytes=MAX_FILE_BYTES)
        if verdict.refused or not verdict.media_type.startswith(_PREFIXES):
            raise UnableToAddEvidence(
                _("The file “%(name)s” cannot be taken."),
                meaning=_("Nothing was stored."),
                next_step=_("Send an image, a recording, a PDF or a text of at most 5 MB."),
                values={"name": verdict.name},
            )


def add_evidence(report: str, files: Sequence[EvidenceFile], *, now: datetime) -> list[str]:
    """Store files with a report; their ids. The same bytes twice are one file."""
    check_evidence(files)
    added = []
    for file in files:
        digest = sha256(file.content).hexdigest()
        if ReportEvidence.objects.filter(report=report, sha256=digest).exists():
            continue
        verdict = inspect_file(file.name, file.content, max_bytes=MAX_FILE_BYTES)
        ref = time_ordered_id()
        _path, key = stored_files.write(ref, file.content, store=FILES)
        with transaction.atomic():
            ReportEvidence.objects.create(
                id=ref,
                report_id=report,
                name=seal(FILES.table, "name", ref, verdict.name),
                key=key,
                media_type=verdict.media_type,
                size_bytes=len(file.content),
                sha256=digest,
                added_at=now,
            )
        added.append(ref)
    return added


def open_evidence(ref: str, *, actor: Actor) -> OpenedEvidence:
    """A file of a report, for people who may see reports (of its brand)."""
    check(actor, "protection.read")
    rows = ReportEvidence.objects.filter(id=ref)
    if actor.brand:
        rows = rows.filter(report__in=NuisanceReport.objects.filter(brand__in=("", actor.brand)))
    row = rows.first()
    if row is None:
        raise UnableToOpenEvidence(
            _("There is no such file."), next_step=_("Choose one from the report.")
        )
    content = stored_files.read(row.id, FILES.path(row.id), bytes(row.key), store=FILES)
    name = open_sealed(FILES.table, "name", row.id, bytes(row.name))
    return OpenedEvidence(name, row.media_type, content)


def remove_evidence(rows: QuerySet[ReportEvidence]) -> int:
    """Delete files and their rows; how many."""
    ids = list(rows.values_list("id", flat=True))
    ReportEvidence.objects.filter(id__in=ids).delete()
    stored_files.remove_all(FILES.path(file_id) for file_id in ids)
    return len(ids)


def tidy_evidence(*, now: datetime) -> int:
    """Delete files older than a day that have no row: their transaction did not commit."""
    paths_by_name = {
        PurePosixPath(path).name: path
        for path in stored_files.older_than(_OLDER_THAN, now=now, store=FILES)
    }
    known_names = set(
        ReportEvidence.objects.filter(id__in=list(paths_by_name)).values_list("id", flat=True)
    )
    stray = [path for name, path in paths_by_name.items() if name not in known_names]
    stored_files.remove_all(stray)
    return len(stray)
