"""One complaint by HTTP, answered when durable, beside django-helpdesk's REST creation.

`python bench/api.py [--rounds N] [--seconds N]` starts both on loopback with the same server
(granian, WSGI, one worker, eight threads), the same database and sync mode (SQLite, WAL, FULL), and
posts to each in turn, round after round, so that whatever else the machine does hits both; with one
client and with eight, connections kept alive. Bars hold for the other desk with that journal and
sync mode and all else as it comes, and with more of ours lent to it: the page cache, the mapped file,
connections that stay open, immediate transactions (`our database settings`). It is also measured
with one transaction a request besides. Where `amends[semantic]` is installed it is in use. Prints one JSON document. Where it cannot be installed that is said, and only ours is measured.
Also: the resident memory of `amends serve` afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

import helpdesk
from intake import MORE, WHAT
from serving import (
    THREADS,
    Line,
    amends_serve,
    environment_of,
    free_port,
    largest_mb,
    read_by_many,
    running,
)

from amends.engines.classification.second_opinion.process import installed

SAME = "django-helpdesk, same journal and sync mode"
LENT = "django-helpdesk, our database settings"
PEERS = {
    SAME: "same",
    LENT: "alike",
    "django-helpdesk, also one transaction a request": "atomic",
}
BARS = {SAME: {1: 4.0, 8: 4.0}, LENT: {1: 3.0, 8: 4.0}}
"""Least ratio of complaints a second, by number of clients."""

BAR_RESIDENT_MB = 400
PAGES = (
    "/desk/",
    "/desk/?view=late",
    "/desk/?code=billing.wrong_charge",
    "/desk/day/",
    "/desk/rules/",
)


@dataclass(slots=True)
class Request:
    """What is posted: path, headers and a body of its own for each number."""

    path: str
    headers: dict[str, str]
    body: Callable[[int], dict[str, object]]
    keyed: bool = False

    def bytes_of(self, number: int, seed: int) -> bytes:
        """The request as it goes over the line."""
        body = json.dumps(self.body(seed * 10_000_000 + number)).encode()
        headers = self.headers | {
            "Host": "127.0.0.1",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        }
        if self.keyed:
            headers["Idempotency-Key"] = f"bench-{number}"
        lines = [f"POST {self.path} HTTP/1.1", *(f"{name}: {is_}" for name, is_ in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(slots=True)
class Desk:
    """A running server and what was measured on it, by number of clients."""

    name: str
    port: int
    request: Request
    process: int
    posted: int = 0
    rates: dict[int, list[float]] = field(default_factory=dict)
    spans_ms: dict[int, list[float]] = field(default_factory=dict)


def main() -> None:
    """Start both, post in paired rounds, print the figures."""
    reader = argparse.ArgumentParser(description="Measure one complaint by HTTP.")
    reader.add_argument("--rounds", type=int, default=6, help="for each number of clients")
    reader.add_argument("--seconds", type=float, default=3.0, help="for each desk in a round")
    reader.add_argument("--seed", type=int, default=1)
    asked = reader.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="amends-bench-"))
    figures: dict[str, Any] = {"server": f"granian, WSGI, 1 worker, {THREADS} threads"}
    try:
        with ExitStack() as stack:
            desks = [stack.enter_context(amends(folder / "amends"))]
            try:
                for name, how in PEERS.items():
                    desks.append(stack.enter_context(peer(folder / how, name, figures, how)))
            except helpdesk.UnableToInstall as why:
                figures["helpdesk_missing"] = str(why)
            measure(desks, asked.rounds, asked.seconds, asked.seed)
            figures |= results(desks)
            _, session = apart(client_and_session, environment_of(folder / "amends"))
            read_by_many(desks[0].port, session, PAGES)
            figures["resident_mb"] = largest_mb(desks[0].process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    figures["second_opinion_installed"] = installed()
    figures["bars"] = {"ratio_at_least": BARS, "resident_mb_at_most": BAR_RESIDENT_MB}
    figures["met"] = {"resident_mb": figures["resident_mb"] <= BAR_RESIDENT_MB} | {
        f"{name}, {clients} clients": found["median"] >= BARS[name][clients]
        for name, by_clients in figures.get("ratio", {}).items()
        if name in BARS
        for clients, found in by_clients.items()
    }
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


@contextmanager
def amends(folder: Path) -> Iterator[Desk]:
    """`amends serve` with a data directory of its own, and a client of its interface."""
    folder.mkdir(parents=True)
    token, _ = apart(client_and_session, environment_of(folder))
    with amends_serve(folder) as (port, process):
        request = Request(
            "/api/v1/complaints", {"Authorization": f"Bearer {token}"}, complaint, keyed=True
        )
        yield Desk("amends", port, request, process)


@contextmanager
def peer(folder: Path, name: str, figures: dict[str, Any], how: str) -> Iterator[Desk]:
    """django-helpdesk with a database of its own."""
    folder.mkdir(parents=True)
    port = free_port()
    made = helpdesk.ready(folder, port=port, threads=THREADS, how=how)
    figures["helpdesk"] = made.versions
    with running(made.command, made.environment, folder, port) as process:
        headers = {"Authorization": f"Token {made.token}"}
        request = Request("/api/tickets/", headers, lambda number: ticket(number, made.queue))
        yield Desk(name, port, request, process)


def measure(desks: list[Desk], rounds: int, seconds: float, seed: int) -> None:
    """Rounds over all desks, in one order and then the other; the first round warms up."""
    for clients in (1, 8):
        for number in range(rounds + 1):
            for desk in desks if number % 2 else desks[::-1]:
                spans, taken = post(desk, clients, seconds if number else 1.0, seed)
                if number:
                    desk.rates.setdefault(clients, []).append(len(spans) / taken)
                    desk.spans_ms.setdefault(clients, []).extend(spans)


def post(desk: Desk, clients: int, seconds: float, seed: int) -> tuple[list[float], float]:
    """Milliseconds of every request of `clients` at once, and the seconds it took."""
    spans: list[list[float]] = [[] for _ in range(clients)]
    failed: list[str] = []
    first, began = desk.posted, perf_counter()
    end = began + seconds

    def work(client: int) -> None:
        line = Line(desk.port)
        number = first + client
        while perf_counter() < end and not failed:
            asked = desk.request.bytes_of(number, seed)
            started = perf_counter()
            answer = line.ask(asked)
            spans[client].append((perf_counter() - started) * 1000)
            if not answer.startswith(b"HTTP/1.1 201"):
                failed.append(f"{desk.name}: {answer[:500]!r}")
            number += clients
        line.close()

    threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(failed[0])
    desk.posted += clients * max(map(len, spans))
    return [span for some in spans for span in some], perf_counter() - began


def complaint(number: int) -> dict[str, object]:
    """An invented complaint, of a person of its own."""
    chance = random.Random(number)
    return {
        "text": words(chance),
        "phone": f"13{number % 10**9:09d}",
        "language": "zh",
        "province": "41",
    }


def ticket(number: int, queue: int) -> dict[str, object]:
    """The same complaint as a ticket."""
    chance = random.Random(number)
    text = words(chance)
    return {
        "queue": queue,
        "title": text[:60],
        "description": text,
        "priority": 3,
        "status": 1,
        "submitter_email": f"person{number}@mail.example",
        "resolution": "",
    }


def words(chance: random.Random) -> str:
    said = [chance.choice(WHAT), *(chance.choice(MORE) for _ in range(3))]
    return "，".join(said).format(n=chance.randrange(1000))


def results(desks: list[Desk]) -> dict[str, Any]:
    """Rates and times by desk and number of clients; ratios are medians over the rounds."""
    found: dict[str, Any] = {}
    for desk in desks:
        found[desk.name] = {
            clients: {
                "per_s": round(statistics.median(rates), 1),
                "ms_p50": round(statistics.median(desk.spans_ms[clients]), 1),
                "ms_p95": round(statistics.quantiles(desk.spans_ms[clients], n=20)[18], 1),
                "requests": len(desk.spans_ms[clients]),
            }
            for clients, rates in desk.rates.items()
        }
    ours, *others = desks
    if others:
        found["ratio"] = {
            desk.name: {n: ratio(rates, desk.rates[n]) for n, rates in ours.rates.items()}
            for desk in others
        }
    return found


def ratio(ours: list[float], theirs: list[float]) -> dict[str, float]:
    """Ours over theirs of the same round: median, least and most."""
    each = [one / other for one, other in zip(ours, theirs, strict=True)]
    return {
        "median": round(statistics.median(each), 2),
        "least": round(min(each), 2),
        "most": round(max(each), 2),
    }


def client_and_session() -> tuple[str, str]:
    """In a process of its own: a token of the interface, and the session of a signed-in handler."""
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.utils import timezone

    from amends.entrances.portals.actions.clients import make_client
    from amends.people.access.actions.add_user import add_user

    call_command("migrate", verbosity=0)
    number = random.SystemRandom().randrange(10**9)
    token = make_client(f"bench-{number}", scopes=["complaints:write"], now=timezone.now())
    user = add_user(f"bench-{number}", password="bench-bench-bench", roles=["handler"])
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return token, str(session.session_key)


def apart(work: Callable[[], Any], environment: dict[str, str]) -> Any:
    """The answer of `work` from a fresh process with its own environment."""
    with ProcessPoolExecutor(
        1, mp_context=get_context("spawn"), initializer=live_in, initargs=(environment,)
    ) as pool:
        return pool.submit(work).result()


def live_in(environment: dict[str, str]) -> None:
    os.environ.update(environment)


if __name__ == "__main__":
    main()
