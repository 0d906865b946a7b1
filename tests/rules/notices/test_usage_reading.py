"""Parquet is read a row group at a time, and cut into batches that know nothing of groups."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from amends.engines.metering.usage.columns import columns, roster_of
from amends.engines.metering.usage.files import batches

ROSTER = roster_of(pa.array([f"svc-{n}" for n in range(9)]))


def written(path, rows, group):
    table = pa.table(
        {
            "record": pa.array(np.arange(1, rows + 1, dtype=np.uint64)),
            "service": pa.array([f"svc-{n % 9}" for n in range(rows)]).dictionary_encode(),
            "at_ms": pa.array(np.arange(rows, dtype=np.int64)),
            "kind": pa.array(["data", "voice", "sms"] * (rows // 3)).dictionary_encode(),
            "amount": pa.array(np.arange(rows, dtype=np.int64) * 7),
        }
    )
    pq.write_table(table, path, row_group_size=group)
    return table


@pytest.mark.parametrize("group", [1, 7, 20, 90])
@pytest.mark.parametrize("first_row", [0, 6, 7, 33, 89, 90])
def test_batches_are_of_one_size_whatever_the_groups(tmp_path, group, first_row):
    path = tmp_path / "usage.parquet"
    whole = written(path, 90, group)
    read = list(batches(path, first_row=first_row, rows=20))
    left = 90 - first_row
    assert [table.num_rows for table in read] == [20] * (left // 20) + [left % 20] * (left % 20 > 0)
    rows = [row for table in read for row in table.to_pylist()]
    assert rows == whole.slice(first_row).to_pylist()


def test_a_batch_of_several_groups_with_other_dictionaries_is_understood(tmp_path):
    path = tmp_path / "usage.parquet"
    written(path, 90, 4)
    batch, unread = columns(next(batches(path, first_row=3, rows=80)), ROSTER)
    assert batch.line.tolist() == [n % 9 for n in range(3, 83)]
    assert batch.kind.tolist() == [n % 3 for n in range(3, 83)]
    assert not unread.any()


def test_what_was_read_is_let_go_of(tmp_path):
    """Memory in use does not grow with the file."""
    path = tmp_path / "usage.parquet"
    rows, group = 400_000, 20_000
    chance = np.random.default_rng(5)
    random = {name: chance.integers(0, 2**62, rows) for name in ("record", "at_ms", "amount")}
    table = pa.table(random | {"line": np.zeros(rows, np.int32), "kind": np.zeros(rows, np.uint8)})
    pq.write_table(table, path, row_group_size=group)
    del table, random
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in batches(path, first_row=0, rows=group)]
    assert len(held) == rows // group
    assert max(held) < path.stat().st_size / 3
