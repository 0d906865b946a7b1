"""Write found notices: a few as rows, many as columns that become rows when they are to be sent.

A million rows with their four indexes take longer to write than to find, and longer still to send.
So what is found in bulk rests as blocks of columns, in the transaction that found it. What holds or
stops something is a row at once; what concerns a visit has blocks of its own, that go first.
"""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from amends.causes.notices.engine_models import DueBlock
from amends.causes.notices.models import Hold, Notice
from amends.engines.metering.engine.naming import Rows, columns_of
from amends.platform.database.rows import insert

AT_ONCE = 2_000
"""So many notices of a batch become rows at once."""
ROWS_A_BLOCK = 5_000


def write_notices(rows: Rows) -> None:
    """Write the notices and holds, inside the caller's transaction."""
    if len(rows) <= AT_ONCE:
        insert(Notice, rows.columns)
    else:
        is_hold, urgent = pc.not_equal(rows.table["action"], "notice"), pa.array(rows.urgent)
        insert(Notice, columns_of(rows.table.filter(is_hold)))
        _write_blocks(rows.table.filter(pc.and_not(urgent, is_hold)), urgent=True)
        _write_blocks(rows.table.filter(pc.invert(urgent)), urgent=False)
    insert(Hold, rows.holds)


def _write_blocks(table: pa.Table, *, urgent: bool) -> None:
    parts = [table.slice(at, ROWS_A_BLOCK) for at in range(0, table.num_rows, ROWS_A_BLOCK)]
    insert(
        DueBlock,
        {
            "rows": [part.num_rows for part in parts],
            "columns": [_packed(part) for part in parts],
            "urgent": [urgent] * len(parts),
        },
    )


def expand_blocks(*, only_urgent: bool = False) -> int:
    """Make rows of the block that waits longest; how many. Two at once take different blocks.

    Urgent ones go first, or alone.
    """
    if only_urgent and not DueBlock.objects.filter(urgent=True).exists():
        return 0  # asked before each batch that is posted, and no reason to hold writers up
    with transaction.atomic():
        waiting = DueBlock.objects.order_by("id").select_for_update(
            skip_locked=connection.features.has_select_for_update_skip_locked
        )
        block = waiting.filter(urgent=True).first()
        if block is None and not only_urgent:
            block = waiting.first()
        if block is None:
            return 0
        table = pa.ipc.open_file(pa.BufferReader(bytes(block.columns))).read_all()
        insert(Notice, columns_of(table), or_leave=True)
        block.delete()
    return int(table.num_rows)


def _packed(table: pa.Table) -> bytes:
    target = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.ipc.new_file(target, table.schema, options=options) as writer:
        writer.write_table(table)
    return target.getvalue()
