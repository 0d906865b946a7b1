"""The measurement server against clients: npm's own, ours, and those it must refuse."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import sync_playwright
from tests.actions.quality.measurement_server import measuring
from tests.needs import CHROMIUM, program
from tests.pages.conftest import FLAGS

from amends.network.measurement.admission import Admission
from amends.network.measurement.client import measure
from amends.network.measurement.server import Server, next_size
from amends.network.measurement.signing import UnableToVerify, read_secret, sign, verify

pytestmark = pytest.mark.no_database

HERE = Path(__file__).parents[2] / "ndt7"


@pytest.fixture(scope="module")
def client_of_others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unmodified client of npm."""
    folder = tmp_path_factory.mktemp("ndt7")
    shutil.copy(HERE / "package.json", folder)
    shutil.copy(HERE / "browser.html", folder)
    subprocess.run(
        [program("npm"), "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True
    )
    return folder


@pytest.mark.needs("node")
def test_the_unmodified_client_of_npm_gets_both_measurements(
    client_of_others: Path, tmp_path: Path
) -> None:
    with measuring(tmp_path, "--open") as address:
        about = json.dumps({"server": address, "protocol": "ws"})
        command = [
            program("node"),
            str(HERE / "run.js"),
            str(client_of_others / "node_modules"),
            about,
        ]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    _has_both(json.loads(ran.stdout))


@pytest.mark.browser
@pytest.mark.needs("node")
def test_the_unmodified_client_gets_them_in_a_browser(
    client_of_others: Path, tmp_path: Path
) -> None:
    pages = partial(SimpleHTTPRequestHandler, directory=str(client_of_others))
    web = ThreadingHTTPServer(("127.0.0.1", 0), pages)
    Thread(target=web.serve_forever, daemon=True).start()
    with measuring(tmp_path, "--open") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{web.server_port}/browser.html#{address}")
        found = page.wait_for_function("window.found", timeout=90_000).json_value()
        browser.close()
    web.shutdown()
    _has_both(found)


def _has_both(found: dict[str, Any]) -> None:
    assert found["rc"] == 0, found
    assert found["messages"]["download"] >= 30, found["messages"]
    assert found["messages"]["upload"] >= 25, found["messages"]
    for direction in ("download", "upload"):
        last = found[direction]["LastServerMeasurement"]
        assert last["AppInfo"]["NumBytes"] > 0
        assert last["TCPInfo"]["MinRTT"] >= 0
        assert found[direction]["LastClientMeasurement"]["MeanClientMbps"] > 0


def test_our_own_client_fills_the_document_of_the_contract(tmp_path: Path) -> None:
    with measuring(tmp_path, "--open") as address:
        found = measure(f"ws://{address}")
        metrics = urlopen(f"http://{address}/metrics").read().decode()
    assert found.down_mbps > 10
    assert found.up_mbps > 10
    assert found.rpm > 0
    assert found.loaded_rtt_ms > 0
    assert set(found.invalid_because) <= {"cpu_limited"}
    assert found.valid is (not found.invalid_because)
    assert 'amends_measurement_tests_total{direction="upload"} 1.0' in metrics


def _upgrade(address: str, path: str, protocol: str = "net.measurementlab.ndt.v7") -> socket.socket:
    host, port = address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        f"Sec-WebSocket-Protocol: {protocol}\r\n\r\n".encode()
    )
    return connection


def _status(connection: socket.socket) -> int:
    return int(connection.recv(12).split(b" ")[1])


def test_a_token_opens_one_test_once_and_others_are_refused(tmp_path: Path) -> None:
    with measuring(tmp_path, "--at-once", "1") as address:
        secret = read_secret(tmp_path / "speed.key")
        about = {
            "test": "t1",
            "stream": 0,
            "streams": 1,
            "not_before": 0,
            "expires": time.time() + 60,
        }
        first, other = (
            sign("token", about | {"id": name, "path": f"/ndt/v7/{name}"}, secret=secret)
            for name in ("download", "upload")
        )
        running = _upgrade(address, f"/ndt/v7/download?access_token={first}")
        assert _status(running) == 101
        assert _status(_upgrade(address, f"/ndt/v7/download?access_token={first}")) == 401
        assert _status(_upgrade(address, f"/ndt/v7/download?access_token={other}")) == 401
        assert _status(_upgrade(address, "/ndt/v7/download")) == 401
        assert _status(_upgrade(address, "/ndt/v7/download", "chat")) == 400
        assert _status(_upgrade(address, "/elsewhere")) == 404
        second = about | {"test": "t2", "id": "x", "path": "/ndt/v7/upload"}
        busy = sign("token", second, secret=secret)
        assert _status(_upgrade(address, f"/ndt/v7/upload?access_token={busy}")) == 503
        running.close()


def _pid_of_server() -> int:
    """The child of this process that runs `amends quality serve`."""
    (pid,) = (
        int(stat.parent.name)
        for stat in Path("/proc").glob("[0-9]*/stat")
        if stat.read_text().rpartition(")")[2].split()[1] == str(os.getpid())
        and b"quality\0serve" in (stat.parent / "cmdline").read_bytes()
    )
    return pid


def test_a_client_that_never_reads_costs_no_memory(tmp_path: Path) -> None:
    with measuring(tmp_path, "--open", "--at-once", "100") as address:
        pid = _pid_of_server()

        def resident_mb() -> float:
            return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6

        before = resident_mb()
        deaf = [_upgrade(address, "/ndt/v7/download") for _ in range(10)]
        time.sleep(2)
        assert resident_mb() - before <= 50
        for one in deaf:
            one.close()


def test_a_client_outside_the_operators_networks_is_known_by_its_address() -> None:
    home = ip_network("198.51.100.0/24"), ip_network("2001:db8::/32")
    server = Server(None, "pop1", Admission(1), home)
    assert [
        server.is_outside(address)
        for address in ("198.51.100.7", "::ffff:198.51.100.7", "2001:db8::1", "203.0.113.9")
    ] == [False, False, False, True]
    assert not Server(None, "pop1", Admission(1)).is_outside("203.0.113.9")


def test_signed_texts_hold_for_one_use_and_one_secret() -> None:
    text = sign("result", {"bytes": 1}, secret=b"a" * 32)
    assert verify("result", text, secret=b"a" * 32) == {"bytes": 1}
    for use, secret, given in (
        ("token", b"a", text),
        ("result", b"b", text),
        ("result", b"a", "x" + text),
    ):
        with pytest.raises(UnableToVerify):
            verify(use, given, secret=secret * 32)


def test_places_are_given_in_turn_and_waiting_tests_are_told_theirs() -> None:
    admission, heard = Admission(1), []
    assert admission.enter("a")
    assert admission.enter("a"), "the streams of one test share its place"
    for name in ("b", "c"):
        assert not admission.enter(name)
        admission.wait(name, lambda before, name=name: heard.append((name, before)))
    admission.leave("a")
    assert heard == [("b", 0), ("c", 1)]
    admission.leave("a")
    assert heard[2:] == [("b", None), ("c", 0)]
    admission.leave("c")
    admission.leave("b")
    assert (admission.running, admission.waiting) == ({}, {})


def test_messages_grow_with_what_was_moved() -> None:
    assert next_size(1 << 13, 1 << 17) == 1 << 13
    assert next_size(1 << 13, (1 << 17) + 1) == 1 << 14
    assert next_size(1 << 20, 1 << 40) == 1 << 20
