"""`serve` and `work` as an operator runs them: apart, killed at any time, stopped without loss."""

from __future__ import annotations

import configparser
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from amends.platform import registry
from amends.site.cli.serve import JOBS_NICE
from amends.site.job_processes import HEAVY
from amends.site.schedule import GROUPS, Schedule, UnableToSchedule
from tests.databases import Databases
from tests.ports import free_port
from tests.shell import run_amends

# Every process here has its database in its data directory; tests/torture/test_processes_killed.py
# has them on PostgreSQL too.
pytestmark = pytest.mark.sqlite_only
DEPLOY = Path(__file__).parents[3] / "deploy"


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}
    return {**kept, "AMENDS_DATA_DIR": str(folder), "AMENDS_REQUIRE_MFA": "no"}


def _amends(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "amends", *words],
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Path:
    """A data directory with its tables, and facts on record that wait for their number."""
    place = tmp_path_factory.mktemp("installation")
    Databases("").migrated(place)
    done = run_amends(["migrate"], _environment(place))
    assert done.returncode == 0, done.stderr
    assert _waiting(place) > 0
    return place


def _waiting(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "amends.sqlite3")) as connection:
        rows = connection.execute("SELECT count(*) FROM ledger_fact WHERE seq IS NULL")
        return int(rows.fetchone()[0])


@pytest.fixture
def port() -> int:
    """A port nobody listens on."""
    return free_port()


@pytest.fixture
def served(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`amends serve` with its jobs."""
    process = _amends(folder, "serve", "--port", str(port))
    try:
        _until_alive(port)
        yield process
    finally:
        process.kill()
        process.wait()


def _until_alive(port: int) -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as line:
                line.request("GET", "/healthz")
                if line.getresponse().status == http.client.OK:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("amends serve did not come up")


def test_jobs_run_apart_or_together() -> None:
    names = {only: {job.name for job in Schedule(only=only).jobs} for only in ("all", "rest")}
    apart = {job.name for only in ("sequence", "send") for job in Schedule(only=only).jobs}
    assert names["rest"] | apart == names["all"]
    assert not names["rest"] & apart
    with pytest.raises(UnableToSchedule):
        Schedule(only="everything")
    each = [job.name for group in GROUPS for job in Schedule(only=group).jobs]
    assert sorted(each) == sorted(names["all"]), "each job is in one group"


def test_nothing_that_people_wait_for_shares_a_loop_with_heavy_jobs() -> None:
    groups = {job.name: job.group for job in registry.jobs()}
    heavy = {name for name, group in groups.items() if group in HEAVY}
    assert {"app checks", "hot issues", "causes", "uploaded files", "usage"} <= heavy
    waited_for = ("identity codes", "codes", "sent complaints", "pipeline", "dispatch", "send")
    assert not heavy & set(waited_for)
    assert groups["identity codes"] != groups["pipeline"], "codes wait for no batch of complaints"


@pytest.mark.nightly
def test_two_workers_number_each_fact_once_and_stop_when_asked(folder: Path) -> None:
    workers = [_amends(folder, "work"), _amends(folder, "work", "--jobs", "sequence")]
    deadline = time.monotonic() + 180
    while _waiting(folder) and time.monotonic() < deadline:
        assert [worker.poll() for worker in workers] == [None, None]
        time.sleep(0.2)
    assert _waiting(folder) == 0
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert {worker.wait(180) for worker in workers} <= {0, -signal.SIGTERM}
    with closing(sqlite3.connect(folder / "amends.sqlite3")) as connection:
        numbers = [row[0] for row in connection.execute("SELECT seq FROM ledger_fact ORDER BY seq")]
    assert numbers == list(range(len(numbers)))


def test_serve_is_alive_and_ends_its_jobs_and_itself_when_asked(
    served: subprocess.Popen[bytes], folder: Path, port: int
) -> None:
    asked = _amends(folder, "operation", "alive", "--port", str(port), "--wait", "120")
    assert asked.wait(180) == 0
    for question in ("--live", "--ready"):
        asked = _amends(folder, "operation", "alive", question, "--port", str(port))
        assert asked.wait(180) == 0, asked.stdout.read()
    children = Path(f"/proc/{served.pid}/task/{served.pid}/children")
    jobs = [int(one) for one in children.read_text().split()] if children.exists() else []
    assert _behind_the_pages() in {os.getpriority(os.PRIO_PROCESS, one) for one in jobs} or not jobs
    served.send_signal(signal.SIGTERM)
    assert served.wait(180) in (0, -signal.SIGTERM)
    deadline = time.monotonic() + 180
    while any(Path(f"/proc/{one}").exists() for one in jobs) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [one for one in jobs if Path(f"/proc/{one}").exists()]
    gone = _amends(folder, "operation", "alive", "--port", str(port), "--wait", "1")
    assert gone.wait(180) == 1
    assert f"Nothing answers at 127.0.0.1:{port}" in gone.stderr.read().decode()


def test_slow_senders_do_not_silence_the_server(served: subprocess.Popen[bytes], port: int) -> None:
    with ExitStack() as lines:
        for _sender in range(12):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", port)))
            line.sendall(
                b"POST /chat/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nwords="
            )
        for path in ("/healthz/live", "/healthz", "/complain/"):
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=15)) as line:
                line.request("GET", path)
                assert line.getresponse().status == http.client.OK


def _behind_the_pages() -> int:
    """How far down the jobs of a server stand that was started from here."""
    return min(os.getpriority(os.PRIO_PROCESS, 0) + JOBS_NICE, 19)


@pytest.mark.nightly
def test_jobs_that_are_killed_beside_the_pages_start_anew(
    served: subprocess.Popen[bytes], port: int
) -> None:
    if not (killed := _jobs_of(served)):
        pytest.skip("This kernel does not tell the children of a process.")
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 180
    while (anew := _jobs_of(served)) in (0, killed) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert anew not in (0, killed)
    while (
        os.getpriority(os.PRIO_PROCESS, anew) != _behind_the_pages() and time.monotonic() < deadline
    ):
        time.sleep(0.1)
    assert os.getpriority(os.PRIO_PROCESS, anew) == _behind_the_pages()
    _until_alive(port)
    served.send_signal(signal.SIGTERM)
    assert served.wait(180) in (0, -signal.SIGTERM)
    assert not Path(f"/proc/{anew}").exists(), "asked to end, it takes the new ones along"


@pytest.mark.nightly
def test_pages_and_jobs_end_by_themselves_where_serve_is_killed(folder: Path, port: int) -> None:
    served = _amends(folder, "serve", "--processes", "2", "--port", str(port))
    _until_alive(port)
    if not (jobs := _jobs_of(served)):
        served.kill()
        pytest.skip("This kernel does not tell the children of a process.")
    served.kill()
    served.wait()
    deadline = time.monotonic() + 180
    while (_runs(jobs) or not _is_refused(port)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _is_refused(port), "whoever is started next finds the port free"
    assert not _runs(jobs)


def _runs(process: int) -> bool:
    """Whether it lives; one that ended may wait for somebody to take note of it."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _jobs_of(served: subprocess.Popen[bytes]) -> int:
    """The living process of the jobs beside these pages; 0 where there is none."""
    for task in Path(f"/proc/{served.pid}/task").iterdir():
        # A process or thread may end while it is looked at.
        with suppress(OSError):
            for one in (task / "children").read_text().split():
                if b"work" in Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0"):
                    return int(one)
    return 0


@pytest.mark.parametrize(
    "unit", sorted((DEPLOY / "systemd").glob("*.service")), ids=lambda p: p.name
)
def test_units_start_what_exists_and_may_do_little(unit: Path) -> None:
    said = configparser.ConfigParser(strict=False, interpolation=None)
    said.optionxform = str
    said.read(unit)
    service = said["Service"]
    command = " ".join(service["ExecStart"].split()[1:])
    assert command.startswith(("serve", "work", "backup", "ledger", "quality serve"))
    assert (service["User"], service["NoNewPrivileges"]) == ("amends", "yes")
    if "StateDirectory" in service:
        assert service["StateDirectoryMode"] == "0700"
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")


def test_the_timer_starts_a_unit_that_is_there() -> None:
    for timer in (DEPLOY / "systemd").glob("*.timer"):
        assert timer.with_suffix(".service").exists()


def test_the_example_of_settings_is_read_alike_by_a_shell_and_by_systemd() -> None:
    example = DEPLOY / "systemd" / "amends.env.example"
    shell = ["sh", "-c", f"set -a; . {example}; env"]
    lines = subprocess.run(
        shell, env={}, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    by_shell = dict(one.split("=", 1) for one in lines if one.startswith("AMENDS_"))
    told = [one for one in example.read_text().splitlines() if one and one[0] != "#"]
    by_systemd = {name: value.strip('"') for name, _, value in (one.partition("=") for one in told)}
    assert by_shell == by_systemd


def test_the_image_runs_as_nobody_from_the_lock() -> None:
    said = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    last = said.rpartition("FROM ")[2]
    assert "USER 10001:10001" in last
    bases = re.findall(r"^FROM (\S+)", said, re.MULTILINE)
    assert set(bases) == {"${BASE}"}
    (check,) = re.findall(r"^RUN (case .+)$", said, re.MULTILINE)
    for base, code in (("python@sha256:0f1e", 0), ("python:3.11-slim-bookworm", 1), ("", 1)):
        done = subprocess.run(["sh", "-c", check], env={"BASE": base}, capture_output=True)
        assert done.returncode == code, base


def test_the_engine_is_sent_only_what_the_image_is_built_from() -> None:
    root = DEPLOY.parent
    rules = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in rules
    sent = {rule[1:] for rule in rules if rule.startswith("!")}
    said = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    copied = {
        source
        for line in said.splitlines()
        if line.startswith("COPY") and "--from" not in line
        for source in line.split()[1:-1]
    }
    for source in copied:
        assert any(Path(source).match(rule) for rule in sent), source
    assert sent <= copied | {"requirements/*.lock"}


def test_the_image_installs_from_locks_with_hashes() -> None:
    said = (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")
    steps = said.replace("\\\n", " ").replace("&&", "\n").splitlines()
    installs = [step for step in steps if "pip install" in step]
    assert "for lock in run $EXTRAS" in said
    assert "--require-hashes -r requirements/$lock.lock" in said
    assert "--require-hashes -r requirements/build.lock" in said
    assert all("--require-hashes" in step or "/wheels/" in step for step in installs)
    for line in said.splitlines():
        for source in (
            line.split()[1:-1] if line.startswith("COPY") and "--from" not in line else []
        ):
            assert (DEPLOY.parent / source).exists(), source


def test_while_amends_starts_the_proxy_has_a_page_of_its_own_for_both_readers() -> None:
    page = (DEPLOY / "proxy" / "away.html").read_text(encoding="utf-8")
    assert "我们正在重新启动" in page
    assert "We are starting again" in page
    assert "src=" not in page
    assert "href=" not in page
    for guide in ("production.md", "production.zh.md"):
        told = (DEPLOY.parent / "docs" / "operator" / guide).read_text(encoding="utf-8")
        _, _, after = told.partition("location = /away.html {")
        location = after.partition("}")[0]
        assert "internal;" in location
        assert "root /opt/amends/src/deploy/proxy;" in location


@pytest.mark.nightly
def test_a_demonstration_that_is_ended_takes_its_console_along(tmp_path: Path, port: int) -> None:
    played = _amends(tmp_path, "demo", "--size", "200", "--port", str(port))
    try:
        _until_alive(port)
        played.send_signal(signal.SIGTERM)
        assert played.wait(180) != 0
        assert _is_refused(port)
    finally:
        played.kill()
        played.wait()


def _is_refused(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as line:
        try:
            line.request("GET", "/healthz")
        except ConnectionRefusedError:
            return True
    return False


def test_one_that_is_just_started_is_waited_for(folder: Path, port: int) -> None:
    asked = _amends(folder, "operation", "alive", "--live", "--port", str(port), "--wait", "170")
    process = _amends(folder, "serve", "--no-jobs", "--port", str(port))
    try:
        assert asked.wait(180) == 0, asked.stderr.read()
    finally:
        process.kill()
        process.wait()


def test_who_asks_whether_it_lives_makes_no_tables(tmp_path: Path, port: int) -> None:
    """A health check runs beside a `serve` that is just making them."""
    asked = _amends(tmp_path, "operation", "alive", "--live", "--port", str(port), "--wait", "0.1")
    assert asked.wait(180) == 1
    assert not (tmp_path / "amends.sqlite3").exists()
