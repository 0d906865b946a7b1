"""What a kept backup costs and how fast it comes back: `python bench/keeping.py [--gb 2]`.

A SQLite database of the asked size with rows that do not compress away, a writer in a process of its
own beside the keeper, as Amends writes, then a restore to the newest moment. The peer in the same run is a plain copy of the file with fsync.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
os.environ.setdefault("AMENDS_DATA_DIR", tempfile.mkdtemp(prefix="amends-bench-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
import django

django.setup()

from amends.operations.backups.sqlite import SqliteFollower, replay  # noqa: E402 (Django is set up above)
from amends.operations.backups.store import Store  # noqa: E402 (Django is set up above)


def fill(path: Path, gb: float) -> None:
    """Rows of 4 kB, half of it random: about what sealed text and indexes compress to."""
    with closing(sqlite3.connect(path)) as line:
        line.execute("PRAGMA journal_mode=WAL")
        line.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)")
        for _ in range(int(gb * 1e9 / 4_096 / 10_000)):
            rows = ((os.urandom(2_000) + bytes(2_000),) for _ in range(10_000))
            line.executemany("INSERT INTO t(body) VALUES (?)", rows)
            line.commit()


def copied(source: Path, target: Path) -> float:
    """Seconds for a plain copy that is durable."""
    began = time.perf_counter()
    shutil.copyfile(source, target)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    return time.perf_counter() - began


def write(path: Path, told: Connection) -> None:
    """Rows one by one until told to stop; then tells how long each waited for its turn and took."""
    turns: list[float] = []
    waits: list[float] = []
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as line:
        told.send("begun")
        while not told.poll():
            began = time.perf_counter()
            line.execute("BEGIN IMMEDIATE")
            turns.append(time.perf_counter() - began)
            line.execute("INSERT INTO t(body) VALUES (?)", (os.urandom(2_000),))
            line.execute("COMMIT")
            waits.append(time.perf_counter() - began)
            time.sleep(0.005)
    told.send((turns, waits))


def main() -> None:
    """Print one JSON document."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--gb", type=float, default=1.0)
    gb = asked.parse_args().gb
    with tempfile.TemporaryDirectory(prefix="amends-keeping-") as made:
        folder = Path(made)
        (folder / "data").mkdir()
        path = folder / "data" / "amends.sqlite3"
        fill(path, gb)
        size = path.stat().st_size
        store = Store(folder / "kept", "measured", create=True)
        follower = SqliteFollower(store, path)
        # A log beyond its limit, which the first step empties while others write.
        with closing(sqlite3.connect(path)) as line:
            line.executemany(
                "INSERT INTO t(body) VALUES (?)", ((os.urandom(4_000),) for _ in range(20_000))
            )
            line.commit()
        here, there = multiprocessing.Pipe()
        writer = multiprocessing.get_context("spawn").Process(target=write, args=(path, there))
        writer.start()
        here.recv()
        began = time.perf_counter()
        steps = []
        while follower.manifest is None:
            before = time.perf_counter()
            follower.step(datetime.now(UTC))
            steps.append(time.perf_counter() - before)
            follower.copy_until(time.monotonic() + 5)
        base_s = time.perf_counter() - began
        here.send("enough")
        turns, waits = here.recv()
        writer.join()
        follower.step(datetime.now(UTC))
        began = time.perf_counter()
        manifest, moment = store.moment(None)
        store.get_file(manifest.base, folder / "restored", lambda *_: None)
        replay(folder / "restored", manifest.log[: moment["log"]], store)
        restore_s = time.perf_counter() - began
        with (
            closing(sqlite3.connect(path)) as line,
            closing(sqlite3.connect(folder / "restored")) as new,
        ):
            counted = [one.execute("SELECT count(*) FROM t").fetchone()[0] for one in (line, new)]
        copy_s = copied(path, folder / "copy")
        follower.close()
        kept = sum(one.stat().st_size for one in (folder / "kept").rglob("*") if one.is_file())
    document = {
        "size_gb": round(size / 1e9, 2),
        "equal": counted[0] == counted[1],
        "base_s": round(base_s, 1),
        "base_mb_s": round(size / 1e6 / base_s, 1),
        "longest_step_s": round(max(steps), 2),
        "turn_p99_ms": round(sorted(turns)[int(len(turns) * 0.99)] * 1e3, 1),
        "turn_longest_ms": round(max(turns) * 1e3, 1),
        "writer_p99_ms": round(sorted(waits)[int(len(waits) * 0.99)] * 1e3, 1),
        "writer_longest_ms": round(max(waits) * 1e3, 1),
        "restore_s": round(restore_s, 1),
        "restore_mb_s": round(size / 1e6 / restore_s, 1),
        "copy_mb_s": round(size / 1e6 / copy_s, 1),
        "kept_share": round(kept / size, 2),
        "at_10_gb_min": round(10_000 / (size / 1e6 / restore_s) / 60, 1),
    }
    print(json.dumps(document))


if __name__ == "__main__":
    main()
