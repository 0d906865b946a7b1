"""`amends notices enrol` and `run` from the shell: one JSON document, exit codes, a rejects file."""

from __future__ import annotations

import json
import time

import pytest

from tests.actions.notices import engine_feed as feed
from tests.rules.notices import engine_world as world
from tests.shell import amends


@pytest.mark.sqlite_only
def test_from_a_file_of_lines_to_notices(transactional_db, tmp_path):
    lines = tmp_path / "lines.csv"
    lines.write_text(
        "service,subscriber,zone,day,plan,data_mb\n"
        "svc-0,person-0,Asia/Shanghai,1,small,100\nsvc-1,person-1,Europe/Berlin,31,small,100\n",
        encoding="utf-8",
    )
    enrolled = amends("notices", "enrol", str(lines), "--json")
    assert enrolled.document == {"first": 0, "added": 2, "known": 0}
    usage = tmp_path / "usage.csv"
    now = world.Columns()
    at = int(time.time() * 1000) - 3_600_000
    for n in range(4):
        now.use(n, at + n, amount=90 * world.MB, record=n + 1)
    feed.csv(usage, feed.as_table(now.batch()))
    rejects = tmp_path / "rejects.csv"
    ran = amends("notices", "run", str(usage), "--json", "--rejects", str(rejects))
    document = ran.document
    assert ran.code == 0
    assert (document["records"], document["duplicates"], document["rejected"]) == (4, 0, 2)
    assert document["notices"] == 2
    assert rejects.read_text("utf-8").split() == [
        "file,row,reason",
        "usage.csv,3,unknown_line",
        "usage.csv,4,unknown_line",
    ]
    later = world.Columns().use(7, at, amount=1, record=9)
    said = amends(
        "notices", "run", str(feed.csv(tmp_path / "b.csv", feed.as_table(later.batch())))
    ).out
    assert "Rejected: 1 of lines that are not enrolled" in said
    assert "b.csv, row 1: of lines that are not enrolled" in said
    again = json.loads(amends("notices", "run", str(usage), "--json").out)
    assert again["notices_sha256"] == document["notices_sha256"]
    usage.write_text("record,service\n", encoding="utf-8")
    refused = amends("notices", "run", str(usage), "--json")
    assert refused.code == 2
    assert "usage.csv, line 1" in refused.err
