"""Measure how long pages are on a phone: `python bench/long_pages.py [--data DIR]`.

Plays the demonstration (300 subscribers, seed 404), or reads the one in `--data`, and opens up to
three pages of each address pattern that a link leads to, as each role, in both languages, in a
window of 390 x 844 px. Prints the patterns with their longest page in screens of 844 px, longest
first, and how many have more than five screens. Also prints what runs off the side, and figures
(`data-figure`) that have two values or intervals for one scope and period.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from serving import amends_serve, environment_of

WIDTH, HEIGHT, BAR = 390, 844, 5
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SAMPLES = 2
FIGURES = """
[...document.querySelectorAll('[data-figure]')].map(({dataset}) => [
  [dataset.figure, dataset.scope, dataset.period].join(' '),
  [dataset.value, dataset.interval].join(' ')])
"""
PASSWORD = "harbour-kite-42"
SKIPPED = ("admin/", "api/", "account/", "static/", "metrics", "healthz", "gallery/")


def play(folder: Path) -> None:
    """Play the demonstration in an empty directory."""
    command = [sys.executable, "-m", "amends", "demo", "--once", "--size", "300", "--seed", "404"]
    subprocess.run(command, check=True, env=environment_of(folder))


def addresses(language: str) -> dict[str, list[tuple[str, str]]]:
    """Pattern → up to `SAMPLES` pages as (reader, address)."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import Resolver404, get_resolver, resolve

    pages: dict[str, list[tuple[str, str]]] = {}
    accounts = {user.username: user for user in get_user_model().objects.all()}
    for reader in ("", *sorted(accounts, key=lambda name: name != "admin")):
        client = Client(SERVER_NAME="127.0.0.1", headers={"accept-language": language})
        client.cookies["amends_language"] = language
        if reader:
            client.force_login(accounts[reader])
        plain = sorted(
            plain_addresses(get_resolver()), key=lambda one: not one.startswith("/desk/")
        )
        waiting, done = [*plain, "/"], set[str]()
        opened = Counter[str]()
        while waiting:
            address = waiting.pop(0).split("#")[0]
            try:
                pattern = resolve(address.split("?")[0]).route
            except Resolver404:
                continue
            if address in done or pattern.startswith(SKIPPED):
                continue
            done.add(address)
            if opened[pattern] >= SAMPLES or len(pages.get(pattern, ())) >= SAMPLES + 1:
                continue
            opened[pattern] += 1
            answer = client.get(address)
            if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
                continue
            text = answer.content.decode()
            if "<html" not in text:
                continue
            if len(pages.setdefault(pattern, [])) < SAMPLES + 1:
                pages[pattern].append((reader, address))
            waiting += [link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"]*)"', text)]
    return pages


def set_passwords() -> None:
    """Give each account of the demonstration the password of this measurement."""
    from django.contrib.auth import get_user_model

    for user in get_user_model().objects.all():
        user.set_password(PASSWORD)
        user.save()


def sign_in(window: Any, base: str, reader: str) -> None:
    window.goto(f"{base}/account/login/?next=/desk/day/")
    window.fill("#id_login", reader)
    window.fill("#id_password", PASSWORD)
    with window.expect_navigation():
        window.click("button.main")


def plain_addresses(resolver: Any, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        address = before + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from plain_addresses(one, address)
        elif not re.search(r"[<^$(\\]", address):
            yield f"/{address}"


def measure(base: str, language: str, pages: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
    """Pattern → (screens of its longest page, its address, its reader); and what is too wide."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("AMENDS_CHROMIUM", "/usr/bin/chromium")
    longest: dict[str, tuple[float, str, str]] = {}
    wide = []
    figures: dict[str, set[str]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for reader in sorted({page[0] for found in pages.values() for page in found}):
            context = browser.new_context(
                viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce"
            )
            context.add_cookies([{"name": "amends_language", "value": language, "url": base}])
            window = context.new_page()
            if reader:
                sign_in(window, base, reader)
            for pattern, found in pages.items():
                for of_reader, address in found:
                    if of_reader != reader:
                        continue
                    try:
                        window.goto(f"{base}{address}")
                        height, width = window.evaluate(
                            "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
                        )
                    except Exception as error:
                        print(address, str(error)[:100], file=sys.stderr)
                        continue
                    for figure, value in window.evaluate(FIGURES):
                        figures.setdefault(figure, set()).add(value)
                    screens = round(height / HEIGHT, 1)
                    if screens > longest.get(pattern, (0.0, "", ""))[0]:
                        longest[pattern] = (screens, address, reader)
                    if width > WIDTH:
                        wide.append(f"{address} {width}")
            context.close()
        browser.close()
    return {"longest": longest, "wide": wide, "figures": figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--language", action="append", choices=["en", "zh-hans"])
    asked = parser.parse_args()
    folder = asked.data or Path(tempfile.mkdtemp(prefix="amends-bench-"))
    os.environ.update(environment_of(folder.resolve()))
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if not asked.data:
        play(folder)
    import django

    django.setup()
    set_passwords()
    merged: dict[str, tuple[float, str, str]] = {}
    wide: list[str] = []
    figures: dict[str, set[str]] = {}
    with amends_serve(folder.resolve()) as (port, _process):
        for language in asked.language or ("en", "zh-hans"):
            found = measure(f"http://127.0.0.1:{port}", language, addresses(language))
            wide += found["wide"]
            for figure, values in found["figures"].items():
                figures.setdefault(figure, set()).update(values)
            for pattern, one in found["longest"].items():
                merged[pattern] = max(merged.get(pattern, (0.0, "", "")), one)
    for pattern, (screens, address, reader) in sorted(merged.items(), key=lambda item: -item[1][0]):
        if screens > BAR * 0.7:
            print(f"{screens:5.1f}  {pattern}  {address}  {reader}")
    over = sum(screens > BAR for screens, _address, _reader in merged.values())
    differing = {figure: sorted(values) for figure, values in figures.items() if len(values) > 1}
    summary = {
        "patterns": len(merged),
        "over_five_screens": over,
        "off_the_side": wide,
        "figures": len(figures),
        "figures_with_two_values": differing,
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
