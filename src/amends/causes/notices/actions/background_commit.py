"""Commit one batch while the next is counted: the database waits for disks, counting does not.

There is one transaction at a time, in order, on the connection of whoever counts. While one is on
its way that connection is lent to the thread that writes: call `wait` before asking it anything.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from django.db import DEFAULT_DB_ALIAS, connections


class BackgroundCommit:
    """Does one piece of writing at a time behind the caller; leaving the block waits for the last.

    What a piece raised comes out of the next `wait` or `write`, or of leaving the block. Then what
    the caller has in memory is ahead of the database: give it up, and do not write on.
    """

    def __init__(self) -> None:
        self._lent = connections[DEFAULT_DB_ALIAS]
        self._writer: ThreadPoolExecutor | None = None
        self._coming: Future[None] | None = None

    def __enter__(self) -> BackgroundCommit:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.wait()
        finally:
            if self._writer is not None:
                self._writer.shutdown()
                self._lent.dec_thread_sharing()

    def wait(self) -> None:
        """Until the last piece is written; the connection is the caller's again."""
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.result()

    def write(self, work: Callable[[], None]) -> None:
        """Do this once what was given before is done, and go on meanwhile."""
        self.wait()
        if self._writer is None:
            self._lent.inc_thread_sharing()
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="usage-writer")
        self._coming = self._writer.submit(self._on_the_lent, work)

    def _on_the_lent(self, work: Callable[[], None]) -> None:
        connections[DEFAULT_DB_ALIAS] = self._lent
        work()
