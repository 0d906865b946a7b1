"""A continuous backup of SQLite: every moment comes back, what is damaged is refused, what is old goes."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from amends.operations.backups.continuous import step
from amends.operations.backups.folders import put_back
from amends.operations.backups.restore import restore
from amends.operations.backups.sqlite import SqliteFollower, replay
from amends.operations.backups.status import read_status
from amends.operations.backups.store import (
    Store,
    UnableToBackUp,
    UnableToOpenBackup,
    UnableToRestore,
)
from tests.actions.site.test_backups import ROOT, House, house  # noqa: F401

# PostgreSQL is followed in test_continuous_postgres.py.
pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@pytest.mark.nightly
def test_a_moment_is_restored_elsewhere_and_continues_the_witness(
    house: Callable[..., House],  # noqa: F811
    tmp_path: Path,
) -> None:
    """Writers go on, the backup is killed and begun again, and a moment of before comes back."""
    source, target = house("source", tables=True), house("target")
    assert source.amends("migrate").returncode == 0
    pseudonym = json.loads(source.worker("fill"))["pseudonym"]
    secret, kept = tmp_path / "passphrase", tmp_path / "kept"
    secret.write_text("harbour kite forty-two\n", encoding="utf-8")

    def begin() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "amends",
                "backup",
                "--keep",
                str(kept),
                "--every",
                "1",
                "--passphrase-file",
                str(secret),
            ],
            env=source.environment,
            cwd=ROOT,
            text=True,
        )
        source.started.append(process)
        return process

    def next_moment() -> None:
        now, end = datetime.now(UTC), time.monotonic() + 120
        status = source.folder / "backup-status.json"
        while True:
            at = json.loads(status.read_text())["at"] if status.exists() else None
            if at and datetime.fromisoformat(at) > now:
                return
            assert running.poll() is None, f"it ended: {running.returncode}"
            assert time.monotonic() < end
            time.sleep(0.1)

    running = begin()
    next_moment()
    writer = source.start("write")
    assert writer.stdout is not None
    durable = [int(writer.stdout.readline()) for _ in range(3)]
    witness = tmp_path / "checkpoint"
    assert source.amends("ledger", "checkpoint", "--out", witness).returncode == 0
    next_moment()
    running.kill()
    running.wait()
    moment = datetime.now(UTC)
    had = _contacts(source)
    end = time.monotonic() + 120
    while _contacts(source) < had + 3:
        assert time.monotonic() < end
        time.sleep(0.1)
    running = begin()
    next_moment()
    writer.kill()
    running.send_signal(signal.SIGTERM)
    assert running.wait(180) == 0
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
    assert len(json.loads(target.worker("look", pseudonym))["numbers"]) >= had + 3
    verified = target.amends("ledger", "verify", "--against", witness, "--json")
    assert json.loads(verified.stdout)["ok"]


def _contacts(house: House) -> int:  # noqa: F811
    with closing(sqlite3.connect(house.folder / "amends.sqlite3", timeout=60)) as line:
        return int(line.execute("SELECT count(*) FROM complaints_contact").fetchone()[0])


# --- one database, step by step -----------------------------------------------------------------


class Desk:
    """A small database that is followed; each write is known by its number."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.time = folder, START
        self.database = folder / "data" / "amends.sqlite3"
        self.files = folder / "data" / "files"
        self.files.mkdir(parents=True)
        self.writer = sqlite3.connect(self.database, isolation_level=None, timeout=30)
        self.writer.execute("PRAGMA journal_mode=WAL")
        self.writer.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, number INTEGER, body BLOB)")
        self.store = Store(folder / "kept", create=True)
        self.follower = SqliteFollower(self.store, self.database)

    def write(self, number: int, rows: int, size: int = 900) -> None:
        self.writer.execute("BEGIN IMMEDIATE")
        self.writer.executemany(
            "INSERT INTO t(number, body) VALUES (?, ?)",
            ((number, os.urandom(size)) for _ in range(rows)),
        )
        self.writer.execute("COMMIT")

    def step(self, minutes: float = 1) -> datetime:
        self.time += timedelta(minutes=minutes)
        step(self.follower, self.time, days=2)
        self.follower.copy_until(time.monotonic() + 5)
        return self.time

    def content(self, database: Path | None = None) -> list[tuple[int, bytes]]:
        with closing(sqlite3.connect(database or self.database)) as line:
            assert line.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return line.execute("SELECT number, body FROM t ORDER BY id").fetchall()

    def restored(self, at: datetime | None = None) -> list[tuple[int, bytes]]:
        target = self.folder / f"out-{time.monotonic_ns()}"
        manifest, moment = self.store.moment(at)
        self.store.get_file(manifest.base, target, lambda *_: None)
        replay(target, manifest.log[: moment["log"]], self.store)
        return self.content(target)

    def begin_again(self) -> None:
        self.follower.close()
        self.follower = SqliteFollower(self.store, self.database)

    def close(self) -> None:
        self.writer.close()
        self.follower.close()


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each key from its passphrase in a hundredth of the time."""
    monkeypatch.setattr("amends.operations.backups.store._COST", 2**9)


@pytest.fixture
def desk(tmp_path: Path, settings: Any) -> Iterator[Desk]:
    settings.DATA_DIR = tmp_path / "data"
    one = Desk(tmp_path)
    yield one
    one.close()


def test_every_moment_comes_back_as_it_was_through_many_logs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is emptied again and again, by us and by others, while the whole is copied, too."""
    monkeypatch.setattr("amends.operations.backups.sqlite.LOG_LIMIT", 200_000)
    monkeypatch.setattr("amends.operations.backups.sqlite.PIECE", 40_960)
    desk.writer.execute("PRAGMA wal_autocheckpoint=20")
    desk.writer.execute("PRAGMA busy_timeout=100")
    desk.write(0, 50)
    desk.step()
    seen = {}
    for number in range(1, 40):
        desk.write(number, number * 7 % 90)
        if number % 5 == 0:
            desk.writer.execute("DELETE FROM t WHERE number = ?", (number - 3,))
        if number % 9 == 0:
            desk.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if number % 13 == 0:
            desk.writer.execute("VACUUM")
        seen[desk.step(minutes=200)] = desk.content()
    manifests = desk.store.manifests()
    assert len(manifests) == 3, "a copy a day; days beyond two went"
    assert any(len({name for name, _ in one.log}) > 2 for one in manifests), "several logs"
    kept = {at: content for at, content in seen.items() if at >= desk.time - timedelta(days=2)}
    assert len(kept) > 10
    for at, content in kept.items():
        assert desk.restored(at) == content, at


def test_pages_that_move_while_the_whole_is_copied_are_put_right(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.operations.backups.sqlite.PIECE", 40_960)
    for number in range(20):
        desk.write(number, 100)
    desk.follower.step(START)
    for number in range(20, 30):
        desk.follower.copy_until(time.monotonic() + 0.0001)
        desk.write(number, 40)
        desk.writer.execute("UPDATE t SET body = zeroblob(900) WHERE number = ?", (number - 15,))
        desk.follower.step(START)
        desk.writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    desk.step()
    desk.step()
    assert desk.restored() == desk.content()


def test_a_reader_with_an_old_view_holds_no_moment_up(desk: Desk) -> None:
    desk.step()
    desk.step()
    with closing(sqlite3.connect(desk.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM t").fetchone()
        desk.write(1, 20)
        at = desk.step()
        assert (read_status().at, desk.restored()) == (at, desk.content())
        desk.write(2, 20)
        desk.step(minutes=60 * 25)
        assert len(desk.store.manifests()) == 1, "a copy waits until the log can begin anew"
        assert desk.restored() == desk.content()
    desk.step()
    desk.step()
    assert len(desk.store.manifests()) == 2
    assert desk.restored() == desk.content()


def test_a_writer_that_takes_long_holds_no_moment_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.operations.backups.sqlite.PATIENCE_S", 0.1)
    desk.step()
    desk.step()
    desk.write(1, 20)
    content = desk.content()
    desk.writer.execute("BEGIN IMMEDIATE")
    desk.writer.execute("DELETE FROM t")
    at = desk.step(minutes=60 * 25)
    assert (read_status().at, desk.restored()) == (at, content)
    desk.writer.execute("ROLLBACK")
    desk.step()
    desk.step()
    assert len(desk.store.manifests()) == 2
    assert desk.restored() == desk.content()


def test_begun_again_it_goes_on_or_copies_the_whole_anew(desk: Desk) -> None:
    desk.write(1, 20)
    desk.step()
    before, content = desk.step(), desk.content()
    desk.follower.close()
    desk.write(2, 20)
    desk.begin_again()
    desk.step()
    assert len(desk.store.manifests()) == 1, "the log still held all since then"
    assert desk.restored() == desk.content()
    desk.follower.close()
    desk.write(3, 20)
    desk.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    desk.write(4, 20)
    desk.begin_again()
    desk.step()
    desk.step()
    assert len(desk.store.manifests()) == 2
    assert desk.restored() == desk.content()
    assert desk.restored(before) == content, "older moments stay"


def test_a_step_the_database_refuses_is_told_and_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    desk.step()
    newest = desk.step()

    def refused(*given: object, **named: object) -> object:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(SqliteFollower, "_hold_place", refused)
        desk.step()
    assert "the backup was not kept: disk I/O error" in caplog.text
    assert read_status().at == newest
    desk.write(1, 5)
    assert desk.step() == read_status().at
    assert desk.restored() == desk.content()


def test_what_is_missing_or_changed_is_refused_whole(desk: Desk) -> None:
    desk.write(1, 20)
    (desk.files / "bill").write_text("a bill")
    for number in range(2, 6):
        desk.step()
        desk.write(number, 20)
    desk.step()
    manifest, moment = desk.store.moment(None)
    pieces = [*manifest.base, *(piece for _, piece in manifest.log), moment["files"]]
    parts = [desk.store.folder / "objects" / piece[:2] / piece[2:] for piece in pieces]
    manifests = [*(desk.store.folder / "manifests").iterdir()]
    for path in (desk.store.folder / "salt", *manifests, *parts):
        whole = path.read_bytes()
        for changed in (None, whole[:-3], bytes([whole[0] ^ 1]) + whole[1:]):
            path.unlink()
            if changed is not None:
                path.write_bytes(changed)
            with pytest.raises(UnableToOpenBackup):
                _read_all(desk)
            path.write_bytes(whole)
    _read_all(desk)


def _read_all(desk: Desk) -> None:
    """What a restore of the newest moment reads."""
    desk.store = Store(desk.store.folder)
    with TemporaryDirectory() as folder:
        put_back(desk.store, desk.store.moment(None)[1]["files"], Path(folder))
    desk.restored()


def test_a_passphrase_is_asked_for_and_names_give_nothing_away(tmp_path: Path) -> None:
    import hashlib

    store = Store(tmp_path / "kept", "harbour kite", create=True)
    name = store.put(b"the keys")
    for wrong in ("", "harbour kit"):
        with pytest.raises(UnableToOpenBackup, match="passphrase"):
            Store(tmp_path / "kept", wrong).get(name)
    assert Store(tmp_path / "kept", "harbour kite").get(name) == b"the keys"
    assert name != hashlib.sha256(b"the keys").hexdigest()


def test_moments_beyond_their_days_go_and_what_was_erased_with_them(desk: Desk) -> None:
    """Also where so little is written that one log would last for weeks."""
    secret = desk.files / "erased"
    secret.write_bytes(b"to be erased")
    desk.writer.execute("PRAGMA secure_delete=ON")
    desk.writer.execute("INSERT INTO t(number, body) VALUES (0, 'a key to be erased')")
    desk.step()
    desk.step()
    secret.unlink()
    desk.writer.execute("DELETE FROM t")
    for day in range(1, 6):
        desk.write(day, 3)
        desk.step(minutes=60 * 24)
        desk.step()
    (desk.folder / "again").mkdir()
    pieces = [path.parent.name + path.name for path in desk.store.folder.glob("objects/*/*")]
    assert not any(b"to be erased" in desk.store.get(piece) for piece in pieces)
    assert desk.restored() == desk.content()
    desk.restored(desk.time - timedelta(days=2))
    with pytest.raises(UnableToOpenBackup, match="It holds"):
        desk.store.moment(START + timedelta(days=1))


def test_a_folder_of_another_database_is_refused(desk: Desk) -> None:
    desk.step()
    desk.step()
    manifest = desk.store.manifests()[-1]
    manifest.kind = "postgresql server"
    desk.store.save(manifest)
    with pytest.raises(UnableToBackUp, match="postgresql"):
        SqliteFollower(desk.store, desk.database)
    with pytest.raises(UnableToRestore, match="postgresql"):
        restore(desk.store.folder)
