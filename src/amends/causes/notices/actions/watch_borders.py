"""Tell whose telephone joined a network abroad though they had not left: near a border."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
from django.db import transaction
from django.utils import timezone

from amends.causes.notices.actions.sightings_file import UnableToReadSightings, read_sightings
from amends.causes.notices.actions.write_due import write_due_of
from amends.causes.notices.models import LastSighted, StreamPosition, WatchedFile
from amends.causes.notices.rules.life_cycle import LifeCycleEvent
from amends.causes.notices.rules.watching import SIGHTED, Marks, at_borders, marks_of
from amends.engines.metering.usage.files import UsageFileOnDisk, files_in, identify
from amends.people.subscribers.queries import allowances_of
from amends.platform.kit.packs import load_rules
from amends.platform.kit.periods import to_ms

_WRITER = "borders"
_FILES_PER_BATCH = 20
_TOO_LATE_MS = 8 * 86_400_000
"""What a file says of longer ago is too late to help; the auditor counts it as missing."""
log = logging.getLogger("amends.causes.notices")


@dataclass(frozen=True, slots=True)
class BorderWatch:
    """What was looked through: files (those seen before are left), rows, lines found, notices."""

    files: int = 0
    repeated: int = 0
    sighted: int = 0
    refused: int = 0
    found: int = 0
    notices: int = 0

    def __add__(self, other: BorderWatch) -> BorderWatch:
        return BorderWatch(*(getattr(self, slot) + getattr(other, slot) for slot in self.__slots__))


def watch_borders(files: Sequence[Path], *, now: datetime) -> BorderWatch:
    """Look through files together, each once by its content.

    Notices, the files' rows and what is carried on are one transaction. Raises
    `UnableToReadSightings` for a file that does not say where lines were; then nothing is written.
    """
    marks = marks_of(load_rules("amends.causes.notices", "watching", timezone.localdate(now)))
    named = {identified.sha256: identified for identified in map(identify, files)}
    fresh = _unseen(named)
    read = [(file, *read_sightings(file.path)) for file in fresh]
    with transaction.atomic():
        StreamPosition.objects.get_or_create(name=_WRITER)
        StreamPosition.objects.select_for_update().get(name=_WRITER)
        still = {file.sha256 for file in _unseen(named)}
        read = [readable for readable in read if readable[0].sha256 in still]
        border_watch = _look_through(read, marks, now) if read else BorderWatch()
    return border_watch + BorderWatch(repeated=len(files) - len(read))


def watch_new(paths: Iterable[Path], *, now: datetime) -> BorderWatch:
    """`watch_borders` for what is new in directories; what cannot be read is logged and left."""
    met = set(WatchedFile.objects.values_list("name", "size_bytes"))
    good = []
    for folder in paths:
        for path in files_in(folder) if folder.is_dir() else []:
            if (path.name, path.stat().st_size) in met:
                continue
            try:
                read_sightings(path)
            except UnableToReadSightings as why:
                _note(identify(path), BorderWatch(), now)
                log.info("%s", why)
            else:
                good.append(path)
            if len(good) == _FILES_PER_BATCH:
                return watch_borders(good, now=now)
    return watch_borders(good, now=now) if good else BorderWatch()


def _unseen(named: dict[str, UsageFileOnDisk]) -> list[UsageFileOnDisk]:
    rows = WatchedFile.objects.filter(sha256__in=list(named))
    seen = set(rows.values_list("sha256", flat=True))
    return [file for sha256, file in named.items() if sha256 not in seen]


def _look_through(
    read: Sequence[tuple[UsageFileOnDisk, pl.DataFrame, int]], marks: Marks, now: datetime
) -> BorderWatch:
    sighted = pl.concat(frame for _, frame, _ in read)
    crossings, carried = at_borders(sighted, _stored_visits(), marks)
    written = write_due_of(_events(crossings, now), now=now)
    for file, frame, refused in read:
        _note(
            file,
            BorderWatch(
                files=1,
                repeated=0,
                sighted=len(frame),
                refused=refused,
                found=len(crossings),
                notices=written,
            ),
            now,
        )
    body = io.BytesIO()
    carried.write_ipc(body, compression="zstd")
    LastSighted.objects.update_or_create(id=1, defaults={"columns": body.getvalue()})
    refused = sum(readable for _, _, readable in read)
    return BorderWatch(
        files=len(read),
        repeated=0,
        sighted=len(sighted),
        refused=refused,
        found=len(crossings),
        notices=written,
    )


def _stored_visits() -> pl.DataFrame:
    row = LastSighted.objects.filter(id=1).first()
    return pl.DataFrame(schema=SIGHTED) if row is None else pl.read_ipc(io.BytesIO(row.columns))


def _note(file: UsageFileOnDisk, border_watch: BorderWatch, now: datetime) -> None:
    WatchedFile.objects.get_or_create(
        sha256=file.sha256,
        defaults={
            "name": file.path.name[:200],
            "size_bytes": file.size_bytes,
            "sighted": border_watch.sighted,
            "refused": border_watch.refused,
            "found": border_watch.found,
            "watched_ms": to_ms(now),
        },
    )


def _events(crossings: pl.DataFrame, now: datetime) -> list[LifeCycleEvent]:
    """An event for each line of ours; visitors' telephones are left out."""
    owners = allowances_of(crossings["service"].unique().to_list())
    return [
        LifeCycleEvent(
            ref=f"{service}@{at_ms}",
            kind="border",
            subscriber=owners[service].subscriber,
            service=service,
            happens_at_ms=at_ms,
            known_at_ms=to_ms(now),
            zone="UTC",
            offer_kind="",
            figures={"country": country},
        )
        for service, at_ms, country in crossings.iter_rows()
        if service in owners and at_ms > to_ms(now) - _TOO_LATE_MS
    ]
