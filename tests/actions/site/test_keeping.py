"""A kept backup is rehearsed: under writers, killed and begun again, restored to a moment, proved."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from amends.operations.backups.continuous.expiry import expire
from amends.operations.backups.continuous.folders import Folders
from amends.operations.backups.continuous.keep import _step
from amends.operations.backups.continuous.moment import build, way_to
from amends.operations.backups.continuous.records import bases
from amends.operations.backups.continuous.sqlite import Keeper
from amends.operations.backups.continuous.store import Store
from amends.operations.backups.sealing import UnableToOpenBackup
from tests.actions.site.test_backups import ROOT, House, house  # noqa: F401

# What is kept of SQLite is its log; PostgreSQL's is kept in test_keeping_postgres.py.
pytestmark = pytest.mark.sqlite_only
START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def _until(true: Callable[[], bool], what: str, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while not true():
        assert process.poll() is None, f"it ended: {process.returncode}"
        assert time.monotonic() < end, what
        time.sleep(0.1)


@pytest.mark.nightly
def test_a_moment_is_restored_elsewhere_and_continues_the_witness(
    house: Callable[..., House],  # noqa: F811
    tmp_path: Path,
) -> None:
    """Writers go on, the keeper is killed and begun again, and a moment of before comes back."""
    source, target = house("source", tables=True), house("target")
    assert source.amends("migrate").returncode == 0
    pseudonym = json.loads(source.worker("fill"))["pseudonym"]
    secret, kept = tmp_path / "passphrase", tmp_path / "kept"
    secret.write_text("harbour kite forty-two\n", encoding="utf-8")

    def keep() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "amends", "backup", "--keep", str(kept), "--every", "1",
             "--passphrase-file", str(secret)],
            env=source.environment, cwd=ROOT, text=True,
        )  # fmt: skip
        source.started.append(process)
        return process

    def segments() -> int:
        folder = kept / "segments"
        return len(list(folder.glob("?" * 12))) if folder.exists() else 0

    keeper = keep()
    _until(lambda: any((kept / "bases").glob("?" * 12)), "a base is kept", keeper)
    writer = source.start("write")
    assert writer.stdout is not None
    durable = [int(writer.stdout.readline()) for _ in range(3)]
    seen = segments()
    _until(lambda: segments() >= seen + 2, "what was written is kept", keeper)
    witness = tmp_path / "checkpoint"
    assert source.amends("ledger", "checkpoint", "--out", witness).returncode == 0
    seen = segments()
    _until(lambda: segments() >= seen + 2, "the checkpoint is kept", keeper)
    keeper.kill()
    keeper.wait()
    moment = datetime.now(UTC)
    had = _contacts(source)
    end = time.monotonic() + 120
    while _contacts(source) < had + 3:
        assert time.monotonic() < end
        time.sleep(0.1)
    keeper = keep()
    seen = segments()
    _until(lambda: segments() >= seen + 3, "it goes on where it stopped", keeper)
    writer.kill()
    keeper.send_signal(signal.SIGTERM)
    assert keeper.wait(180) == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept.rglob("*"))
    for path in kept.rglob("*"):
        assert not path.is_file() or b"vault" not in path.read_bytes()

    put = target.amends("restore", kept, "--at", moment.isoformat(), "--passphrase-file", secret)
    assert put.returncode == 0, put.stderr
    verified = target.amends("ledger", "verify", "--deep", "--against", witness, "--json")
    assert json.loads(verified.stdout)["ok"], verified.stdout
    found = json.loads(target.worker("look", pseudonym))
    assert found["phone"] == "13912345670"
    assert {*range(5), *durable} <= set(found["numbers"])
    assert len(found["numbers"]) <= had, "what came later is not there"
    complete = set(found["numbers"]) - {max(found["numbers"])}
    assert {f"bill {number}" for number in complete} <= set(found["files"])

    newest = target.amends("restore", kept, "--passphrase-file", secret)
    assert newest.returncode == 1
    assert "--replace" in newest.stderr
    newest = target.amends("restore", kept, "--passphrase-file", secret, "--replace")
    assert newest.returncode == 0, newest.stderr
    found = json.loads(target.worker("look", pseudonym))
    assert len(found["numbers"]) >= had + 3
    assert json.loads(target.amends("ledger", "verify", "--against", witness, "--json").stdout)[
        "ok"
    ]


def _contacts(house: House) -> int:  # noqa: F811
    with closing(sqlite3.connect(house.folder / "amends.sqlite3", timeout=60)) as line:
        return int(line.execute("SELECT count(*) FROM complaints_contact").fetchone()[0])


# --- one database, step by step -----------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "amends.sqlite3"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as line:
        line.execute("PRAGMA journal_mode=WAL")
        line.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, step INTEGER, body BLOB)")
        line.commit()
    return path


class Desk:
    """A keeper over a small database; each write is known by its step."""

    def __init__(self, database: Path, kept: Path, passphrase: str = "") -> None:
        self.database = database
        self.store = Store(kept, engine="sqlite", passphrase=passphrase)
        self.folders = Folders(database.parent, ("keys", "files"), self.store)
        self.keeper = Keeper(database, self.store, self.folders)
        self.writer = sqlite3.connect(database, isolation_level=None, timeout=30)
        self.time = START

    def write(self, step: int, rows: int, size: int = 900) -> None:
        self.writer.execute("BEGIN IMMEDIATE")
        self.writer.executemany(
            "INSERT INTO t(step, body) VALUES (?, ?)",
            ((step, os.urandom(size)) for _ in range(rows)),
        )
        self.writer.execute("COMMIT")

    def step(self, *, base: bool = False) -> datetime:
        self.time += timedelta(minutes=1)
        self.keeper.step(now=self.time, base=base)
        while self.keeper.copy_for(5):
            pass
        return self.time

    def content(self, database: Path | None = None) -> list[tuple[int, int]]:
        with closing(sqlite3.connect(database or self.database)) as line:
            assert line.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return line.execute("SELECT step, sum(crc(body)) FROM t GROUP BY step").fetchall()

    def close(self) -> None:
        self.writer.close()
        self.keeper.close()


@pytest.fixture(autouse=True)
def _crc(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite sums the bodies by a function of ours, so that a changed byte is seen."""
    import zlib

    plain = sqlite3.connect

    def connect(*given: object, **named: object) -> sqlite3.Connection:
        line = plain(*given, **named)  # type: ignore[arg-type]
        line.create_function("crc", 1, zlib.crc32)
        return line

    monkeypatch.setattr(sqlite3, "connect", connect)


@pytest.fixture
def desk(database: Path, tmp_path: Path) -> Iterator[Desk]:
    one = Desk(database, tmp_path / "kept")
    yield one
    one.close()


def _restored(desk: Desk, at: datetime | None, folder: Path) -> list[tuple[int, int]]:
    target = folder / f"out-{time.monotonic_ns()}"
    build(desk.store, way_to(desk.store, at), target)
    return desk.content(target)


def test_every_moment_comes_back_as_it_was_through_many_logs(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is emptied again and again, by us and by SQLite itself, and no page is missed."""
    monkeypatch.setattr("amends.operations.backups.continuous.sqlite.LOG_LIMIT", 200_000)
    desk.writer.execute("PRAGMA wal_autocheckpoint=20")
    # The keeper never lets the log be cut under it: the writer need not wait for it each time.
    desk.writer.execute("PRAGMA busy_timeout=100")
    desk.write(0, 50)
    desk.step(base=True)
    seen: dict[datetime, list[tuple[int, int]]] = {}
    salts = set()
    for number in range(1, 40):
        desk.write(number, number * 7 % 90)
        if number % 5 == 0:
            desk.writer.execute("DELETE FROM t WHERE step = ?", (number - 3,))
        if number % 9 == 0:
            desk.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if number % 13 == 0:
            desk.writer.execute("VACUUM")
        seen[desk.step(base=number % 11 == 0)] = desk.content()
        salts.add(desk.keeper._place.salt)  # type: ignore[union-attr]
    assert len(salts) > 3, "the log was begun anew several times"
    for at, content in seen.items():
        assert _restored(desk, at, tmp_path) == content, at
    assert {base.line for base in bases(desk.store)} == {1}, "no page was missed, no line broken"


def test_a_base_copied_while_its_pages_move_is_put_right_by_what_follows(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.operations.backups.continuous.sqlite.PIECE", 40_960)
    desk.writer.execute("PRAGMA wal_autocheckpoint=10")
    for number in range(20):
        desk.write(number, 100)
    desk.keeper.step(now=START, base=True)
    for number in range(20, 30):
        desk.keeper.copy_for(0.0001)
        desk.write(number, 40)
        desk.writer.execute("UPDATE t SET body = zeroblob(900) WHERE step = ?", (number - 15,))
        desk.writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    desk.step()
    at = desk.step()
    assert _restored(desk, at, tmp_path) == desk.content()


def test_a_keeper_begun_again_goes_on_where_the_log_was_not_begun_anew(
    desk: Desk, tmp_path: Path
) -> None:
    desk.step(base=True)
    desk.write(1, 20)
    desk.step()
    desk.keeper.close()
    desk.write(2, 20)
    desk.keeper = Keeper(desk.database, desk.store, desk.folders)
    at = desk.step()
    assert {base.line for base in bases(desk.store)} == {1}
    assert _restored(desk, at, tmp_path) == desk.content()


def test_a_step_the_database_refuses_is_told_and_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("amends.operations.backups.continuous.keep.tell", lambda kept: None)
    desk.step(base=True)
    newest = desk.store.records("segments")[-1]

    def refused(*given: object, **named: object) -> object:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr("amends.operations.backups.continuous.sqlite.Pin", refused)
        _step(desk.keeper, desk.store, START + timedelta(minutes=5), 14)
    assert "the backup was not kept: disk I/O error" in caplog.text
    _step(desk.keeper, desk.store, START + timedelta(minutes=6), 14)
    assert desk.store.records("segments")[-1] > newest


def test_what_was_missed_begins_a_new_line_with_a_base_of_its_own(
    desk: Desk, tmp_path: Path
) -> None:
    desk.write(1, 20)
    desk.step(base=True)
    before, content = desk.step(), desk.content()
    desk.keeper.close()
    for number in range(2, 6):
        desk.write(number, 20)
        desk.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    desk.write(7, 20)
    desk.keeper = Keeper(desk.database, desk.store, desk.folders)
    desk.step()
    at = desk.step()
    assert [base.line for base in bases(desk.store)] == [1, 2]
    assert _restored(desk, at, tmp_path) == desk.content()
    assert _restored(desk, before, tmp_path) == content, "older moments stay"


def test_what_is_missing_or_changed_is_refused_whole(desk: Desk, tmp_path: Path) -> None:
    desk.write(1, 20)
    desk.step(base=True)
    for number in range(2, 6):
        desk.write(number, 20)
        desk.step()
    chosen = sorted((desk.store.folder / "segments").iterdir())[3]
    pieces = [p for p in (desk.store.folder / "objects").rglob("*") if p.is_file()]
    for path in (chosen, max(pieces, key=lambda one: one.stat().st_size)):
        whole = path.read_bytes()
        for changed in (None, whole[:-3], whole[:20] + bytes([whole[20] ^ 1]) + whole[21:]):
            path.unlink()
            if changed is not None:
                path.write_bytes(changed)
            with pytest.raises(UnableToOpenBackup):
                build(desk.store, way_to(desk.store, None), tmp_path / f"o{time.monotonic_ns()}")
            path.write_bytes(whole)
    # A record exchanged for another one that is flawless in itself breaks the chain.
    other = sorted((desk.store.folder / "segments").iterdir())[2]
    shutil.copy(other, chosen)
    with pytest.raises(UnableToOpenBackup, match="does not follow"):
        build(desk.store, way_to(desk.store, None), tmp_path / "out")


def test_a_passphrase_is_asked_for_and_names_give_nothing_away(
    database: Path, tmp_path: Path
) -> None:
    (database.parent / "keys").mkdir()
    (database.parent / "keys" / "vault.json").write_text("the keys")
    one = Desk(database, tmp_path / "kept", passphrase="harbour kite")
    one.write(1, 5)
    one.step(base=True)
    one.step()
    one.close()
    for wrong in ("", "harbour kit"):
        with pytest.raises(UnableToOpenBackup):
            Store(tmp_path / "kept", passphrase=wrong)
    import hashlib

    name = hashlib.sha256(b"the keys").hexdigest()
    assert not (tmp_path / "kept" / "objects" / name[:2] / name[2:]).exists()


def test_moments_beyond_their_days_go_and_what_is_left_restores(desk: Desk, tmp_path: Path) -> None:
    (desk.database.parent / "files").mkdir()
    secret = desk.database.parent / "files" / "erased"
    secret.write_bytes(b"to be erased")
    for day in range(6):
        desk.time = START + timedelta(days=day)
        if day == 1:
            secret.unlink()
        desk.write(day, 30)
        desk.step(base=True)
        desk.step()
    erased = desk.store.put(b"to be erased")
    now = START + timedelta(days=5, hours=1)
    gone = expire(desk.store, now=now, days=2)
    assert gone > 0
    with pytest.raises(UnableToOpenBackup):
        desk.store.get(erased)
    assert len(bases(desk.store)) == 3, "two days, and the base from which they begin"
    assert _restored(desk, None, tmp_path) == desk.content()
    for day in (3, 4):
        way_to(desk.store, START + timedelta(days=day, hours=1))
    with pytest.raises(UnableToOpenBackup, match="It holds"):
        way_to(desk.store, START + timedelta(days=1))


def test_a_folder_of_another_engine_is_refused(tmp_path: Path) -> None:
    Store(tmp_path / "kept", engine="postgresql")
    done = House(tmp_path / "house", "").amends("restore", tmp_path / "kept")
    assert done.returncode == 2
    assert "postgresql" in done.stderr
