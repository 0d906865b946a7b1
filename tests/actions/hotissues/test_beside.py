"""Posts and enquiries: series of their own beside complaints, in no issue and in no rate."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from tests.actions.hotissues.desk_days import NOW, ordinary, write
from typer.testing import CliRunner

from amends.cases.complaints.models import Complaint
from amends.entrances.feeds.cli import app
from amends.problems.hotissues.actions.import_posts import PublicPost, UnableToTakePost, take_posts
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.actions.scan_other_sources import scan_other_sources
from amends.problems.hotissues.models import BesideAlarm, Post
from amends.problems.hotissues.queries import issues
from amends.problems.hotissues.queries.other_sources import (
    other_source_alarms,
    other_source_rows,
    other_source_series,
)

pytestmark = pytest.mark.django_db

SAID = "宽带断网一整天了，光猫亮红灯，没人管"


def post(key: str, *, days: int = 0, text: str = SAID, **more: str) -> PublicPost:
    said = {"source": "weibo", "author": f"account-{key}"} | more
    return PublicPost(key=key, posted_at=NOW - timedelta(days=days, minutes=9), text=text, **said)


def quiet(seed: int) -> None:
    chance = np.random.default_rng(seed)
    days = [day for day in range(60) for _ in range(chance.poisson(2))]
    take_posts([post(f"q{at}", days=day) for at, day in enumerate(days)], now=NOW)


def test_a_post_is_masked_classified_and_kept_once() -> None:
    text = f"{SAID}，打我电话13900001234"
    assert take_posts([post("1", text=text), post("1", text=text), post("2")], now=NOW) == (2, 1)
    assert take_posts([post("2")], now=NOW) == (0, 1)
    first = Post.objects.get(key="1")
    assert "13900001234" not in first.text
    assert first.code.startswith("network.")
    assert len(first.author) == 32
    assert "account" not in first.author
    assert Complaint.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "  "},
        {"key": " "},
        {"posted_at": NOW + timedelta(hours=1)},
        {"posted_at": NOW.replace(tzinfo=None)},
    ],
)
def test_a_post_that_cannot_be_counted_is_refused_and_nothing_kept(wrong: dict) -> None:
    said = {"source": "weibo", "key": "1", "posted_at": NOW, "text": SAID}
    with pytest.raises(UnableToTakePost):
        take_posts([post("2"), PublicPost(**(said | wrong))], now=NOW)
    assert Post.objects.count() == 0


def test_posts_that_run_hot_are_told_beside_and_open_no_issue() -> None:
    ordinary(1)
    quiet(1)
    take_posts([post(f"h{at}") for at in range(25)], now=NOW)
    loud = {one.kind: one for one in scan_other_sources(now=NOW)}
    assert loud["post"].alarms > 0
    assert loud["enquiry"].days == 0
    found = other_source_alarms(now=NOW)
    assert {one.kind for one in found} == {"post"}
    assert max(one.persons for one in found) >= 25 > 3 * found[0].expected
    assert issues() == []
    assert scan_desk(now=NOW).issues == []
    again = BesideAlarm.objects.count()
    scan_other_sources(now=NOW)
    assert BesideAlarm.objects.count() == again


def test_one_account_a_hundred_times_is_one_voice() -> None:
    quiet(2)
    take_posts([post(f"b{at}", author="the-same") for at in range(100)], now=NOW)
    scan_other_sources(now=NOW)
    assert other_source_alarms(now=NOW) == []


def test_enquiries_are_a_series_of_their_own_in_the_place_of_an_issue() -> None:
    ordinary(3)
    write([0, 0, 1], "network.outage", area="south", kind="enquiry")
    take_posts([post("1", area="south"), post("2", area="north")], now=NOW)
    scan_desk(now=NOW)
    first, last = (NOW - timedelta(days=3)).date(), NOW.date()
    (enquiries,) = other_source_series("area=south|code=network.outage", first, last)[1:]
    assert (enquiries.kind, enquiries.voices[-2:]) == ("enquiry", [1, 2])
    (posts, _) = other_source_series("area=south|channel=web", first, last)
    assert (posts.kind, posts.total) == ("post", 1)
    assert other_source_rows("post", first, last).height == 2


def test_a_file_is_brought_in_and_its_bad_rows_are_set_aside(tmp_path: Path) -> None:
    now = timezone.now()
    rows = [
        "source,key,posted_at,text,author",
        f"weibo,1,{(now - timedelta(hours=2)).isoformat()},{SAID},a",
        f"weibo,1,{(now - timedelta(hours=2)).isoformat()},{SAID},a",
        f"weibo,2,yesterday,{SAID},b",
        f"forum,3,{(now + timedelta(days=2)).isoformat()},{SAID},c",
        f"forum,4,{now.date()}T00:00:00,,d",
    ]
    file = tmp_path / "posts.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    done = CliRunner().invoke(app, ["posts", str(file), "--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["read"], report["accepted"], report["duplicates"], report["rejected"]) == (
        5,
        1,
        1,
        3,
    )
    assert Path(report["rejects_file"]).exists()
    assert Post.objects.get().source == "weibo"


def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "posts.csv"
    file.write_text("source,text\nweibo,x\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["posts", str(file), "--json"])
    assert done.exit_code != 0
