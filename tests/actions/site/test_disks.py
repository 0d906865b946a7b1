"""How full disks are: each once, the keeper's too, and an alarm before one is full."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from amends.operations.backups.status import BackupStatus, write_status
from amends.operations.health.alarms import sounding
from amends.operations.health.disks import disks
from amends.operations.health.readings import readings
from amends.operations.queries.disk_usage import used_share
from amends.operations.web.health import operation_context
from amends.platform.environment.settings_values import folders
from tests.actions.complaints.conftest import NOW


@pytest.fixture(autouse=True)
def _apart(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"


def _statvfs(blocks: int, free: int, ours: int, files: int, files_left: int) -> os.statvfs_result:
    return os.statvfs_result(
        (4096, 4096, blocks, free, ours, files, files_left, files_left, 0, 255)
    )


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("found", "share"),
    [
        (_statvfs(1000, 500, 500, 100, 90), 0.5),
        (_statvfs(1000, 100, 50, 100, 90), 900 / 950),  # what is kept for root is no room
        (_statvfs(1000, 500, 500, 100, 5), 0.95),  # room, and no places for files
        (_statvfs(1000, 500, 500, 0, 0), 0.5),  # a file system that counts no files
        (_statvfs(0, 0, 0, 0, 0), 1.0),
    ],
)
def test_the_share_is_the_one_that_runs_out_first(
    monkeypatch: pytest.MonkeyPatch, found: os.statvfs_result, share: float
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda path: found)
    assert used_share(Path("/anywhere")) == pytest.approx(share)


@pytest.mark.no_database
def test_what_is_gone_tells_nothing(tmp_path: Path) -> None:
    assert used_share(tmp_path / "gone") is None


@pytest.mark.no_database
def test_a_disk_is_told_once_and_the_keeper_tells_of_its_own(
    db: None, settings: Any, tmp_path: Path
) -> None:
    settings.DISKS = [tmp_path, tmp_path / "gone"]
    write_status(BackupStatus(disk_used_share=0.25))
    assert [(one.of, one.used_share is None) for one in disks()] == [
        ("data", False),
        (str(tmp_path / "gone"), True),
        ("backup", False),
    ]
    assert disks()[-1].used_share == 0.25


@pytest.mark.parametrize(("taken", "is_heard"), [(0.9, False), (0.91, True)])
def test_a_disk_that_fills_asks_for_somebody(
    db: None, monkeypatch: pytest.MonkeyPatch, taken: float, is_heard: bool
) -> None:
    monkeypatch.setattr("amends.operations.health.disks.used_share", lambda path: 0.5)
    write_status(BackupStatus(disk_used_share=taken))
    heard = [
        (one.alarm.id, [reading.labels["disk"] for reading in one.readings])
        for one in sounding(readings(now=NOW))
        if one.alarm.metric == "amends_disk_used_ratio"
    ]
    assert heard == ([("AmendsDiskFull", ["backup"])] if is_heard else [])


@pytest.mark.parametrize(
    ("language", "word"), [("zh-hans", "连续备份"), ("en", "continuous backup")]
)
def test_the_page_names_the_disk(
    db: None, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    from django.utils import timezone, translation

    monkeypatch.setattr(timezone, "now", lambda: NOW)
    write_status(BackupStatus(disk_used_share=0.99))
    with translation.override(language):
        found = operation_context()
        [told] = [one for one in found["alarms"] if "df -h" in str(one["do"])]
        assert [row["labels"] for row in told["where"]][-1] == word


@pytest.mark.no_database
def test_a_folder_that_is_not_there_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AMENDS_DISKS", f"{tmp_path}, /")
    assert folders("AMENDS_DISKS") == [tmp_path, Path("/")]
    for wrong in (str(tmp_path / "gone"), "here"):
        monkeypatch.setenv("AMENDS_DISKS", wrong)
        with pytest.raises(ImproperlyConfigured, match="no folder is there"):
            folders("AMENDS_DISKS")
