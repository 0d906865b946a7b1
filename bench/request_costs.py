"""What a request costs: `python bench/request_costs.py [--profile PAGE] [--times 200]`.

Fills PostgreSQL as `bench/load.py` does, lets the jobs investigate what came in, as they do beside a
server, and asks the installation for each page of its mix in this process, through every middleware,
without a server between: milliseconds of this process's processor, of the one that serves it in
PostgreSQL, by the clock, and statements. A complaint that nobody investigated has no dossier: its
page costs a quarter of what it costs a moment later, and until 27 November that quarter was told.
Seconds by the clock on a busy machine say little, the processor's do.
`--profile PAGE` prints where the time of one page goes. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import os
import pstats
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from load import PHONES, WORDS, fill, postgres

Ask = Callable[[], dict[str, Any]]


def _get(path: str, **headers: str) -> dict[str, Any]:
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "127.0.0.1:8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        **headers,
    }


def mix(told: dict[str, Any]) -> dict[str, Ask]:
    """A way to ask for each page of the load, by its name there."""
    any_of = random.Random(7)
    desk = {"HTTP_COOKIE": f"sessionid={told['sessions'][0]}"}
    client = {"HTTP_AUTHORIZATION": f"Bearer {told['token']}"}

    def intake() -> dict[str, Any]:
        body = json.dumps(
            {"text": any_of.choice(WORDS).format(n=7), "phone": any_of.choice(PHONES)}
        ).encode()
        return _get("/api/v1/complaints", **client) | {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4()),
        }

    return {
        "intake": intake,
        "followed complaint": lambda: _get(f"/follow/{any_of.choice(told['codes'])}/"),
        "public home": lambda: _get("/"),
        "public form": lambda: _get("/complain/"),
        "state by interface": lambda: _get(
            f"/api/v1/complaints/{any_of.choice(told['codes'])}", **client
        ),
        "inbox": lambda: _get("/desk/" + any_of.choice(("", "?view=late", "?view=today")), **desk),
        "complaint page": lambda: _get(f"/desk/c/{any_of.choice(told['complaints'])}/", **desk),
        "indicators": lambda: _get("/desk/indicators/", **desk),
    }


# How often each is asked for in a second of the load.
RATES = {
    "intake": 50,
    "followed complaint": 100,
    "public home": 40,
    "state by interface": 20,
    "inbox": 24,
    "complaint page": 14,
    "indicators": 2,
}


def main() -> None:
    """Fill, ask, tell."""
    reader = argparse.ArgumentParser(description="What a request costs.")
    reader.add_argument("--times", type=int, default=200)
    reader.add_argument("--profile", default="", help="a page of the mix")
    reader.add_argument("--sort", default="tottime", help="how the profile is ordered")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="amends-requests-") as name:
        folder = Path(name)
        with postgres(folder) as url:
            os.environ.update(
                AMENDS_DATA_DIR=os.environ.get("AMENDS_DATA_DIR", str(folder)),
                AMENDS_DATABASE_URL=url,
                AMENDS_REQUIRE_MFA="no",
                AMENDS_ALLOWED_HOSTS="127.0.0.1,localhost",
                DJANGO_SETTINGS_MODULE="amends.site.settings",
            )
            kept = Path(os.environ["AMENDS_DATA_DIR"]) / "load.json"
            told = json.loads(kept.read_text()) if kept.exists() else worked(fill(folder))
            kept.write_text(json.dumps(told))
            ask_each(mix(told), asked)


def worked(told: dict[str, Any]) -> dict[str, Any]:
    """What was filled, once the pipeline has nothing left to do."""
    from django.utils import timezone

    from amends.cases.complaints.jobs import pipeline

    while pipeline.process(now=timezone.now()).did_something:
        pass
    return told


def ask_each(pages: dict[str, Ask], asked: argparse.Namespace) -> None:
    from django.db import connection

    from amends.site.wsgi import application

    # One connection to the end, so that one process of PostgreSQL serves and is asked.
    connection.close()
    connection.settings_dict["CONN_MAX_AGE"] = None

    def one(ask: Ask) -> None:
        statuses: list[str] = []
        answer = application(ask(), lambda status, headers, *rest: statuses.append(status))
        b"".join(answer)
        answer.close()
        if not statuses[0].startswith("2"):
            raise SystemExit(statuses[0])

    found: dict[str, Any] = {}
    for name, ask in pages.items():
        if asked.profile in ("", name):
            for _ in range(20):
                one(ask)
            found[name] = measured(lambda ask=ask: one(ask), asked)
    if not asked.profile:
        for whose in ("processor", "database"):
            found[f"{whose}_s_a_second_of_load"] = round(
                sum(found[name][f"{whose}_ms"] * rate for name, rate in RATES.items()) / 1_000, 2
            )
    print(json.dumps(found, indent=2))


def _database_ns(connection: Any) -> int:
    """Processor so far of the process of PostgreSQL behind this connection, if it is on this machine."""
    at = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return int(at.read_text().split()[0]) if at.exists() else 0


def measured(one: Callable[[], None], asked: argparse.Namespace) -> dict[str, Any]:
    from django.db import connection

    statements: list[str] = []

    def kept(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(kept):
        one()
    if asked.profile:
        profile = cProfile.Profile(time.process_time)
        profile.enable()
        for _ in range(asked.times):
            one()
        profile.disable()
        pstats.Stats(profile, stream=sys.stderr).sort_stats(asked.sort).print_stats(70)
        print(*(sql[:600] for sql in statements), sep="\n", file=sys.stderr)
    began, busy, kept_busy = time.perf_counter(), time.process_time(), _database_ns(connection)
    for _ in range(asked.times):
        one()
    return {
        "processor_ms": round((time.process_time() - busy) / asked.times * 1_000, 2),
        "database_ms": round((_database_ns(connection) - kept_busy) / asked.times / 1e6, 2),
        "clock_ms": round((time.perf_counter() - began) / asked.times * 1_000, 2),
        "statements": len(statements),
    }


if __name__ == "__main__":
    main()
