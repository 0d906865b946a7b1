"""Point-in-time restore of PostgreSQL: its own base backup and log, with keys and files beside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.actions.site.test_backups import ROOT, House, postgres_tools


class Server:
    """A PostgreSQL server of its own, on a socket in its folder; as root under another account."""

    def __init__(self, data: Path, sockets: Path) -> None:
        self.data, self.sockets = data, sockets

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/amends?host={self.sockets}"

    def initialise(self) -> None:
        self.data.mkdir(mode=0o700)
        self._own()
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "-N")

    def start(self) -> None:
        self._own()
        options = f"-k {self.sockets} -c listen_addresses='' -c fsync=off"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "120", "-o", options,
                  "-l", str(self.sockets / "log"), "start")  # fmt: skip

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop", check=False)

    def _own(self) -> None:
        if os.geteuid() == 0:
            for folder in (self.data, self.sockets):
                subprocess.run(["chown", "-R", "nobody", str(folder)], check=True)

    def _run(self, tool: str, *arguments: str, check: bool = True) -> None:
        user = "nobody" if os.geteuid() == 0 else None
        done = subprocess.run(
            [str(postgres_tools() / tool), *arguments], user=user, cwd="/", text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
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


def _rows(server: Server) -> int:
    import psycopg

    with psycopg.connect(server.url) as line:
        return int(line.execute("SELECT count(*) FROM complaints_contact").fetchone()[0])  # type: ignore[index]


def _wait(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 180
    while not true():
        assert process.poll() is None, "it ended"
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_server_recovers_to_a_moment_and_continues_the_witness(
    servers: Callable[[str], Server], tmp_path: Path
) -> None:
    import psycopg

    old = servers("old")
    old.initialise()
    old.start()
    with psycopg.connect(old.url.replace("/amends?", "/postgres?"), autocommit=True) as line:
        line.execute("CREATE DATABASE amends")
    # Where the server's account may come to: it reads its log from the kept folder.
    source, kept = House(tmp_path / "source", old.url), old.data.parent / "kept"
    assert source.amends("migrate").returncode == 0
    keeper = subprocess.Popen(
        [sys.executable, "-m", "amends", "backup", "--keep", str(kept), "--every", "1"],
        env=source.environment, cwd=ROOT, text=True,
    )  # fmt: skip
    try:
        _wait(lambda: any((kept / "bases").glob("?" * 12)), keeper)
        pseudonym = json.loads(source.worker("fill"))["pseudonym"]
        witness = tmp_path / "checkpoint"
        assert source.amends("ledger", "checkpoint", "--out", witness).returncode == 0
        had = _rows(old)
        steps = len(list((kept / "segments").iterdir()))
        _wait(lambda: len(list((kept / "segments").iterdir())) > steps + 1, keeper)
        moment = datetime.now(UTC)
        time.sleep(1.5)
        writer = source.start("write")
        assert writer.stdout is not None
        for _ in range(3):
            writer.stdout.readline()
        writer.kill()
        assert _rows(old) > had
        steps = len(list((kept / "segments").iterdir()))
        _wait(lambda: len(list((kept / "segments").iterdir())) > steps + 1, keeper)
    finally:
        keeper.terminate()
        assert keeper.wait(180) == 0
        for process in source.started:
            process.kill()
            process.wait()
    old.stop()

    for path in (kept, kept / "pg", kept / "pg" / "wal"):
        path.chmod(0o755)
    for path in (kept / "pg" / "wal").iterdir():
        path.chmod(0o644)
    new = servers("new")
    target = House(tmp_path / "target", new.url)
    put = target.amends("restore", kept, "--at", moment.isoformat(), "--into", new.data)
    assert put.returncode == 0, put.stderr
    assert "Start the server" in put.stdout
    new.start()
    _settle(new)
    assert _rows(new) == had, "what came later is not there, nothing before is missing"
    assert target.amends("migrate").returncode == 0
    verified = target.amends("ledger", "verify", "--deep", "--against", witness, "--json")
    assert json.loads(verified.stdout)["ok"], verified.stdout
    found = json.loads(target.worker("look", pseudonym))
    assert found["phone"] == "13912345670"
    assert {f"bill {number}" for number in range(5)} <= set(found["files"])
    for process in target.started:
        process.wait()


def _settle(server: Server) -> None:
    """Until recovery has ended and the server takes writes."""
    import psycopg

    end = time.monotonic() + 120
    while True:
        with psycopg.connect(server.url) as line:
            if not line.execute("SELECT pg_is_in_recovery()").fetchone()[0]:  # type: ignore[index]
                return
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_folder_of_another_engine_is_refused(tmp_path: Path) -> None:
    from amends.site.backups.keeping.store import Store

    Store(tmp_path / "kept", engine="postgresql")
    house = House(tmp_path / "house", "")
    done = house.amends("restore", tmp_path / "kept")
    assert done.returncode == 2
    assert "postgresql" in done.stderr
