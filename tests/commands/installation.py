"""An installation of the wheel with a prepared data directory, and runs of its commands."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.commands.cases import CASES, GOLDEN, SAMPLES, Case
from tests.commands.installed import install
from tests.ports import free_port

TIME_LIMIT_S = 300
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\xff"
JSON_DOCUMENT = b'{"trackers": "x", "rows": [{"a": 1}, 2, null]}'
CSV_TABLE = b"name,count\nnorth,12\nsouth,7\n"
KINDS = ("text", "json", "empty", "other")
"""How a command is run: with its sample, for a person and for a program; with empty files; with
files of another kind."""


@dataclass(frozen=True, slots=True)
class Run:
    """A command and how it is run."""

    leaf: str
    kind: str

    @property
    def case(self) -> Case:
        """Its entry in the table."""
        return CASES[self.leaf]

    def __str__(self) -> str:
        return f"{self.leaf.replace(' ', '-')}-{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a process ended.

    names         what the placeholders of the case stood for
    has_database  whether its data directory has a database afterwards
    """

    code: int
    out: str
    err: str
    names: Mapping[str, str]
    has_database: bool

    @property
    def document(self) -> Any:
        """The one document: of the result, or of the refusal in the last line of standard error."""
        return json.loads(self.out or self.err.strip().rpartition("\n")[2])


def runs(leaf: str) -> list[Run]:
    """All runs of a command."""
    case = CASES[leaf]
    if case.until:
        return [Run(leaf, "text")]
    if leaf in WITHOUT_JSON:
        kinds = ["text"]
    else:
        # Whatever is not refused and has something to show is also printed for a person.
        kinds = ["json", *(["text"] if case.says or (case.files and case.code < 2) else [])]
    return [Run(leaf, kind) for kind in [*kinds, *(["empty", "other"] if case.files else [])]]


WITHOUT_JSON = ("serve", "work", "migrate", "user", "quality serve")


PEOPLE = {"ada": ("administrator", "manager", "senior_handler"), "pia": ("privacy_officer",)}


@dataclass(slots=True)
class Installation:
    """The installed program and a data directory with tables, a person and a few records."""

    folder: Path
    amends: Path = field(init=False)
    names: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.amends = install(self.folder)
        self.names = self._prepare()

    def _prepare(self) -> dict[str, str]:
        prepared = self.folder / "prepared"
        for place in (GOLDEN, SAMPLES):
            shutil.copytree(place, self.folder / "samples", dirs_exist_ok=True)
        self._amends("migrate")
        for name, roles in PEOPLE.items():
            self._amends(
                *("user", name, "--password", "harbour-kite-42"),
                *(word for role in roles for word in ("--role", role)),
            )
        self._amends("import", "subscribers", "subscribers.csv", "--out", "keys.csv")
        self._amends("import", "complaints", "complaints.csv", "--live")
        self._amends("hotissues", "drill", "Bills are wrong", "--persons", "20", "--by", "ada")
        self._amends("ledger", "checkpoint")
        listed = json.loads(self._amends("complaints", "list", "--by", "ada", "--json"))
        with sqlite3.connect(prepared / "amends.sqlite3") as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        keys = (self.folder / "samples" / "keys.csv").read_text(encoding="utf-8-sig").splitlines()
        return {
            "subscriber": keys[1].split(",")[1],
            "complaint": listed["complaints"][0]["complaint"],
            "other": listed["complaints"][1]["complaint"],
            "issue": "1",
            "tomorrow": (datetime.now(UTC).date() + timedelta(days=2)).isoformat(),
        }

    def _amends(self, *words: str) -> str:
        done = subprocess.run(
            [self.amends, *words],
            cwd=self.folder / "samples",
            env=_environment(self.folder / "prepared"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def run(self, one: Run) -> Outcome:
        """Run a command as a process of its own, in a folder and a data directory of its own."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            folder, data = Path(place) / "here", Path(place) / "data"
            folder.mkdir()
            if not one.case.computes:
                shutil.copytree(self.folder / "prepared", data)
            names = {**self.names, "port": str(free_port())}
            for name, content in one.case.files.items():
                (folder / name).write_bytes(_content(one, name, content, names))
            words = [
                self.amends,
                *one.leaf.split(),
                *shlex.split(one.case.arguments.format(**names)),
            ]
            if one.kind != "text" and one.leaf not in WITHOUT_JSON:
                words.append("--json")
            ended = self._process(words, one.case, folder, data, names)
            return Outcome(
                code=ended.returncode,
                out=ended.stdout,
                err=ended.stderr,
                names=names,
                has_database=(data / "amends.sqlite3").exists(),
            )

    def _process(
        self, words: list[Any], case: Case, folder: Path, data: Path, names: Mapping[str, str]
    ):
        if not case.until:
            return subprocess.run(
                words,
                cwd=folder,
                env=_environment(data),
                input=case.stdin,
                capture_output=True,
                text=True,
                check=False,
                timeout=TIME_LIMIT_S,
            )
        return _until(words, case.until.format(**names), folder, _environment(data))


def _until(
    words: list[Any], sentence: str, folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Start a command that runs until it is stopped, wait for its sentence, and stop it."""
    out, err = folder / "stdout", folder / "stderr"
    with out.open("w") as to_out, err.open("w") as to_err:
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=to_out, stderr=to_err)
        end = time.monotonic() + TIME_LIMIT_S
        while sentence not in out.read_text() + err.read_text() and time.monotonic() < end:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        code = process.wait(TIME_LIMIT_S)
    return subprocess.CompletedProcess(words, code, out.read_text(), err.read_text())


def _content(one: Run, name: str, content: str | bytes, names: Mapping[str, str]) -> bytes:
    if one.kind == "empty":
        return b""
    if one.kind == "other":
        if name.endswith((".json", ".jsonl")):
            return CSV_TABLE
        return JSON_DOCUMENT if len(one.leaf) % 2 else PNG
    if isinstance(content, bytes):
        return content
    return content.replace("{subscriber}", names["subscriber"]).encode()


def _environment(data: Path) -> dict[str, str]:
    """Nothing but what a shell has, and the data directory."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(data.parent),
        "LANG": "C.UTF-8",
        "AMENDS_DATA_DIR": str(data),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "POLARS_MAX_THREADS": "1",
    }
