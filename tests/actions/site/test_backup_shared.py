"""The state of the backup is seen on every machine, and on its own while the database fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone

from amends.operations.backups.status import BackupStatus, read_status, share_status, write_status
from amends.operations.models import BackupReport


@pytest.fixture(autouse=True)
def _first_machine(db: None, settings: object, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "first"
    settings.DATA_DIR.mkdir()
    (tmp_path / "second").mkdir()


def test_another_machine_sees_what_the_first_keeps(settings: object, tmp_path: Path) -> None:
    status = BackupStatus(began_at=timezone.now(), at=timezone.now(), days=14)
    write_status(status)
    assert share_status()
    assert not share_status(), "nothing is newer"
    settings.DATA_DIR = tmp_path / "second"
    assert read_status().days == 14
    assert read_status().at is not None


def test_an_old_file_of_another_machine_overwrites_nothing(
    settings: object, tmp_path: Path
) -> None:
    write_status(BackupStatus(days=14))
    share_status()
    settings.DATA_DIR = tmp_path / "second"
    write_status(BackupStatus(days=3))
    os.utime(tmp_path / "second" / "backup-status.json", (1, 1))
    assert not share_status()
    assert read_status().days == 14


def test_its_own_machine_reads_it_while_the_database_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise OperationalError("disk I/O error")

    write_status(BackupStatus(days=14))
    monkeypatch.setattr(BackupReport.objects, "first", fail)
    assert read_status().days == 14
