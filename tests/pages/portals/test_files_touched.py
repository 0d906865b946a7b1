"""How much of Amends one complaint passes through, from the web form to the posted reply."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

import pytest
from django.test import Client

import amends
from amends.complaints.jobs import pipeline
from amends.complaints.models import Complaint, Reply
from tests.actions.complaints.conftest import PHONE, World, world
from tests.pages.portals.conftest import NOW, code_sent_for
from tests.pages.portals.test_complain import file_one

__all__ = ["world"]
SOURCE = str(Path(amends.__file__).parent)
MOST_FILES = 1
"""A reading budget: `docs/figures.md`, Architecture, has the figure and how it is counted."""


class Passed:
    """Counts the files of Amends in which a function runs; modules being imported do not count."""

    def __init__(self) -> None:
        self.files: Counter[str] = Counter()

    def __call__(self, frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_name != "<module>" and code.co_filename.startswith(SOURCE):
            self.files[code.co_filename[len(SOURCE) + 1 :]] += 1

    def __enter__(self) -> Passed:
        threading.setprofile(self)
        sys.setprofile(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)


@pytest.mark.django_db
def test_one_complaint_passes_through_few_files(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.cookies["amends_language"] = "en"
    with Passed() as passed:
        file_one(client, text="每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！", phone=PHONE)
        complaint = Complaint.objects.get()
        address = f"/follow/{complaint.code_public}/identity/"
        client.post(address, {"ask": "1"})
        client.post(address, {"digits": code_sent_for(complaint.code_public)})
        while pipeline.process(now=NOW).did_something:
            pass
    assert Reply.objects.filter(complaint=complaint, posted_at__isnull=False).exists()
    apps = Counter(name.partition("/")[0] for name in passed.files)
    assert len(passed.files) <= MOST_FILES, (len(passed.files), apps)
