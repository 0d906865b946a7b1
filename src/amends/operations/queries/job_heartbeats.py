"""What the jobs tell of themselves, by files beside the data: when each last ended well.

A process that starts names all jobs there are, its own or not: one that nobody runs is late, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class ExpectedRun:
    """A job, the group of processes that runs it, and how often it should end well."""

    name: str
    group: str
    every_s: float


def expect(jobs: Iterable[ExpectedRun], now: datetime) -> None:
    """Name the jobs there are; a new one is awaited from now on, one that is no more is not.

    A disk that takes nothing stops no job: what cannot be told is late, and that is an alarm.
    """
    with suppress(OSError):
        _folder().mkdir(exist_ok=True, mode=0o700)
        known = {_file(one.name): one for one in jobs}
        for file in set(_folder().glob("*.json")) - known.keys():
            file.unlink(missing_ok=True)
        for file, one in known.items():
            if _read(file) is None:
                _write(file, one, now)


def ended_well(job: ExpectedRun, now: datetime) -> None:
    """A job ended well; one that a newer version no longer knows tells nothing."""
    with suppress(OSError):
        if (file := _file(job.name)).exists():
            _write(file, job, now)


def late_s(now: datetime) -> dict[str, float]:
    """By group: by how many seconds its latest job is late; empty before jobs ever ran."""
    late: dict[str, float] = {}
    for file in sorted(_folder().glob("*.json")):
        if (told := _read(file)) is not None:
            job, at = told
            beyond = (now - at).total_seconds() - job.every_s
            late[job.group] = max(late.get(job.group, 0.0), beyond)
    return late


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "jobs"


def _file(name: str) -> Path:
    return _folder() / f"{name.replace(' ', '-')}.json"


def _write(file: Path, job: ExpectedRun, at: datetime) -> None:
    part = file.with_suffix(".part")
    told = {"name": job.name, "group": job.group, "every_s": job.every_s, "at": at.isoformat()}
    part.write_text(json.dumps(told), encoding="utf-8")
    part.replace(file)


def _read(file: Path) -> tuple[ExpectedRun, datetime] | None:
    """The job and when it was told of last; None where nothing, or nothing whole, stands."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        job = ExpectedRun(str(told["name"]), str(told["group"]), float(told["every_s"]))
        return job, datetime.fromisoformat(told["at"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
