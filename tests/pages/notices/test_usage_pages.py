"""A usage file that is stopped is seen by somebody, who lets it pass; then it is counted."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.utils import timezone

from amends.causes.notices.engine_models import UsageFile
from amends.causes.notices.jobs.count_usage import count_usage
from amends.causes.notices.queries.usage import stopped_files
from tests.actions.notices import engine_feed as feed
from tests.pages.conftest import colleague, signed_in
from tests.rules.notices import engine_world as world

pytestmark = pytest.mark.django_db
WHEN = world.START
ADDRESS = "/desk/notices/usage/"


def _calls(path: Path, first: int, size: int, service: str = "svc-1") -> Path:
    numbers = range(first, first + 2_000)
    return feed.parquet(
        path,
        pa.table(
            {
                "record": [f"r{n}" for n in numbers],
                "service": [service] * 2_000,
                "at_ms": [world.START_MS + n for n in numbers],
                "kind": ["data"] * 2_000,
                "amount": [size] * 2_000,
            }
        ),
    )


@pytest.fixture
def place(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A feed whose second file has other units, and whose third is half a file."""
    feed.enrol_lines()
    settings.USAGE_DIR, settings.NETWORK_DIR = tmp_path, tmp_path / "none"
    monkeypatch.setattr(timezone, "now", lambda: WHEN)
    _calls(tmp_path / "a.parquet", 0, 3)
    count_usage(now=WHEN)
    _calls(tmp_path / "b.parquet", 5_000, 3 * 2**20)
    return tmp_path


def _said(language: str, *roles: str) -> str:
    client = signed_in(colleague(f"{language}-{'-'.join(roles)}", *roles), language)
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", str(answer.content.decode()))


def test_a_stopped_file_is_seen_let_pass_and_counted(place: Path) -> None:
    assert count_usage(now=WHEN) is None
    assert count_usage(now=WHEN) is None, "nobody has looked"
    assert stopped_files() == 1
    page = _said("en", "manager")
    assert "of quite another size than usual" in page
    assert page.index("b.parquet") < page.index("a.parquet"), "what waits stands first"
    assert "Checked: accept" in page
    assert "Checked: accept" not in _said("en", "handler")
    number = UsageFile.objects.get(name="b.parquet").pk
    refused = signed_in(colleague("somebody", "handler")).post(f"{ADDRESS}{number}/pass/")
    assert refused.status_code == 403
    manager = signed_in(colleague("boss", "manager"))
    assert manager.post(f"{ADDRESS}{number}/pass/").status_code == 302
    report = count_usage(now=WHEN)
    assert report is not None
    assert report.as_dict()["counted"] == 2_000
    assert stopped_files() == 0
    file = UsageFile.objects.get(pk=number)
    assert (file.state, file.why, file.accepted_ms) == ("done", "", world.START_MS)
    assert file.accepted_by
    assert "accepted by boss" in _said("en", "regulator")
    again = manager.post(f"{ADDRESS}{number}/pass/")
    assert again.status_code == 409 or "not waiting" in str(again.content.decode())


def test_what_became_of_records_is_told_in_both_languages(place: Path) -> None:
    (place / "b.parquet").unlink()
    _calls(place / "c.parquet", 0, 3)  # each of them was seen
    _calls(place / "d.parquet", 20_000, 3, service="nobody")
    half = _calls(place / "e.parquet", 30_000, 3).read_bytes()
    (place / "e.parquet").write_bytes(half[: len(half) // 2])
    count_usage(now=WHEN)
    english, chinese = _said("en", "manager"), _said("zh-hans", "manager")
    for words in ("of lines that are not enrolled", "2,000", "It ends before it should"):
        assert words in english
    for words in ("号码尚未登记", "此前已收到", "文件不完整", "被拦下"):
        assert words in chinese
    assert "accept</button>" not in english, "half a file nobody can let pass"
    number = UsageFile.objects.get(name="e.parquet").pk
    boss = signed_in(colleague("boss", "manager"))
    assert boss.post(f"{ADDRESS}{number}/pass/").status_code != 302
    assert boss.post(f"{ADDRESS}{number}/aside/").status_code == 302
    assert stopped_files() == 0
    assert "dismissed by boss" in _said("en", "regulator")
    os.utime(place / "e.parquet", (WHEN.timestamp(), WHEN.timestamp()))  # as old as it was met
    count_usage(now=WHEN)
    assert stopped_files() == 0, "nobody waits for it any more"


def test_without_usage_the_page_says_where_it_comes_from(db: None) -> None:
    assert "No usage has come yet" in _said("en", "manager")


@pytest.mark.parametrize("kind", ["list", "binary", "damaged", "twice"])
def test_a_file_that_cannot_be_read_stops_no_other(
    place: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    (place / "b.parquet").unlink()
    whole = _calls(place / "b.parquet", 5_000, 3)
    table = pa.parquet.read_table(whole)
    if kind == "list":
        table = table.set_column(4, "amount", pa.array([[1]] * 2_000))
    elif kind == "binary":
        table = table.set_column(1, "service", pa.array([b"\xff\xfe"] * 2_000))
    if kind in ("list", "binary"):
        feed.parquet(whole, table)
    elif kind == "damaged":
        body = bytearray(whole.read_bytes())
        body[100:4_000] = bytes(3_900)
        whole.write_bytes(body)
    else:
        whole.unlink()
        (place / "b.csv").write_text(
            "record,service,at,kind,amount,amount\nx,svc-1,2026-03-27T00:00:00Z,data,1,2\n"
        )
    _calls(place / "z.parquet", 9_000, 3)
    with caplog.at_level(logging.WARNING):
        count_usage(now=WHEN)
    states = dict(UsageFile.objects.values_list("name", "state"))
    assert states.pop("b.csv" if kind == "twice" else "b.parquet") == "stopped"
    assert states == {"a.parquet": "done", "z.parquet": "done"}
    assert "It cannot be read" in _said("en", "manager")


def test_a_file_that_may_not_be_opened_stops_no_other(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from amends.causes.notices.actions import run as counting

    known = counting.identify

    def identify(path: Path) -> Any:
        if path.name == "b.parquet":
            raise PermissionError(13, "Permission denied")
        return known(path)

    monkeypatch.setattr(counting, "identify", identify)
    _calls(place / "z.parquet", 9_000, 3)
    report = count_usage(now=WHEN)
    assert report is not None
    states = {one["file"]: one["state"] for one in report.files}
    assert (states["b.parquet"], states["z.parquet"]) == ("stopped", "counted")
    (closed,) = (one for one in report.files if one["file"] == "b.parquet")
    assert "没有权限" in str(closed["reason"])
