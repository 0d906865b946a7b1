"""Files whose row never came are removed after a day; files of complaints stay."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.clock import MORNING, begin_at

from amends.cases.complaints.actions.attach import NewFile, attach, open_attachment
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs.remove_orphaned_files import tidy_files
from amends.cases.complaints.queries.attachments import FILES
from amends.platform.kit.actors import system
from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault import stored_files
from amends.site.schedule import Schedule

pytestmark = pytest.mark.django_db
NOW = MORNING


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW)


def test_only_what_no_row_names_is_removed(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    said = Submission(channel="web", key="k", text="多扣了我十块钱", received_at=NOW)
    receipt = receive(said, now=NOW)
    (kept,) = attach(receipt.contact, [NewFile("bill.txt", b"ten yuan")], now=NOW)
    stray, fresh = time_ordered_id(), time_ordered_id()
    for name in (stray, fresh):
        stored_files.write(name, b"of a killed process", store=FILES)
    long_ago = (NOW - timedelta(days=2)).timestamp()
    for name in (kept, stray):
        os.utime(tmp_path / FILES.path(name), (long_ago, long_ago))
    assert tidy_files(now=NOW) == 1
    assert not (tmp_path / FILES.path(stray)).exists()
    assert (tmp_path / FILES.path(fresh)).exists()
    opened = open_attachment(receipt.complaint, kept, actor=system("desk"), now=NOW)
    assert opened.content == b"ten yuan"


def test_the_schedule_forgets_drafts_and_strays() -> None:
    names = {job.name for job in Schedule().jobs}
    assert {"tidy", "files", "drafts", "handovers"} <= names
