"""An uploaded file: stored, previewed, handed to the worker, imported, discarded."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from amends.entrances.feeds.complaints.import_file import (
    ImportWishes,
    import_complaints,
    preview_complaints,
)
from amends.entrances.feeds.imports.facts import import_facts
from amends.entrances.feeds.imports.subscribers import import_subscribers
from amends.entrances.feeds.models import UploadedFile
from amends.people.access.queries import may, roles_that_may
from amends.people.access.queries.colleagues import brands_of_people, colleagues, usernames_of
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError, BadInput, Refused
from amends.platform.kit.ids import random_id
from amends.platform.kit.received_files import safe_name
from amends.platform.tabular.dates import ORDERS
from amends.platform.tabular.report import FileReport
from amends.platform.tabular.tables import read_table
from amends.platform.vault.sealing import open_sealed, seal
from amends.platform.vault.stored_files import FileStore, older_than, read, remove, write

MAX_BYTES = 5 * 1024 * 1024
KEPT = timedelta(days=1)
FILES = FileStore("feeds_uploadedfile", "key", "imports")
State = UploadedFile.State


def upload(
    name: str,
    content: bytes,
    *,
    actor: Actor,
    now: datetime,
    kind: str = UploadedFile.Kind.COMPLAINTS,
) -> UploadedFile:
    """Store a file encrypted; nothing of it is imported yet.

    kind  what it holds: complaints, subscribers or facts. Rules decide by records, and codes go to
          the contacts of subscribers: only administrators, who answer for reference data, send
          these in.
    """
    _refuse_registers(kind, actor)
    if actor.brand:
        raise BadInput(
            gettext_noop("Files are of the whole operator; you work for one brand."),
            meaning=gettext_noop("Nothing was stored."),
            next_step=gettext_noop("Ask a colleague who works for all brands."),
            code="upload_refused",
        )
    if not content or len(content) > MAX_BYTES:
        raise BadInput(
            gettext_noop("The file is empty, or larger than %(most)s MB."),
            meaning=gettext_noop("Nothing was stored."),
            next_step=gettext_noop(
                "Import a larger file on the server: amends import complaints FILE."
            ),
            values={"most": MAX_BYTES // 1024**2},
            code="upload_refused",
        )
    ref = random_id()
    path, key = write(ref, content, store=FILES)
    return UploadedFile.objects.create(
        id=ref,
        name=seal(FILES.table, "name", ref, safe_name(name)),
        path=path,
        key=key,
        kind=kind,
        uploaded_by=actor.ref,
        uploaded_at=now,
    )


def may_import_registers(actor: Actor) -> bool:
    """Whether the actor imports subscribers and records, not only complaints."""
    return may(actor.roles, "admin")


def _refuse_registers(kind: str, actor: Actor) -> None:
    if kind != UploadedFile.Kind.COMPLAINTS and not may_import_registers(actor):
        raise Refused(
            gettext_noop("Only an administrator imports subscribers and records."),
            meaning=gettext_noop("Nothing was imported: complaints are decided by these records."),
            next_step=gettext_noop("Give the file to an administrator."),
            code="register_refused",
        )


def newest_upload(kind: str) -> UploadedFile | None:
    """The newest file of a kind that was handed to the worker."""
    handed = UploadedFile.objects.filter(
        kind=kind, state__in=(State.QUEUED, State.DONE, State.FAILED)
    )
    return handed.order_by("-uploaded_at", "id").first()


def file_name(row: UploadedFile) -> str:
    """What the file was called where it came from."""
    return open_sealed(FILES.table, "name", row.id, row.name)


def preview(row: UploadedFile, wishes: Mapping[str, str], *, now: datetime) -> FileReport:
    """How the file would be read; nothing is stored. Raises `BadInput` as the import would."""
    with _opened(row) as path:
        return preview_complaints(path, wishes=_wishes(row, wishes), zone=_zone(), now=now)


def contents(row: UploadedFile) -> dict[str, int]:
    """What a file of subscribers or records holds, without any value: kind of row → rows."""
    with _opened(row) as path:
        table = read_table(path)
    if row.kind == UploadedFile.Kind.FACTS and "kind" in table.header:
        return dict(Counter(cell.strip()[:40] for cell in table.column("kind")).most_common(30))
    return {str(row.get_kind_display()): len(table.rows)}


def waits_for_another(row: UploadedFile, actor: Actor) -> bool:
    """Whether another administrator has to confirm the file of subscribers or records."""
    if row.kind == UploadedFile.Kind.COMPLAINTS or row.uploaded_by != actor.ref:
        return False
    refs = {colleague.ref for colleague in colleagues(roles_that_may("admin"))} - {actor.ref}
    return any(not brand for brand in brands_of_people(refs).values())


def confirm(ref: str, wishes: Mapping[str, str], *, actor: Actor) -> UploadedFile:
    """Hand the file to the worker, which imports it as history under the name of the file.

    Complaints are decided, and paid, by subscribers and records: where there are several
    administrators, another one than the uploader confirms these.
    """
    with transaction.atomic():
        row = UploadedFile.objects.select_for_update().get(id=ref)
        _refuse_registers(row.kind, actor)
        if waits_for_another(row, actor):
            raise Refused(
                gettext_noop("Another administrator confirms this file."),
                meaning=gettext_noop(
                    "The file is stored and not imported. Complaints are decided by these records."
                ),
                next_step=gettext_noop(
                    "Ask another administrator to open it under Imports within a day."
                ),
                code="second_person_needed",
            )
        if row.state != State.UPLOADED:
            raise BadInput(
                gettext_noop("The file was imported or discarded since."),
                next_step=gettext_noop("Upload it again; rows known already change nothing."),
                code="upload_refused",
            )
        row.state = State.QUEUED
        row.wishes = dict(wishes) | {"confirmed_by": actor.ref}
        row.save(update_fields=["state", "wishes"])
    return row


def importers(rows: Iterable[UploadedFile]) -> dict[str, list[str]]:
    """Id of each file → user names of who uploaded it and, if another, who confirmed it."""
    refs = {row.id: [row.uploaded_by, row.wishes.get("confirmed_by", "")] for row in rows}
    names = usernames_of({ref for pair in refs.values() for ref in pair if ref})
    return {
        row: list(dict.fromkeys(names.get(ref, ref) for ref in pair if ref))
        for row, pair in refs.items()
    }


def discard(ref: str, *, actor: Actor, now: datetime) -> None:
    """Remove a file that was not imported."""
    row = UploadedFile.objects.get(id=ref)
    _refuse_registers(row.kind, actor)
    if row.state == State.UPLOADED:
        _end(row, State.DISCARDED, {}, now=now)


def import_confirmed(*, now: datetime) -> int:
    """Import the files that were confirmed, oldest first; how many ended."""
    imported_count = 0
    for row in UploadedFile.objects.filter(state=State.QUEUED).order_by("uploaded_at"):
        try:
            with _opened(row) as path:
                report = _imported(row, path, now=now)
            _end(row, State.DONE, report.as_dict(), now=now)
        except AmendsError as why:
            _end(row, State.FAILED, {"what": why.in_words(gettext)}, now=now)
        imported_count += 1
    return imported_count


def _imported(row: UploadedFile, path: Path, *, now: datetime) -> FileReport:
    """Import an opened file as what it holds."""
    rejects = settings.DATA_DIR / "rejects" / f"{row.id}.rejects.csv"
    if row.kind == UploadedFile.Kind.SUBSCRIBERS:
        out = path.with_name("keys.csv")
        report = import_subscribers(path, rejects=rejects, out=out, now=now, progress=_silent)
        # The pseudonyms stay here: records name the operator's own key (`customer_key`).
        report.notes = [note for note in report.notes if str(out) not in note]
        return report
    if row.kind == UploadedFile.Kind.FACTS:
        return import_facts(path, rejects=rejects, now=now, progress=_silent)
    return import_complaints(
        path, wishes=_wishes(row, row.wishes), rejects=rejects, zone=_zone(), now=now
    )


def _silent(_processed: int, _of: int) -> None:
    """The page of the import shows its end, not its progress."""


def tidy(*, now: datetime) -> int:
    """Remove the bytes of files that nobody confirmed within a day."""
    left = UploadedFile.objects.filter(state=State.UPLOADED, uploaded_at__lt=now - KEPT)
    for row in left:
        _end(row, State.DISCARDED, {}, now=now)
    stored_paths = set(UploadedFile.objects.exclude(path="").values_list("path", flat=True))
    for path in older_than(KEPT, now=now, store=FILES):
        if path not in stored_paths:
            remove(path)
    return len(left)


def _end(row: UploadedFile, state: str, report: dict[str, object], *, now: datetime) -> None:
    """Say what became of a file, and remove its bytes."""
    path, row.path = row.path, ""
    row.state, row.report, row.ended_at = state, report, now
    row.save(update_fields=["state", "report", "ended_at", "path"])
    if path:
        remove(path)


def _wishes(row: UploadedFile, form_values: Mapping[str, str]) -> ImportWishes:
    order = next(
        (date_order for date_order in ORDERS if date_order == form_values.get("date_order")), None
    )
    return ImportWishes(
        date_order=order,
        received=_day(form_values.get("received", "")),
        on=_day(form_values.get("on", "")),
        source=Path(file_name(row)).stem[:40],
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


@contextmanager
def _opened(row: UploadedFile) -> Iterator[Path]:
    """The file under its own name, readable by us alone, for as long as it is read."""
    if not row.path:
        raise BadInput(
            gettext_noop("The file was imported or discarded since."),
            next_step=gettext_noop("Upload it again; rows known already change nothing."),
            code="upload_refused",
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file_name(row)
        path.write_bytes(read(row.id, row.path, row.key, store=FILES))
        yield path


def oldest_queued_at() -> datetime | None:
    """When the oldest file was uploaded that waits to be imported."""
    rows = UploadedFile.objects.filter(state=UploadedFile.State.QUEUED)
    return rows.order_by("uploaded_at").values_list("uploaded_at", flat=True).first()
