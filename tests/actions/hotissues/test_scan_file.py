"""`amends hotissues scan` on files as people have them."""

import json

import numpy as np
import polars as pl
import pytest

from amends.hotissues.actions.scan_file import UnableToScan, scan_file
from amends.hotissues.counts_file import UnableToReadCounts
from amends.site.cli.app import build


@pytest.fixture
def weeks(tmp_path):
    """Six years of weeks, two quiet series and one that runs hot in the last week but one."""
    counts = np.random.default_rng(5).poisson(12, (320, 3))
    counts[-2:, 2] += 30
    path = tmp_path / "counts.csv"
    pl.DataFrame(counts, schema=["quiet", "still", "hot"]).write_csv(path)
    return path


def test_the_hot_series_is_found_and_written(weeks, tmp_path, capsys):
    out = tmp_path / "alarms.csv"
    build("hotissues")(
        ["hotissues", "scan", str(weeks), "--last", "10", "--alarms", str(out), "--json"],
        standalone_mode=False,
    )
    document = json.loads(capsys.readouterr().out)
    assert {"series", "periods", "alarms", "expected_false_per_series_year", "seconds"} <= set(
        document
    )
    assert (document["series"], document["periods"]) == (3, 10)
    assert 0 < document["expected_false_per_series_year"] <= 0.45
    written = pl.read_csv(out)
    assert written.columns == ["quiet", "still", "hot"]
    assert written.height == 10
    assert written["hot"].to_list()[-2:] == [1, 1]
    assert document["alarms"] == int(written.to_numpy().sum())


def test_parquet_tells_the_same(weeks, tmp_path):
    parquet = tmp_path / "counts.parquet"
    pl.read_csv(weeks).write_parquet(parquet)
    scans = [
        scan_file(path, last=10, alarms=None, false_per_series_year=0.45).scan
        for path in (weeks, parquet)
    ]
    assert (scans[0].evidence == scans[1].evidence).all()


@pytest.mark.parametrize(
    ("cell", "words"), [("-3", "is no count"), ("2.5", "is no count"), ("many", "does not hold")]
)
def test_what_is_no_count_is_named(tmp_path, cell, words):
    path = tmp_path / "bad.csv"
    path.write_text("a,b\n1,2\n3," + cell + "\n")
    with pytest.raises(UnableToReadCounts, match=words) as refused:
        scan_file(path, last=1, alarms=None, false_per_series_year=0.45)
    assert "column b" in str(refused.value)


def test_wishes_that_cannot_be_kept_are_refused(weeks):
    for last, rate in ((0, 0.45), (5, 0.0), (5, 1_000.0)):
        with pytest.raises(UnableToScan):
            scan_file(weeks, last=last, alarms=None, false_per_series_year=rate)
