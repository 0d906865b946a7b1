"""Point-in-time restore of PostgreSQL: its own base backup and log, with keys and files beside."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from amends.operations.backups import postgres
from amends.operations.backups.databases import UnableToCopyDatabase
from amends.operations.backups.postgres import PostgresFollower
from amends.operations.backups.store import Store
from tests.actions.site.test_backups import ROOT, House, postgres_tools

# It starts its own servers, whichever database the others use: once is enough.
pytestmark = pytest.mark.postgres


class Server:
    """A PostgreSQL server of its own, on a socket in its folder; as root under another account.

    is_apart   its configuration lies outside its data directory, as Debian has it
    """

    def __init__(self, data: Path, sockets: Path) -> None:
        self.data, self.sockets = data, sockets
        self.is_apart = False

    @property
    def url(self) -> str:
        return self.as_role("postgres")

    @property
    def apart(self) -> Path:
        return self.data.parent / f"{self.data.name}-conf"

    def as_role(self, role: str, database: str = "amends") -> str:
        return f"postgresql://{role}@/{database}?host={self.sockets}"

    def initialise(self, *, apart: bool = False) -> None:
        self.data.mkdir(mode=0o700)
        self._own()
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "-N")
        self.is_apart = apart
        if apart:
            self.apart.mkdir()
            for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
                shutil.move(self.data / name, self.apart / name)

    def start(self, *more: str) -> None:
        self._own()
        options = f"-k {self.sockets} -c listen_addresses='' -c fsync=off {' '.join(more)}"
        if self.is_apart:
            options += (
                f" -c config_file={self.apart}/postgresql.conf -c hba_file={self.apart}/pg_hba.conf"
                f" -c ident_file={self.apart}/pg_ident.conf"
            )
        self._run(
            "pg_ctl",
            "-D",
            str(self.data),
            "-w",
            "-t",
            "120",
            "-o",
            options,
            "-l",
            str(self.sockets / "log"),
            "start",
        )

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop", check=False)

    def sql(self, *statements: str, database: str = "amends") -> list[tuple[object, ...]]:
        import psycopg

        rows: list[tuple[object, ...]] = []
        with psycopg.connect(self.as_role("postgres", database), autocommit=True) as line:
            for statement in statements:
                done = line.execute(statement)
                rows = done.fetchall() if done.description else []
        return rows

    def _own(self) -> None:
        if os.geteuid() == 0:
            for folder in (self.data, self.sockets, self.apart):
                if folder.exists():
                    subprocess.run(["chown", "-R", "nobody", str(folder)], check=True)

    def _run(self, tool: str, *arguments: str, check: bool = True) -> None:
        user = "nobody" if os.geteuid() == 0 else None
        done = subprocess.run(
            [str(postgres_tools() / tool), *arguments],
            user=user,
            cwd="/",
            text=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        told = (self.sockets / "log").read_text() if (self.sockets / "log").exists() else ""
        assert not check or done.returncode == 0, f"{done.stderr}\n{told[-2000:]}"


@pytest.fixture
def servers() -> Iterator[Callable[[str], Server]]:
    """Makes servers; a short path, for sockets allow about 100 bytes."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="amp-", dir="/tmp"))
    folder.chmod(0o755)
    made: list[Server] = []

    def make(name: str) -> Server:
        sockets = folder / f"{name}-run"
        sockets.mkdir()
        made.append(Server(folder / name, sockets))
        return made[-1]

    yield make
    for one in made:
        one.stop()
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Kept:
    """A server under a keeper of its own."""

    server: Server
    house: House
    folder: Path
    log: Path
    keepers: list[subprocess.Popen[str]] = field(default_factory=list)

    def keep(self, *, role: str = "postgres", before_path: str = "") -> subprocess.Popen[str]:
        environment = self.house.environment | {"AMENDS_DATABASE_URL": self.server.as_role(role)}
        if before_path:
            environment["PATH"] = f"{before_path}{os.pathsep}{environment['PATH']}"
        with self.log.open("a") as log:
            self.keepers.append(
                subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "amends",
                        "backup",
                        "--keep",
                        str(self.folder),
                        "--every",
                        "1",
                    ],
                    env=environment,
                    cwd=ROOT,
                    text=True,
                    stderr=log,
                )
            )
        return self.keepers[-1]

    def until(self, true: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + 120
        while not true():
            said = self.log.read_text()[-2000:]
            assert self.keepers[-1].poll() is None, f"the keeper ended: {said}"
            assert time.monotonic() < end, f"{what}: {said}"
            time.sleep(0.1)

    def told_at(self) -> datetime | None:
        path = self.house.folder / "backup-status.json"
        told = json.loads(path.read_text()) if path.exists() else {}
        return datetime.fromisoformat(told["at"]) if told.get("at") else None

    def is_kept_since(self, moment: datetime) -> bool:
        at = self.told_at()
        return at is not None and at > moment

    def next_moment(self) -> None:
        """Until what is acknowledged now is kept."""
        now = datetime.now(UTC)
        self.until(lambda: self.is_kept_since(now), "a moment after now is kept")

    def end(self) -> None:
        for one in self.keepers:
            if one.poll() is None:
                one.terminate()
                one.wait(180)


@pytest.fixture
def kept(servers: Callable[[str], Server], tmp_path: Path) -> Iterator[Kept]:
    """A server at work with one table, its configuration elsewhere; no keeper yet."""
    server = servers("old")
    server.initialise(apart=True)
    server.start()
    server.sql("CREATE DATABASE amends", database="postgres")
    server.sql(
        "CREATE TABLE said (number int)",
        "CREATE ROLE amends_backup LOGIN REPLICATION",
    )
    house = House(tmp_path / "house", server.url)
    (house.folder / "files").mkdir(parents=True)
    (house.folder / "files" / "bill").write_text("a bill")
    one = Kept(server, house, tmp_path / "kept", tmp_path / "keeper.log")
    yield one
    one.end()


def test_a_server_recovers_to_a_moment_and_continues_the_witness(
    servers: Callable[[str], Server], tmp_path: Path
) -> None:
    old = servers("old")
    old.initialise()
    old.start()
    old.sql("CREATE DATABASE amends", database="postgres")
    source = House(tmp_path / "source", old.url)
    assert source.amends("migrate").returncode == 0
    kept = Kept(old, source, old.data.parent / "kept", tmp_path / "keeper.log")
    kept.keep()
    try:
        pseudonym = json.loads(source.worker("fill"))["pseudonym"]
        source.worker("use")
        witness = tmp_path / "checkpoint"
        assert source.amends("ledger", "checkpoint", "--out", witness).returncode == 0
        had = _rows(old)
        kept.next_moment()
        moment = datetime.now(UTC)
        time.sleep(1.5)
        writer = source.start("write")
        assert writer.stdout is not None
        for _ in range(3):
            writer.stdout.readline()
        writer.kill()
        assert _rows(old) > had
        kept.next_moment()
    finally:
        kept.end()
        for process in source.started:
            process.kill()
            process.wait()
    old.stop()

    new = servers("new")
    target = House(tmp_path / "target", new.url)
    put = target.amends("restore", kept.folder, "--at", moment.isoformat(), "--into", new.data)
    assert put.returncode == 0, put.stderr
    assert "Start the server" in put.stdout.replace("\n", " ")
    new.start()
    _settle(new)
    assert _rows(new) == had, "what came later is not there, nothing before is missing"
    assert target.amends("migrate").returncode == 0
    verified = target.amends("ledger", "verify", "--deep", "--against", witness, "--json")
    assert json.loads(verified.stdout)["ok"], verified.stdout
    found = json.loads(target.worker("look", pseudonym))
    assert found["phone"] == "13912345670"
    assert (found["sessions"], found["open_codes"]) == (0, 0), "ended or used since, perhaps"
    assert {f"bill {number}" for number in range(5)} <= set(found["files"])


def _rows(server: Server) -> int:
    return int(str(server.sql("SELECT count(*) FROM complaints_contact")[0][0]))


def _settle(server: Server) -> None:
    """Until recovery has ended and the server takes writes."""
    import psycopg

    end = time.monotonic() + 120
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            if not server.sql("SELECT pg_is_in_recovery()", database="postgres")[0][0]:
                return
        assert time.monotonic() < end, (server.sockets / "log").read_text()[-2000:]
        time.sleep(0.2)


def test_a_moment_is_told_only_once_its_log_was_received(kept: Kept) -> None:
    """A role that may not log in, its line cut: nothing is kept, and nothing says it is."""
    kept.keep(role="amends_backup")
    kept.next_moment()
    kept.server.sql("ALTER ROLE amends_backup NOLOGIN")
    kept.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_replication")
    kept.until(lambda: "not permitted to log in" in kept.log.read_text(), "it says why")
    kept.server.sql("INSERT INTO said SELECT generate_series(1, 1000)")
    lost = datetime.now(UTC)
    for _ in range(3):
        said = kept.log.read_text().count("not permitted to log in")
        kept.until(lambda: kept.log.read_text().count("not permitted to log in") > said, "again")  # noqa: B023
        assert not kept.is_kept_since(lost)
    kept.server.sql("ALTER ROLE amends_backup LOGIN")
    kept.until(lambda: kept.is_kept_since(lost), "it catches up by itself")


def test_a_keeper_that_cannot_begin_is_told_as_never_kept(kept: Kept) -> None:
    kept.server.sql("ALTER ROLE amends_backup NOREPLICATION")
    assert kept.keep(role="amends_backup").wait(60) != 0
    assert kept.told_at() is None
    told = json.loads((kept.house.folder / "backup-status.json").read_text())
    assert {name for name, value in told.items() if value} == {"began_at", "days"}


def test_tablespaces_are_refused_by_name_before_anything_is_held_back(kept: Kept) -> None:
    beside = "CREATE TABLESPACE beside LOCATION ''"
    kept.server.sql("SET allow_in_place_tablespaces = on", beside)
    assert kept.keep().wait(60) != 0
    said = kept.log.read_text()
    assert "tablespaces (beside)" in said
    assert "SET TABLESPACE pg_default" in said.replace("\n", " ")
    assert kept.told_at() is None
    assert kept.server.sql("SELECT slot_name FROM pg_replication_slots") == []
    kept.server.sql("DROP TABLESPACE beside")
    kept.keep()
    kept.next_moment()


def test_without_a_copy_of_the_whole_no_moment_is_told(kept: Kept, tmp_path: Path) -> None:
    slow, go = tmp_path / "slow", tmp_path / "go"
    slow.mkdir()
    program = slow / "pg_basebackup"
    program.write_text(
        f'#!/bin/sh\nwhile [ ! -e {go} ]; do sleep 0.1; done\nexec {postgres_tools()}/pg_basebackup "$@"\n'
    )
    program.chmod(0o755)
    kept.keep(before_path=str(slow))
    wal = kept.folder / "pg" / "wal"
    kept.until(lambda: wal.exists() and any(wal.iterdir()), "the log")
    (kept.house.folder / "files" / "letter").write_text("a letter")
    time.sleep(3)
    assert kept.told_at() is None
    go.touch()
    kept.next_moment()


def test_where_the_log_comes_late_moments_are_kept_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any
) -> None:
    """Each mark waits until its log was received; a copy is good for marks left after it alone."""
    settings.DATA_DIR = tmp_path / "data"
    server = {"written": 0, "received": 0}

    def ask(question: str, values: Sequence[int] = ()) -> list[tuple[int]]:
        if "pg_tablespace" in question:
            return []
        server["written"] += 1000 if "emit_message" in question else 0
        if "restart_lsn" in question:
            return [(values[0] - server["received"],)]
        return [(server["written"],)]

    monkeypatch.setattr(postgres, "ask", ask)
    monkeypatch.setattr(postgres, "PATIENCE_S", 0)
    program = SimpleNamespace(poll=lambda: program.returncode, returncode=None)
    receiver = SimpleNamespace(poll=lambda: None)
    monkeypatch.setattr(
        postgres, "start", lambda tool, *_: receiver if tool == "pg_receivewal" else program
    )
    monkeypatch.setattr(postgres, "digest", lambda path: "0")
    monkeypatch.setattr(PostgresFollower, "_begin_copy", _begin_copy)
    follower = PostgresFollower(Store(tmp_path / "kept", create=True))
    moments = [datetime(2026, 5, 4, 9, 0, second, tzinfo=UTC) for second in range(0, 60, 10)]
    with pytest.raises(UnableToCopyDatabase, match="were not received"):
        follower.step(moments[0])
    follower._copying = program
    program.returncode = 0
    server["received"] = 1000
    assert follower.step(moments[1]) is None, "that mark was left before the copy was whole"
    with pytest.raises(UnableToCopyDatabase):
        follower.step(moments[2])
    server["received"] = 2000
    assert follower.step(moments[3]) == moments[2], "kept behind"
    server["received"] = 3000
    assert follower.step(moments[4]) == moments[4], "it has caught up"


def _begin_copy(follower: PostgresFollower, now: datetime) -> None:
    follower.begin_copy(now)
    assert follower.next
    follower.next.server = {"copy": "one", "first": "0"}


def test_a_killed_keeper_leaves_nobody_at_the_slot(kept: Kept) -> None:
    first = kept.keep()
    kept.next_moment()
    first.kill()
    first.wait()
    kept.server.sql("INSERT INTO said VALUES (1)")
    kept.keep()
    kept.next_moment()


def test_a_restored_server_starts_with_and_without_the_old_configuration(
    kept: Kept, servers: Callable[[str], Server], tmp_path: Path
) -> None:
    """The copied directory holds no configuration; the desk is at rest behind the moment."""
    kept.keep()
    kept.next_moment()
    kept.server.sql("INSERT INTO said VALUES (1)")
    kept.next_moment()
    moment = datetime.now(UTC)
    kept.next_moment()
    kept.server.sql("INSERT INTO said VALUES (2)")
    kept.next_moment()
    kept.end()
    kept.server.stop()
    for name, apart, wish in (
        ("plain", False, moment),
        ("debian", True, moment),
        ("end", True, None),
    ):
        new = servers(name)
        target = House(tmp_path / name, new.url)
        at = ["--at", wish.isoformat()] if wish else []
        put = target.amends("restore", kept.folder, *at, "--into", new.data)
        assert put.returncode == 0, put.stderr
        assert (target.folder / "files" / "bill").read_text() == "a bill"
        assert "data_directory" in put.stdout
        assert (new.data / "postgresql.conf").exists()
        owner = new.data.stat().st_uid
        assert {one.stat().st_uid for one in new.data.rglob("*")} == {owner}
        more = ()
        if apart:
            new.is_apart = True
            shutil.copytree(kept.server.apart, new.apart)
        else:
            # The test's account is not called postgres; the file written here is read all the same.
            hba = tmp_path / "hba"
            hba.write_text("local all all trust\n")
            hba.chmod(0o644)
            shutil.copy(hba, new.sockets / "hba")
            more = (f"-c hba_file={new.sockets}/hba",)
        new.start(*more)
        _settle(new)
        assert new.sql("SELECT number FROM said ORDER BY 1") == ([(1,)] if wish else [(1,), (2,)])
        new.stop()


def test_what_is_missing_or_changed_is_refused_before_anything_is_touched(
    kept: Kept, tmp_path: Path
) -> None:
    kept.keep()
    kept.next_moment()
    for _ in range(2):
        kept.server.sql("INSERT INTO said VALUES (1)", "SELECT pg_switch_wal()")
        kept.next_moment()
    kept.end()
    wal = kept.folder / "pg" / "wal"
    (base,) = (one for one in (kept.folder / "pg").iterdir() if one != wal)
    finished = sorted(one for one in wal.iterdir() if one.suffix != ".partial")
    (tail,) = wal.glob("*.partial")
    middle, into = finished[-1], tmp_path / "into"

    def refused() -> str:
        house = House(tmp_path / "other", kept.server.url)
        done = house.amends("restore", kept.folder, "--into", into)
        assert done.returncode == 2, done.stdout + done.stderr
        assert not into.exists()
        assert not (house.folder / "files").exists()
        return done.stderr

    for path in (middle, tail, base / "base.tar.gz"):
        whole = path.read_bytes()
        path.unlink()
        assert "missing or damaged" in refused()
        path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
        assert "missing or damaged" in refused()
        path.write_bytes(whole)
    house = House(tmp_path / "other", kept.server.url)
    done = house.amends("restore", kept.folder, "--into", into)
    assert done.returncode == 0, done.stderr
