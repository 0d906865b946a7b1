"""`amends quality verdict`, `score` and `link`: their documents, and what they refuse."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from typer.testing import CliRunner

from amends.network.quality.cli import app
from amends.platform.kit.errors import BadInput

pytestmark = pytest.mark.no_database


def run(*arguments):
    found = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return json.loads(found.output)


def test_verdict_prints_its_document(tmp_path):
    file = tmp_path / "line.json"
    test = {"at": "2026-03-02T20:00:00+01:00", "down_mbps": 9, "up_mbps": 1, "wired": True}
    plan = {"down_max_mbps": 100, "down_normal_mbps": 80, "down_min_mbps": 50}
    file.write_text(json.dumps({"plan": plan, "tests": [test]}))
    found = run("verdict", file, "--rule", "de-fixed@2021-12-13")
    assert set(found) >= {"rule", "verdict", "clauses", "evidence", "missing"}
    assert found["verdict"] == "insufficient"
    assert found["missing"]
    assert {clause["met"] for clause in found["clauses"]} == {None}
    with pytest.raises(BadInput, match=r"de-fixed@2017-06-01"):
        run("verdict", file, "--rule", "de-fixed@2020-01-01")
    file.write_text("{")
    with pytest.raises(BadInput, match="not JSON"):
        run("verdict", file, "--rule", "de-fixed@2021-12-13")


def test_score_answers_in_order(tmp_path):
    file = tmp_path / "scores.json"
    file.write_text(json.dumps([{"f": "e_model"}, {"f": "apdex", "samples_ms": [1], "t_ms": 5}]))
    first, second = run("score", file)["results"]
    assert round(first["value"]["r"], 1) == 93.2
    assert second == {"value": 1.0}
    file.write_text(json.dumps([{"f": "e_model", "Ppl": -1}]))
    with pytest.raises(BadInput, match=r"scores.json\[0\]"):
        run("score", file)


def city(seed=7, cells=400, days=60):
    """Complaints with a known cause, and the events; most events cause some, some none."""
    drawn = random.Random(seed)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    events, complaints = [], []
    for number in range(250):
        at = start + timedelta(hours=drawn.random() * days * 24)
        cell = f"cell-{drawn.randrange(cells)}"
        service = drawn.choice(["mobile", "fixed"])
        hours = 1 + drawn.random() * 8
        row = (f"e{number}", cell, service, at, at + timedelta(hours=hours), "outage")
        events.append(row)
        for _ in range(drawn.randrange(12)):
            late = drawn.random() * (hours + 1.5)
            complaints.append((at + timedelta(hours=late), cell, service, "network.outage", row[0]))
    for _ in range(6000):
        at = start + timedelta(hours=drawn.random() * days * 24)
        area = f"cell-{drawn.randrange(cells)}"
        kind = drawn.choice(["network.outage", "billing.charge", "network.speed"])
        complaints.append((at, area, drawn.choice(["mobile", "fixed"]), kind, ""))
    return complaints, events


def test_links_find_the_cause_in_a_simulated_city(tmp_path):
    complaints, events = city()
    truth = {f"c{n}": row[4] for n, row in enumerate(complaints)}
    schema = ["at", "area", "service", "class"]
    table = pl.DataFrame([row[:4] for row in complaints], schema=schema, orient="row")
    table = table.with_columns(
        pl.Series("complaint", list(truth)), pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    )
    table.write_csv(tmp_path / "complaints.csv")
    happened = pl.DataFrame(
        events, schema=["event", "area", "service", "from", "to", "kind"], orient="row"
    ).with_columns(pl.col("from", "to").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    happened.write_csv(tmp_path / "events.csv")
    out = tmp_path / "pairs.csv"
    found = run("link", tmp_path / "complaints.csv", tmp_path / "events.csv", "--out", out)
    pairs = dict(pl.read_csv(out).select("complaint", "event").iter_rows())
    right = sum(truth[complaint] == event for complaint, event in pairs.items())
    caused = sum(bool(event) for event in truth.values())
    assert found["links"] == len(pairs)
    assert found["explained_share"] == pytest.approx(len(pairs) / len(truth), abs=1e-6)
    assert right / len(pairs) >= 0.95
    assert right / caused >= 0.90


def test_link_leaves_out_rows_without_a_time_and_counts_them(tmp_path):
    (tmp_path / "c.csv").write_text(
        "complaint,at,area,service,class\n"
        "1,2026-03-02T10:00:00+00:00,a,mobile,network.outage\n"
        "1,2026-03-02T10:00:00+00:00,a,mobile,network.outage\n"
        "2,yesterday,a,mobile,network.outage\n"
        "3,2026-03-02T10:00:00+00:00,b,mobile,network.outage\n"
        "4,2026-03-09T10:00:00+00:00,a,mobile,network.outage\n"
        "5,2026-03-02T18:30:00+08:00,a,mobile,network.outage\n"
    )
    (tmp_path / "e.csv").write_text(
        "event,area,service,from,to,kind\n"
        "e1,a,mobile,2026-03-02T09:00:00Z,2026-03-02T11:00:00Z,outage\n"
        "e2,a,mobile,2026-03-02T09:00:00Z,2026-03-01T11:00:00Z,outage\n"
    )
    out = tmp_path / "pairs.csv"
    found = run("link", tmp_path / "c.csv", tmp_path / "e.csv", "--out", out)
    assert (found["complaints"], found["events"], found["links"]) == (4, 1, 2)
    assert found["rows_left_out"] == {"complaints": 2, "events": 1}
    assert pl.read_csv(out)["complaint"].to_list() == [1, 5]
