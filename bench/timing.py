"""Measure whether time tells known numbers from unknown ones: `python bench/timing.py [--each N]`.

Serves an installation on loopback with its jobs running and asks, interleaved, about numbers of
subscribers and numbers nobody has. Prints one JSON document: for each anonymous request the share
that the best threshold on the time of the whole HTTP request gets right (0.5 is guessing; of two
equal samples of 200 the best threshold gets 0.54 right in the median), and whether the answers
differ in anything but codes and moments.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

import numpy as np
from place import own_place
from serving import environment_of, free_port, running

STORY = "宽带晚上特别慢，视频一直转圈，打电话也没有人管。"
SECRET = "a" * 32
BAR = 0.6


class Visitor:
    """A browser without script, at a network address of its own."""

    def __init__(self, port: int, number: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.cookies = {"csrftoken": SECRET, "amends_language": "en"}
        self.took_ms = 0.0

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status, and the page or where it leads; `took_ms` is the time of the whole request."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": SECRET,
            "X-Forwarded-For": self.address,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        began = perf_counter()
        self.line.request(method, path, urlencode(form or {}), headers)
        answer = self.line.getresponse()
        page = answer.read().decode()
        self.took_ms = (perf_counter() - began) * 1_000
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                self.cookies[cookie] = content
        return answer.status, answer.getheader("Location") or page

    def post(self, path: str, **form: str) -> tuple[int, str]:
        """Send a form; anything but a page or a redirect ends the measurement."""
        status, page = self.ask("POST", path, form)
        if status not in (200, 302):
            raise SystemExit(f"{path} answered {status}: {page[:300]}")
        return status, page


def send_complaint(visitor: Visitor, number: str) -> str:
    """The first three pages of the form, then the one that is measured."""
    visitor.post("/complain/", text=f"{STORY} {random.random()}", wanted="")
    visitor.post("/complain/about/", about=number)
    visitor.post("/complain/reach/", phone="", email="", name="")
    _, where = visitor.post("/complain/check/", website="")
    return where


def _filed(visitor: Visitor, number: str) -> str:
    send_complaint(visitor, number)
    _, receipt = visitor.ask("GET", "/complain/receipt/")
    found = re.search(r'<p class="code">([0-9A-Z-]{14})</p>', receipt)
    if found is None:
        raise SystemExit(f"The receipt shows no code: {receipt[-600:]}")
    for _ in range(400):
        _, page = visitor.ask("GET", f"/follow/{found[1]}/")
        if "Show that it is you" in page:
            return found[1]
        sleep(0.2)
    raise SystemExit("The worker does not receive what is sent.")


def read_receipt(visitor: Visitor, number: str) -> str:
    """The receipt, at once."""
    send_complaint(visitor, number)
    return visitor.ask("GET", "/complain/receipt/")[1]


def read_status(visitor: Visitor, number: str) -> str:
    """The page of the code, once the worker has received the complaint."""
    code = _filed(visitor, number)
    return visitor.ask("GET", f"/follow/{code}/")[1]


def ask_for_code(visitor: Visitor, number: str) -> str:
    """A code to show who one is."""
    code = _filed(visitor, number)
    return visitor.post(f"/follow/{code}/identity/", ask="1")[1]


def enter_code(visitor: Visitor, number: str) -> str:
    """Wrong digits, once the code was sent."""
    code = _filed(visitor, number)
    visitor.post(f"/follow/{code}/identity/", ask="1")
    sleep(1.5)
    return visitor.post(f"/follow/{code}/identity/", digits="000000")[1]


def ask_mine(visitor: Visitor, number: str) -> str:
    """A code at `/mine/`."""
    return visitor.post("/mine/", number=number)[1]


def enter_mine(visitor: Visitor, number: str) -> str:
    """Wrong digits at `/mine/`, once the code was sent."""
    visitor.post("/mine/", number=number)
    sleep(1.5)
    return visitor.post("/mine/code/", digits="000000")[1]


def ask_six_times_then_series(visitor: Visitor, number: str) -> str:
    """A series of speed tests for a number that was asked six times for a code."""
    for _ in range(6):
        visitor.post("/mine/", number=number)
    sleep(1.5)
    return visitor.post("/speed/campaigns/", down_max_mbps="100", reminders=number)[1]


REQUESTS: dict[str, Callable[[Visitor, str], str]] = {
    one.__name__: one
    for one in (
        send_complaint,
        read_receipt,
        read_status,
        ask_for_code,
        enter_code,
        ask_mine,
        enter_mine,
        ask_six_times_then_series,
    )
}


def best_threshold(known: Any, unknown: Any) -> float:
    """The share that the best threshold gets right, whichever side it calls known."""
    limits = np.concatenate([known, unknown])
    below = (known[:, None] <= limits).mean(axis=0) - (unknown[:, None] <= limits).mean(axis=0)
    return round(float(0.5 + np.abs(below).max() / 2), 3)


def without_codes(page: str) -> str:
    """The page without what differs each time: codes, tokens, moments."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)
    page = re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", "CODE", page)
    return re.sub(r"\d\d:\d\d(:[\d.]+)?", "", page)


def measured(port: int, name: str, *, each: int, first: int) -> dict[str, Any]:
    """One request, asked about `each` known and `each` unknown numbers in turns."""
    took: dict[bool, list[float]] = {True: [], False: []}
    pages: dict[bool, set[str]] = {True: set(), False: set()}
    for turn in range(each + 10):
        for known in random.sample((True, False), 2):
            at = first + turn
            visitor = Visitor(port, 2 * at + known)
            visitor.ask("GET", "/complain/")
            page = REQUESTS[name](visitor, f"139{at:08d}" if known else f"138{at:08d}")
            if turn >= 10:  # the first ones warm up
                took[known].append(visitor.took_ms)
                pages[known].add(without_codes(page))
            visitor.line.close()
    return {
        "known_ms": round(float(np.median(took[True])), 2),
        "unknown_ms": round(float(np.median(took[False])), 2),
        "best_threshold": best_threshold(np.array(took[True]), np.array(took[False])),
        "same_answer": pages[True] == pages[False],
    }


def main() -> None:
    """Serve, ask, print the figures; ends with 1 where a request misses the bar."""
    reader = argparse.ArgumentParser(description="Known from unknown numbers by time.")
    reader.add_argument("--each", type=int, default=200)
    reader.add_argument("--only", choices=sorted(REQUESTS), action="append")
    reader.add_argument("--postgres", help="URL of an empty database")
    asked = reader.parse_args()
    names = asked.only or list(REQUESTS)
    with own_place(asked.postgres or "") as folder:
        figures = _figures(folder, names, asked.each, asked.postgres or "")
    document = {
        "each": asked.each,
        "load_average": round(os.getloadavg()[0], 2),
        "database": "postgresql" if asked.postgres else "sqlite",
        "bar": f"at most {BAR}",
        "requests": figures,
    }
    json.dump(document, sys.stdout, indent=2)
    sys.stdout.write("\n")
    missed = [one for one in figures.values() if one["best_threshold"] > BAR]
    sys.exit(1 if missed or not all(one["same_answer"] for one in figures.values()) else 0)


def _figures(folder: Path, names: list[str], each: int, database: str) -> dict[str, Any]:
    from django.utils import timezone

    from amends.people.subscribers.actions.register import NewSubscriber, register_many

    count = (each + 10) * len(names)
    people = [NewSubscriber(name="林小满", phone=f"139{one:08d}") for one in range(count)]
    register_many(people, now=timezone.now())
    environment = environment_of(folder) | {"AMENDS_TRUSTED_PROXIES": "1"}
    if database:
        environment["AMENDS_DATABASE_URL"] = database
    port = free_port()
    command = [sys.executable, "-m", "amends", "serve", "--port", str(port)]
    with running(command, environment, folder, port):
        sleep(3)
        return {
            name: measured(port, name, each=each, first=at * (each + 10))
            for at, name in enumerate(names)
        }


if __name__ == "__main__":
    main()
