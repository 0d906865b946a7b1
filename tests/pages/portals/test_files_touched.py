"""How much of Amends one complaint passes through, from the web form to the posted reply."""

from __future__ import annotations

import inspect
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

import pytest
from django.test import Client
from django.utils import timezone

import amends
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint, Reply
from amends.record.ledger.actions.append import append
from tests.actions.complaints.conftest import PHONE, World, covered, world
from tests.pages.portals.conftest import HANDLER, code_sent_for
from tests.pages.portals.test_complain import file_one

__all__ = ["world"]
SOURCE = str(Path(amends.__file__).parent)
MOST_FILES = 178
"""A reading budget: `docs/figures.md`, Architecture, has the figure and how it is counted."""


class Passed:
    """Counts the files of Amends in which a function runs; bodies of modules and classes do not count."""

    def __init__(self) -> None:
        self.files: Counter[str] = Counter()

    def __call__(self, frame: FrameType, event: str, _arg: object) -> None:
        code = frame.f_code
        is_function = code.co_flags & inspect.CO_OPTIMIZED
        if event == "call" and is_function and code.co_filename.startswith(SOURCE):
            self.files[code.co_filename[len(SOURCE) + 1 :]] += 1

    def __enter__(self) -> Passed:
        threading.setprofile(self)
        sys.setprofile(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)


@pytest.mark.django_db
def test_one_complaint_passes_through_few_files(world: World, client: Client) -> None:
    now = timezone.now()
    append(
        [
            covered("crm", "ServiceOrdered,ServiceActivated,ServiceChanged,ServiceStopped", now),
            covered(
                "confirmations", "ConfirmationAsked,ConfirmationGiven,ConfirmationRefused", now
            ),
            covered("billing", "ChargeMade,RefundMade", now),
        ],
        now=now,
    )
    client.cookies["amends_language"] = "en"
    client.get("/complain/")  # what a service imports with its first page does not count
    with Passed() as passed:
        file_one(client, text="每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！", phone=PHONE)
        complaint = Complaint.objects.get()
        address = f"/follow/{complaint.code_public}/identity/"
        client.post(address, {"ask": "1"})
        client.post(address, {"digits": code_sent_for(complaint.code_public)})
        while pipeline.process(now=timezone.now()).did_something:
            pass
        settle(complaint.id, actor=HANDLER, now=timezone.now())
    assert Reply.objects.get(kind__startswith="upheld").posted_at is not None
    apps = Counter(name.partition("/")[0] for name in passed.files)
    assert len(passed.files) <= MOST_FILES, (len(passed.files), apps)
