"""Where a server's log comes slower than it is written, moments are kept behind, and none is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amends.operations.backups.continuous import postgres, server
from amends.operations.backups.continuous.postgres import PostgresKeeper
from amends.operations.backups.continuous.records import bases
from amends.operations.backups.continuous.store import Store
from amends.operations.backups.databases import UnableToCopyDatabase

pytestmark = pytest.mark.no_database
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


PIECE = "000000010000000000000000"


class Server:
    """What the keeper asks of a server: marks each a step further, and how far was received."""

    def __init__(self) -> None:
        self.written = 0
        self.received = 0
        self.waits: list[Callable[[], None]] = []

    def mark(self) -> server.Mark:
        self.written += 1000
        return server.Mark("0/1", self.written, PIECE, self.written)

    def told(self) -> int:
        if self.waits:
            self.waits.pop(0)()
        return self.received


class Programs:
    """A receiver that lives, and a copy that is whole when told."""

    returncode: int | None = None

    def __init__(self, tool: str, *arguments: str, words: Path) -> None:
        self.tool = tool

    def poll(self) -> int | None:
        return self.returncode

    def stop(self) -> None:
        return None


class NoFiles:
    """No keys and no files."""

    def keep(self) -> str:
        return ""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Server:
    one = Server()
    clock = [0.0]

    def wait(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(server, "leave_mark", one.mark)
    monkeypatch.setattr(server, "received", one.told)
    monkeypatch.setattr(server, "refuse_tablespaces", lambda: None)
    monkeypatch.setattr(server, "least_settings", dict)
    monkeypatch.setattr(server, "run", lambda *a, **k: None)
    monkeypatch.setattr(server, "Program", Programs)
    monkeypatch.setattr(postgres.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(postgres.time, "sleep", wait)
    return one


@pytest.fixture
def keeper(asked: Server, tmp_path: Path) -> PostgresKeeper:
    store = Store(tmp_path / "kept", engine="postgresql")
    made = PostgresKeeper(store, NoFiles(), patience_s=20)  # type: ignore[arg-type]
    (tmp_path / "kept/pg/wal" / f"{PIECE}.partial").write_bytes(bytes(100_000))
    return made


def _at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_newest_moment_is_kept_where_its_log_comes(
    asked: Server, keeper: PostgresKeeper
) -> None:
    asked.received = 1_000_000
    assert keeper.step(now=_at(0)).moment == _at(0)
    assert keeper.step(now=_at(20)).moment == _at(20)


def test_a_mark_that_had_to_wait_is_not_given_up(asked: Server, keeper: PostgresKeeper) -> None:
    with pytest.raises(UnableToCopyDatabase, match="were not received in 20 s"):
        keeper.step(now=_at(0))
    asked.received = 1000
    behind = keeper.step(now=_at(20))
    assert (behind.moment, behind.number) == (_at(0), 1)
    asked.received = 2000
    assert keeper.step(now=_at(40)).moment == _at(40), "it has caught up"


def test_a_copy_is_good_only_for_a_moment_left_after_it_was_whole(
    asked: Server, keeper: PostgresKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.received = 1000
    keeper.step(now=_at(0), base=True)
    copy = keeper._copy
    assert copy is not None
    with pytest.raises(UnableToCopyDatabase):
        keeper.step(now=_at(20))  # this mark was left before the copy was whole
    part = keeper._pg / f"{copy.name}.part"
    part.mkdir()
    (part / "backup_manifest").write_text("{}")
    monkeypatch.setattr(copy.program, "returncode", 0)
    asked.received = 2000
    assert keeper.step(now=_at(40)).moment == _at(20)
    assert bases(keeper.store) == [], "this moment may lie before the copy's end"
    asked.received = 3000
    kept = keeper.step(now=_at(60))
    assert [base.usable_from for base in bases(keeper.store)] == [kept.number]
