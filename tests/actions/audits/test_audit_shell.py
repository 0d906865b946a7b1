"""`amends notices audit` and `coverage` as scripts use them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import shell
from amends.platform.kit.periods import to_ms
from tests.actions.audits.test_audit import AT, MB_BYTES, all_covered, charge, document, record

PERIOD = ("--from", "2026-10-01", "--to", "2026-11-01")


@pytest.mark.django_db
def test_a_file_of_usage_shows_what_was_owed(tmp_path: Path) -> None:
    record(*all_covered(), charge("c-1", "p", AT + timedelta(days=3), 700))
    path = tmp_path / "usage.csv"
    pl.DataFrame(
        [
            {
                "record": "r1",
                "service": "svc-p",
                "subscriber": "p",
                "kind": "data",
                "amount": 101 * MB_BYTES,
                "limit": 100 * MB_BYTES,
                "at_ms": to_ms(AT),
            },
        ]
    ).write_csv(path)
    before = shell.amends("notices", "coverage", *PERIOD, "--json", "--check")
    assert (before.code, before.document["duties"]) == (0, [])
    done = shell.amends("notices", "audit", str(path), *PERIOD, "--json")
    assert done.code == 0, done.err
    assert (done.document["owed"], done.document["stated"]) == (2, 2)
    assert done.document["untold_minor"] == {"CNY": 700}
    assert "cn.prepaid_expiry" in done.document["not_audited"]
    found = shell.amends("notices", "coverage", *PERIOD, "--json", "--check")
    assert found.code == 1
    (first, second) = found.document["duties"]
    assert {first["duty"], second["duty"]} == {"cn.allowance_near", "cn.allowance_reached"}
    assert (first["due"], first["missing"], first["covered_share"]) == (1, 1, 0.0)
    assert first["months"][0]["period"] == "2026-10-01"
    words = shell.amends("notices", "coverage", *PERIOD)
    assert "cn.allowance_reached" in words.out


@pytest.mark.django_db
def test_all_in_time_is_no_finding() -> None:
    near = document(
        "NoticeDelivered",
        "p",
        AT,
        "k1",
    ).payload | {"duty": "cn.allowance_near"}
    record(
        *all_covered(),
        charge("c-1", "p", AT, 700),
        document("NoticeDelivered", "p", AT, "k2"),
    )
    from amends.record.facts.fact import Fact

    record(Fact("NoticeDelivered", "p", "svc-p", AT, "notices", near))
    assert shell.amends("notices", "audit", *PERIOD).code == 0
    done = shell.amends("notices", "coverage", *PERIOD, "--json", "--check")
    assert (done.code, [one["in_time"] for one in done.document["duties"]]) == (0, [1, 1])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "soon"), "“soon” is not a"),
        (("--from", "2026-10-01", "--to", "2026-09-01"), "ends before it starts"),
        (("--pack", "atlantis"), "atlantis"),
    ],
)
def test_what_cannot_be_understood_exits_two(options: tuple[str, ...], said: str) -> None:
    done = shell.amends("notices", "coverage", *options)
    assert done.code == 2
    assert said in done.err


@pytest.mark.django_db
def test_processes_in_red_are_a_finding() -> None:
    from amends.cases.examinations.actions.examine import check_process
    from amends.cases.examinations.queries import processes
    from amends.platform.kit.actors import Actor

    now = datetime.now(UTC)
    done = shell.amends("notices", "examination", "--json", "--check")
    assert done.code == 1
    assert {row["standing"] for row in done.document["processes"]} == {"unchecked"}
    boss = Actor("user", "usr-boss", ("manager",))
    for process in processes(now.date()):
        check_process(process.id, note="Looked at ten contracts.", actor=boss, now=now)
    again = shell.amends("notices", "examination", "--json", "--check")
    assert again.code == 0
    assert {row["standing"] for row in again.document["processes"]} == {"checked"}
    assert "Sale and order" in shell.amends("notices", "examination").out
