"""Audits of files, and reports of other systems: read as they are written, bad rows told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from actions.confirmations.conftest import Shop
from actions.confirmations.test_look_back import BEGUN
from amends.causes.confirmations.actions.audit_files import read_reports
from amends.causes.confirmations.queries import found_by
from amends.platform.kit.errors import BadInput
from amends.work.remedies.queries import remedies_of

pytestmark = pytest.mark.django_db

CHARGES = """charge,service,offer,charged_at,amount_minor,kind,partner,started_at
c1,s1,ring,2026-05-01T00:00:00Z,1000,value_added,p,2026-04-20T00:00:00Z
c2,s2,ring,2026-05-01T00:00:00Z,1000,value_added,p,2026-04-20T00:00:00Z
c3,s3,ring,rubbish,1000,value_added,p,
c4,s4,ring,2026-05-01T00:00:00Z,700,value_added,q,2019-04-20T00:00:00Z
"""
GIVEN = """service,offer,given_at,event
s1,ring,2026-04-20T00:00:00Z,given
s2,ring,2026-04-19T00:00:00Z,given
s2,ring,2026-04-21T00:00:00Z,withdrawn
"""


def audit(tmp_path: Path, capsys, *more: str, charges: str = CHARGES, given: str = GIVEN):
    import typer

    from amends.causes.confirmations.cli import app

    files = [tmp_path / "charges.csv", tmp_path / "given.csv"]
    for file, text in zip(files, (charges, given), strict=True):
        file.write_text(text)
    command = typer.main.get_command(app)
    with pytest.raises(SystemExit) as ended:
        command(["audit", *map(str, files), "--json", *more])
    return json.loads(capsys.readouterr().out), ended.value.code


def test_two_files_are_audited_from_the_shell(tmp_path: Path, capsys) -> None:
    said, code = audit(tmp_path, capsys)
    assert code == 0
    assert (said["read"], said["rejected"], said["unconfirmed_charges"]) == (4, 1, 2)
    assert said["verdicts"]["withdrawn"] == 1
    (rejected,) = said["rejects"]
    assert rejected["file"] == "charges.csv"
    assert rejected["reason"].endswith(("is not a time", "is not a whole number", "is empty"))
    kept = tmp_path / "rejects.csv"
    said, code = audit(tmp_path, capsys, "--rejects", str(kept))
    assert kept.read_text().splitlines() == [
        "file,row,reason",
        f"charges.csv,{rejected['row']},{rejected['reason']}",
    ]
    said, code = audit(tmp_path, capsys, "--check", "--covered-from", "2026-01-01")
    assert (code, said["verdicts"]["not_covered"], said["unconfirmed_charges"]) == (1, 1, 1)


def test_what_an_earlier_audit_wrote_is_not_lost(tmp_path: Path, capsys) -> None:
    kept, out = tmp_path / "rejects.csv", tmp_path / "found.csv"
    wanted = ("--rejects", str(kept), "--out", str(out))
    assert audit(tmp_path, capsys, *wanted)[0]["notes"] == []
    first = kept.read_text(), out.read_text()
    with pytest.raises(BadInput, match="exists already"):
        audit(tmp_path, capsys, *wanted)
    again = audit(tmp_path, capsys, *wanted, "--force")[0]
    assert again["notes"] == [], "the same again is no other file"
    fewer = CHARGES.replace("rubbish", "2026-05-01T00:00:00Z")
    said, _code = audit(tmp_path, capsys, *wanted, "--force", charges=fewer)
    assert [note.rpartition("/")[2] for note in said["notes"]] == ["rejects-1.csv."]
    assert (tmp_path / "rejects-1.csv").read_text() == first[0]
    assert out.read_text() != first[1]


def test_a_charge_that_is_listed_twice_is_counted_once(tmp_path: Path, capsys) -> None:
    said, _ = audit(tmp_path, capsys, charges=CHARGES + CHARGES.splitlines()[2] + "\n")
    assert (said["rejected"], said["unconfirmed_charges"]) == (2, 2)
    assert said["rejects"][-1] == {
        "file": "charges.csv",
        "row": 5,
        "reason": "this charge stands further up already",
    }


def test_orders_of_no_state_and_refunds_of_no_audit_are_refused(db: None) -> None:
    import typer

    from amends.causes.confirmations.cli import app

    command = typer.main.get_command(app)
    with pytest.raises(BadInput, match="No order is ever “done”"):
        command(["orders", "--state", "done"])
    with pytest.raises(BadInput, match="There is no audit of this reference"):
        command(["refund", "nothing"])


def test_a_file_without_its_column_says_which(tmp_path: Path, capsys) -> None:
    with pytest.raises(BadInput, match=r"charges.csv, line 1: The file has no column amount_minor"):
        audit(tmp_path, capsys, charges="charge,service,charged_at\n")
    with pytest.raises(BadInput, match=r"given_at"):
        audit(tmp_path, capsys, given="service\ns1\n")


def test_services_of_other_systems_are_imported_with_their_source(shop: Shop, tmp_path, capsys):
    import typer

    from amends.causes.confirmations.cli import app
    from amends.causes.confirmations.queries import uncovered

    file = tmp_path / "crm.csv"
    row = f"svc-9,{shop.person},ring,2026-05-01T00:00:00Z"
    file.write_text(f"service,subscriber,offer,since,source_ref\n{row},r-1\n{row},\n")
    for accepted in (1, 0):
        with pytest.raises(SystemExit):
            typer.main.get_command(app)(["observe", str(file), "--source", "crm", "--json"])
        said = json.loads(capsys.readouterr().out)
        assert (said["read"], said["accepted"], said["rejected"]) == (2, accepted, 1)
        assert said["rejects"] == [{"file": "crm.csv", "row": 2, "reason": "source_ref is empty"}]
    assert [(one.service, one.source, one.source_ref) for one in uncovered()] == [
        ("svc-9", "crm", "r-1")
    ]


def test_another_system_says_when_a_service_ended(shop: Shop, tmp_path, capsys) -> None:
    import typer

    from amends.causes.confirmations.cli import app
    from amends.causes.confirmations.queries import mine, standing_of

    file = tmp_path / "crm.csv"

    def told(*rows: str) -> dict:
        head = "service,subscriber,offer,since,source_ref,until"
        file.write_text("\n".join((head, *rows)) + "\n")
        with pytest.raises(SystemExit):
            typer.main.get_command(app)(["observe", str(file), "--source", "crm", "--json"])
        return json.loads(capsys.readouterr().out)

    begun = f"svc-9,{shop.person},ring,2026-05-01"
    assert told(f"{begun},r-1,")["accepted"] == 1
    assert standing_of("svc-9").state == "uncovered"
    past = f"svc-9,{shop.person},gift,2025-05-01,r-0,2026-04-01"
    assert told(past, f"{begun},r-2,soon", f"{begun},r-3,2026-01-01")["rejected"] == 2
    assert standing_of("svc-9").state == "uncovered", "what ended before it began ends nothing"
    for accepted in (1, 0):
        said = told(f"{begun},r-1,2026-06-01T08:00")
        assert (said["accepted"], said["uncovered"]) == (accepted, 0)
    assert standing_of("svc-9").state == "stopped"
    ended = [one.until for one in mine(shop.person) if one.offer == "ring"]
    assert ended == [datetime(2026, 6, 1, tzinfo=UTC)]


def test_the_audit_of_a_file_opens_its_refunds_and_ranks_the_partners(
    shop: Shop, tmp_path: Path, capsys
) -> None:
    """From a file of charges to money back, a letter to the user, and the partner on the page."""
    from amends.causes.confirmations.cli import app
    from amends.causes.confirmations.queries import audits
    from amends.people.subscribers.actions.open_services import NewService, open_services

    (tone,) = open_services([NewService(shop.person, "value_added", BEGUN, "ring", "1")])
    charges = tmp_path / "charges.csv"
    charges.write_text(
        "charge,service,charged_at,amount_minor,started_at,partner,kind,offer\n"
        f"f-1,{tone},2026-10-03T00:00:00Z,1000,2026-09-05T00:00:00Z,ring-co,value_added,ring\n"
        f"f-2,{tone},2026-11-03T00:00:00Z,1000,2026-09-05T00:00:00Z,ring-co,value_added,ring\n"
        "f-3,svc-stranger,2026-11-03T00:00:00Z,700,2026-09-05T00:00:00Z,ring-co,value_added,ring\n"
        f"f-4,{shop.plan},2026-11-03T00:00:00Z,3000,2026-09-05T00:00:00Z,,monthly_fee,hours\n",
        encoding="utf-8",
    )
    words = tmp_path / "words.csv"
    words.write_text(
        f"service,given_at,offer\n{shop.plan},2026-09-04T23:59:00Z,hours\n", encoding="utf-8"
    )
    app(["audit", str(charges), str(words), "--keep", "--json"], standalone_mode=False)
    said = json.loads(capsys.readouterr().out)
    assert (said["unconfirmed_charges"], said["unknown_services"]) == (3, 1)
    assert [one["name"] for one in said["partners"]] == ["ring-co"]
    (row,) = audits()
    assert row.id == said["audit"]
    assert [one["service"] for one in found_by(row.id, limit=None)] == [tone]
    app(["refund", row.id], standalone_mode=False)
    assert "Services refunded: 1; users notified: 1;" in capsys.readouterr().out
    (remedies,) = remedies_of([f"unconfirmed:{tone}"]).values()
    assert sorted(one.amount_minor for one in remedies) == [1000, 1000]
    assert any("20.00" in body for body in shop.sent("unconfirmed:"))
    app(["refund", row.id], standalone_mode=False)
    assert "Services refunded: 0; users notified: 0;" in capsys.readouterr().out


NO_ZONE = """charge,service,charged_at,amount_minor,started_at,kind
1,00123,2026-05-01 08:00:00,1000,2026-04-20T00:00:00+08:00,value_added
2,00456,2026-05-01T00:00:00+08:00,12.7,,value_added
3,A1,2026/5/1,1000,2026-04-20,value_added
4,00123,2026-05-02T00:00Z,99999999999999,,value_added
5,00123,2026-05-02T00:00Z,1000,next week,value_added
6,00123,0999-05-02,1000,,value_added
"""


@pytest.mark.parametrize(
    ("more", "zone", "hour"),
    [
        ((), "Asia/Shanghai", "08"),
        (("--zone", "UTC"), "UTC", "00"),
        (("--pack", "uk"), "Europe/London", "01"),
    ],
)
def test_times_without_a_zone_are_those_of_the_installation_and_each_is_read_by_itself(
    tmp_path: Path, capsys, more: tuple[str, ...], zone: str, hour: str
) -> None:
    """The yes was given five minutes after a charge that states no zone: clocks differ so much."""
    given = "service,given_at\n00123,2026-05-01T00:05:00Z\nA1,2026-04-19 23:00\n"
    charges = NO_ZONE.replace("08:00:00,1000", f"{hour}:00:00,1000")
    said, _ = audit(tmp_path, capsys, "--every-charge", *more, charges=charges, given=given)
    assert said["zone"] == zone
    assert said["verdicts"] | {"confirmed": 2, "unconfirmed": 0} == said["verdicts"]
    assert [(one["row"], one["reason"]) for one in said["rejects"]] == [
        (2, "amount_minor is not a whole number"),
        (4, "amount_minor is larger than any charge"),
        (5, "started_at is not a time"),
        (6, "charged_at is not a time"),
    ]


def test_a_zone_that_is_none_is_refused(tmp_path: Path, capsys) -> None:
    with pytest.raises(BadInput, match="no time zone"):
        audit(tmp_path, capsys, "--zone", "Mars/Olympus")


def test_references_stay_the_text_they_are(tmp_path: Path, capsys) -> None:
    """One file has digits alone, the other letters too: "00123" is the same service in both."""
    charges = NO_ZONE.splitlines()[0] + (
        "\n1,00123,2026-05-01T09:00,1000,,value_added\n2,A1,2026-05-01T09:00,1000,,value_added\n"
    )
    said, _ = audit(tmp_path, capsys, charges=charges, given="service,given_at\n00123,2026-04-01\n")
    assert (said["verdicts"]["confirmed"], said["verdicts"]["unconfirmed"]) == (1, 1)
    assert said["rejected"] == 0


@pytest.mark.parametrize("kind", [pl.Datetime("us"), pl.Datetime("ms", "UTC"), pl.Date, pl.Int64])
def test_columns_of_parquet_are_read_by_their_type(tmp_path: Path, kind) -> None:
    from amends.causes.confirmations.actions.audit_files import charge_batches

    days = pl.Series([date(2026, 5, 1), date(2026, 5, 1)]).cast(pl.Datetime("ms"))
    moments = days.dt.epoch("ms") if kind == pl.Int64 else days.cast(kind)
    if kind == pl.Datetime("ms", "UTC"):
        moments = days.dt.replace_time_zone("UTC")
    file = tmp_path / "charges.parquet"
    pl.DataFrame(
        {"charge": [1, 2], "service": [7, 8], "charged_at": moments, "amount_minor": [5.0, 5.5]}
    ).write_parquet(file)
    (read,) = charge_batches(file, "CNY", "Asia/Shanghai")
    good, bad = read.filter(pl.col("fault").is_null()), read.filter(pl.col("fault").is_not_null())
    hours = 8 if kind in (pl.Datetime("us"), pl.Date) else 0
    at = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp() * 1000) - hours * 3_600_000
    assert good["charged_at_ms"].to_list() == [at]
    assert (good["service"].to_list(), good["amount_minor"].to_list()) == (["7"], [5])
    assert bad["fault"].to_list() == ["amount_minor is not a whole number"]


def test_a_reference_of_nothing_but_nul_is_none(tmp_path: Path) -> None:
    file = tmp_path / "services.csv"
    file.write_text(
        "service,subscriber,offer,since,source_ref\n"
        "\0,p1,o1,2026-10-01,r1\n"
        "s\0-2,p2,o2,2026-10-01,r2\n"
    )
    reports, bad = read_reports(file, "crm", "Asia/Shanghai")
    assert [(one.service, one.source_ref) for one in reports] == [("s-2", "r2")]
    assert bad.rows() == [("services.csv", 1, "service is empty")]
