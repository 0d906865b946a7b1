"""A bucket of lines moved on as bytes: the same notices, wherever the bytes rest."""

import pickle
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from tests.rules.notices import engine_world as world

from amends.metering.engine.advance import Memory
from amends.metering.engine.layout import UsageColumns, new_lines
from amends.metering.engine.portable import (
    UnableToRestore,
    advance_bytes,
    as_bytes,
    from_bytes,
    renumbered,
    unpacked,
)

LINES, BUCKETS, RECORDS = 12, 3, 3_000
RECEIVED = world.START_MS + 76 * world.DAY


def whole():
    rules, memory = world.rules(), world.memory(LINES)
    batch = world.random_batch(np.random.default_rng(4), RECORDS, LINES - 1)
    notices, treatment, memory = world.run(rules, memory, batch, "oracle")
    return batch, notices, treatment, memory


def by_bucket(batch, kernel):
    """Each bucket alone, in three cuts, its memory as bytes in between."""
    rules = pickle.loads(pickle.dumps(world.rules()))
    found = []
    treatment = np.zeros(len(batch), np.uint8)
    states = {}
    for bucket in range(BUCKETS):
        lines = np.arange(bucket, LINES, BUCKETS)
        body = as_bytes(Memory(new_lines(lines % 3, lines % len(world.CYCLES)), {}))
        rows = np.flatnonzero(batch.line % BUCKETS == bucket)
        for cut in np.array_split(rows, 3):
            part = UsageColumns(*(getattr(batch, name)[cut] for name in UsageColumns.__slots__))
            part.line[:] = part.line // BUCKETS
            body, answer = advance_bytes(body, part, rules, received_ms=RECEIVED, kernel=kernel)
            notices = renumbered(answer.notices, lines)
            notices["row"] = cut[answer.notices["row"]]
            found.append(notices)
            treatment[cut] = answer.treatment
        states[bucket] = from_bytes(body).lines.state
    notices = np.concatenate(found)
    return notices[np.lexsort((notices["step"], notices["row"]))], treatment, states


@pytest.mark.parametrize("kernel", ["numba", "numpy", "oracle"])
def test_buckets_of_lines_find_what_all_lines_together_find(kernel):
    batch, notices, treatment, memory = whole()
    found, treated, states = by_bucket(batch, kernel)
    assert len(notices) > 100
    assert found.tobytes() == notices.tobytes()
    assert treated.tobytes() == treatment.tobytes()
    for bucket, state in states.items():
        assert state.tobytes() == memory.lines.state[bucket::BUCKETS].tobytes()


def test_lines_packed_before_balances_were_carried_are_read():
    old = np.dtype([("plan", "<u4"), ("cycle", "<u2"), ("spare", "<u2")])
    lines = new_lines(np.array([3, 1]), np.array([0, 2]))
    lines.state["used"][1, 0] = 77
    terms = np.zeros(2, old)
    terms["plan"], terms["cycle"] = lines.terms["plan"], lines.terms["cycle"]
    body = lines.state.view(np.uint64).reshape(2, 8).T.tobytes() + terms.tobytes()
    read = unpacked((2).to_bytes(4, "big") + bytes(pa.compress(body, codec="lz4", asbytes=True)))
    assert read.state.tobytes() == lines.state.tobytes()
    assert read.terms.tobytes() == lines.terms.tobytes()


def test_bytes_cut_off_or_foreign_are_refused():
    body = as_bytes(world.memory())
    for wrong in (b"", b"AMN1", body[:-1], b"XXXX" + body[4:]):
        with pytest.raises(UnableToRestore):
            from_bytes(wrong)


def test_the_engine_needs_no_django():
    asked = "import sys; import amends.metering.engine.portable; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
