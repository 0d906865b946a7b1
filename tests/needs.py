"""What some tests need beyond the lock file, and how to install it.

A test says so with `@pytest.mark.needs("promtool")`, with one of the markers or with one of the
fixtures in `NEEDED_BY`. Where the thing is missing the test is skipped before its fixtures are set
up, and the end of the run names what was left out (`tests/conftest.py`).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from amends.engines.classification.second_opinion.process import installed as semantic_installed
from tests.upgrade.previous_code import has_history


def program(name: str) -> str:
    """The path of a program; "" where it is not installed. Users of Debian have no sbin in PATH."""
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    places += [place.removesuffix("bin") + "sbin" for place in places if place.endswith("/bin")]
    return shutil.which(name, path=os.pathsep.join(places)) or ""


CHROMIUM = Path(os.environ.get("AMENDS_CHROMIUM") or program("chromium") or "chromium")
DOVECOT = program("dovecot")
SBOM_TOOL = Path(__file__).parents[1] / "build" / "sbom" / "bin" / "cyclonedx-py"


def shared_folder() -> Path | None:
    """The folder of shared test data; None where AMENDS_SHARED names none."""
    folder = Path(os.environ.get("AMENDS_SHARED") or "no such folder")
    return folder if folder.is_dir() else None


def _module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


@dataclass(frozen=True, slots=True)
class Need:
    """Something that only some tests need: what it is called, how to install it, if it is there."""

    title: str
    remedy: str
    is_there: Callable[[], bool]


def _has_kits() -> bool:
    folder = Path(os.environ.get("AMENDS_CTK") or "no such folder")
    return folder.is_dir() and bool(program(os.environ.get("AMENDS_NEWMAN") or "newman"))


NEEDS = {
    "aapt": Need(
        "the tools of Android apps",
        "apt-get install aapt apksigner libsmali-java default-jre-headless",
        lambda: all(program(one) for one in ("aapt", "apksigner", "smali", "keytool", "java")),
    ),
    "conformance kits": Need(
        "the conformance kits of TM Forum and newman",
        "clone CTK-TMF621-TroubleTicket-R18-0, CTK-TMF681-Communication and "
        "CTK-TMF683-PartyInteraction into a folder that AMENDS_CTK names; npm install newman",
        _has_kits,
    ),
    "amtool": Need(
        "amtool", "apt-get install prometheus-alertmanager", lambda: bool(program("amtool"))
    ),
    "chromium": Need(
        "Chromium", "apt-get install chromium, or AMENDS_CHROMIUM=path", CHROMIUM.exists
    ),
    "clamd": Need("ClamAV", "apt-get install clamav-daemon", lambda: bool(program("clamd"))),
    "cyclonedx": Need("cyclonedx-bom", "make build/sbom/.installed", SBOM_TOOL.exists),
    "dovecot": Need("Dovecot", "apt-get install dovecot-imapd", lambda: bool(DOVECOT)),
    "gpg": Need("GnuPG", "apt-get install gnupg", lambda: bool(program("gpg"))),
    "history": Need(
        "the code of the previous release", "git fetch --unshallow", lambda: has_history()
    ),
    "node": Need(
        "Node.js", "apt-get install npm", lambda: bool(program("npm") and program("node"))
    ),
    "pdftotext": Need(
        "pdftotext", "apt-get install poppler-utils", lambda: bool(program("pdftotext"))
    ),
    "promtool": Need("promtool", "apt-get install prometheus", lambda: bool(program("promtool"))),
    "schemathesis": Need("schemathesis", "make .venv/.load", lambda: _module("schemathesis")),
    "semantic": Need("amends[semantic]", "pip install amends[semantic]", semantic_installed),
    "shared": Need(
        "the shared test data", "AMENDS_SHARED=folder", lambda: shared_folder() is not None
    ),
    "snac": Need("snac2", "apt-get install snac2", lambda: bool(program("snac"))),
    "soffice": Need(
        "LibreOffice", "apt-get install libreoffice-calc", lambda: bool(program("soffice"))
    ),
    "spark": Need(
        "Spark",
        "apt-get install default-jre-headless, make .venv/.spark",
        lambda: _module("pyspark") and bool(program("java")),
    ),
}

NEEDED_BY = {
    "browser": "chromium",
    "chromium": "chromium",
    "mailserver": "dovecot",
    "schemathesis": "schemathesis",
    "shared": "shared",
    "spark": "spark",
    "spark_installed": "spark",
}
"""Markers and fixtures, with what a test that has one of them needs."""

_PREFIX = "needs "


def needs_of(item: pytest.Item) -> list[str]:
    """What a test needs, by its markers and fixtures."""
    explicit = {name for mark in item.iter_markers("needs") for name in mark.args}
    names = {mark.name for mark in item.iter_markers()} | set(getattr(item, "fixturenames", ()))
    return sorted(explicit | {NEEDED_BY[name] for name in names if name in NEEDED_BY})


def reason(name: str) -> str:
    """Why a test is skipped that needs this."""
    return f"{_PREFIX}{NEEDS[name].title} ({NEEDS[name].remedy})"


def left_out(reasons: Iterable[str]) -> str:
    """One line on what was left out and how to install it; "" where nothing was.

    >>> left_out([reason("node"), reason("node"), "this kernel tells no children"])
    'Left out: 2 tests that need Node.js (apt-get install npm).'
    """
    counts = Counter(text.removeprefix(_PREFIX) for text in reasons if text.startswith(_PREFIX))
    if not counts:
        return ""
    parts = [
        f"{count} {'test that needs' if count == 1 else 'tests that need'} {what}"
        for what, count in sorted(counts.items())
    ]
    return f"Left out: {', '.join(parts)}."
