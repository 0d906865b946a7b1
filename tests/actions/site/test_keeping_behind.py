"""Where a server's log comes slower than it is written, moments are kept behind, and none is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amends.operations.backups.continuous import postgres
from amends.operations.backups.continuous.postgres import PostgresKeeper
from amends.operations.backups.continuous.records import bases
from amends.operations.backups.continuous.store import Store
from amends.operations.backups.databases import UnableToCopyDatabase

pytestmark = pytest.mark.no_database
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
SIZE = 1 << 24


class Server:
    """What the keeper asks of a server: marks each a step further, and how far was received."""

    def __init__(self) -> None:
        self.written = 0
        self.received = 0
        self.waits: list[Callable[[], None]] = []

    def mark(self) -> postgres._Mark:
        self.written += 1000
        return postgres._Mark(self.written - 100, self.written, "00000001", SIZE)

    def told(self) -> int:
        if self.waits:
            self.waits.pop(0)()
        return self.received


class Programs:
    """A receiver that lives, and a copy that is whole at once."""

    def __init__(self, tool: str, *arguments: str, words: Path) -> None:
        self.tool = tool

    def ended(self) -> int | None:
        return None

    def stop(self) -> None:
        return None


class NoFiles:
    """No keys and no files."""

    def keep(self) -> str:
        return ""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    one = Server()
    clock = [0.0]

    def wait(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(postgres, "_mark", one.mark)
    monkeypatch.setattr(postgres, "_received", one.told)
    monkeypatch.setattr(postgres, "_refuse_tablespaces", lambda: None)
    monkeypatch.setattr(postgres, "run", lambda *a, **k: None)
    monkeypatch.setattr(postgres, "Program", Programs)
    monkeypatch.setattr(postgres.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(postgres.time, "sleep", wait)
    monkeypatch.setattr(postgres.Log, "holds", lambda self, timeline, place: True)
    return one


@pytest.fixture
def keeper(server: Server, tmp_path: Path) -> PostgresKeeper:
    store = Store(tmp_path / "kept", engine="postgresql")
    made = PostgresKeeper(store, NoFiles(), patience_s=20)  # type: ignore[arg-type]
    (tmp_path / "kept/pg/wal/000000010000000000000000").write_bytes(bytes(100_000))
    return made


def _at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_newest_moment_is_kept_where_its_log_comes(
    server: Server, keeper: PostgresKeeper
) -> None:
    server.received = 1_000_000
    assert keeper.step(now=_at(0)).moment == _at(0)
    assert keeper.step(now=_at(20)).moment == _at(20)


def test_a_mark_that_had_to_wait_is_not_given_up(server: Server, keeper: PostgresKeeper) -> None:
    with pytest.raises(UnableToCopyDatabase, match="were not received in 20 s"):
        keeper.step(now=_at(0))
    server.received = 1000  # the first mark, not the second
    behind = keeper.step(now=_at(20))
    assert (behind.moment, behind.number) == (_at(0), 1)
    server.received = 2000
    assert keeper.step(now=_at(40)).moment == _at(20)


def test_once_it_has_caught_up_it_is_behind_no_more(server: Server, keeper: PostgresKeeper) -> None:
    with pytest.raises(UnableToCopyDatabase):
        keeper.step(now=_at(0))
    # At the first question only the older mark is there, half a second later the newest, too.
    server.received = 1000
    server.waits = [lambda: None] * 9 + [lambda: setattr(server, "received", 2000)]
    assert keeper.step(now=_at(20)).moment == _at(20)
    server.received = 3000
    assert keeper.step(now=_at(40)).moment == _at(40)


def test_a_copy_is_good_only_for_a_moment_left_after_it_was_whole(
    server: Server, keeper: PostgresKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.received = 1000
    keeper.step(now=_at(0), base=True)
    copy = keeper._copy
    assert copy is not None
    with pytest.raises(UnableToCopyDatabase):
        keeper.step(now=_at(20))  # this mark was left before the copy was whole
    (keeper._pg / f"{copy.name}.part").mkdir()
    copy.hashes = {"base.tar.gz": "0" * 64}
    server.received = 2000
    assert keeper.step(now=_at(40)).moment == _at(20)
    assert bases(keeper.store) == [], "this moment may lie before the copy's end"
    server.received = 3000
    kept = keeper.step(now=_at(60))
    assert kept.moment == _at(40)
    assert [base.usable_from for base in bases(keeper.store)] == [kept.number]
