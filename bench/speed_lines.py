"""The measurement server on shaped lines, beside iperf3, and while hostile clients press on it.

python bench/speed_lines.py [--rates 2,20,100,500] [--hostile]      needs root, iproute2, iperf3

A line is a pair of virtual interfaces into a network namespace, each end shaped by tc tbf.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SPACE, OUTER, INNER = "amends-line", "10.213.7.1", "10.213.7.2"
IPERF_PORT = 25202
PROTOCOL = "Sec-WebSocket-Protocol: net.measurementlab.ndt.v7"


def run(command: str) -> str:
    """A command's output; its failure ends the bench."""
    return subprocess.run(command.split(), capture_output=True, text=True, check=True).stdout


@contextmanager
def line(mbps: int) -> Iterator[None]:
    """A namespace behind a line of so many Mbit/s each way."""
    burst = max(15_000, mbps * 500)
    run(f"ip netns add {SPACE}")
    try:
        run(f"ip link add amends-o type veth peer name amends-i netns {SPACE}")
        inside = f"ip netns exec {SPACE}"
        run(f"ip addr add {OUTER}/24 dev amends-o")
        run(f"{inside} ip addr add {INNER}/24 dev amends-i")
        for before, device in (("", "amends-o"), (inside + " ", "amends-i")):
            run(f"{before}ip link set {device} up")
            shape = f"tbf rate {mbps}mbit burst {burst} latency 50ms"
            run(f"{before}tc qdisc add dev {device} root {shape}")
        yield
    finally:
        run(f"ip netns del {SPACE}")
        time.sleep(0.5)


@contextmanager
def server(*options: str) -> Iterator[tuple[str, int]]:
    """`amends quality serve --open` for everybody; its port and process."""
    command = [sys.executable, "-m", "amends", "quality", "serve", "--port", "0", "--open"]
    with tempfile.TemporaryDirectory() as folder:
        ours = subprocess.Popen(
            [*command, "--host", "0.0.0.0", *options],
            env=os.environ | {"AMENDS_DATA_DIR": folder},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert ours.stderr is not None
        try:
            yield ours.stderr.readline().strip().rpartition(":")[2], ours.pid
        finally:
            ours.terminate()


def measured(port: str) -> tuple[float, float]:
    """Mbit/s down and up as our client and server measure the line."""
    command = f"ip netns exec {SPACE} {sys.executable} -m amends quality measure"
    found = json.loads(run(f"{command} ws://{OUTER}:{port} --json"))
    return found.down_mbps, found.up_mbps


def iperf(*options: str) -> float:
    """Mbit/s that the receiver of iperf3 counted in ten seconds."""
    command = (
        f"ip netns exec {SPACE} iperf3 -c {OUTER} -p {IPERF_PORT} -t 10 -J {' '.join(options)}"
    )
    return json.loads(run(command))["end"]["sum_received"]["bits_per_second"] / 1e6


def accuracy(rates: list[int]) -> None:
    """Each line measured by both; iperf3's figure is payload of TCP, as is ours."""
    theirs = subprocess.Popen(["iperf3", "-s", "-p", str(IPERF_PORT)], stdout=subprocess.DEVNULL)
    try:
        with server() as (port, _pid):
            for mbps in rates:
                with line(mbps):
                    (down, up), their_down, their_up = measured(port), iperf("-R"), iperf()
                print(
                    f"{mbps:4} Mbit/s: down {down:.2f} beside {their_down:.2f} "
                    f"({down / their_down - 1:+.1%}), up {up:.2f} beside {their_up:.2f} "
                    f"({up / their_up - 1:+.1%})",
                    flush=True,
                )
    finally:
        theirs.terminate()


# Hostile clients


def opened(port: str, path: str = "/ndt/v7/download", protocol: str = PROTOCOL) -> socket.socket:
    """A socket on which a test was asked for."""
    it = socket.create_connection(("127.0.0.1", int(port)), timeout=5)
    it.sendall(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        f"{protocol}\r\n\r\n".encode()
    )
    return it


def rss_mb(pid: int) -> float:
    """Memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def hostile() -> None:
    """A test on a shaped line, without and with hostile clients on the server."""
    with server("--at-once", "2000") as (port, pid), line(100):
        calm = measured(port)
        before, kept = rss_mb(pid), []
        kept += [opened(port) for _ in range(20)]  # never read
        slow = [opened(port) for _ in range(10)]  # one byte a read
        for _ in range(500):  # half open
            it = socket.create_connection(("127.0.0.1", int(port)))
            it.sendall(b"GET /ndt/v7/download HTTP/1.1\r\n")
            kept.append(it)
        for _ in range(50):
            wrong = opened(port, protocol="Sec-WebSocket-Protocol: chat")
            assert b" 400 " in wrong.recv(100)
            large = opened(port, "/ndt/v7/upload")  # announces a frame of 4 GiB
            with suppress(OSError):
                large.sendall(b"\x82\xff" + (1 << 32).to_bytes(8, "big") + bytes(1_000_000))
            kept += [wrong, large]
        command = f"ip netns exec {SPACE} {sys.executable} -m amends quality measure"
        test = subprocess.Popen(
            [*command.split(), f"ws://{OUTER}:{port}", "--json"], stdout=subprocess.PIPE, text=True
        )
        most = before
        while test.poll() is None:
            for it in slow:
                with suppress(OSError):
                    it.recv(1)
            most = max(most, rss_mb(pid))
            time.sleep(0.01)
        assert test.stdout is not None
        found = json.loads(test.stdout.read())
    pressed = found.down_mbps, found.up_mbps
    print(f"memory {before:.0f} -> at most {most:.0f} MB ({most - before:+.0f})")
    for name, one, other in zip(("down", "up"), calm, pressed, strict=True):
        print(f"{name} {one:.2f} -> {other:.2f} Mbit/s ({other / one - 1:+.1%})")


def main() -> None:
    """Run what was asked for."""
    if "--hostile" in sys.argv:
        hostile()
        return
    named = sys.argv[sys.argv.index("--rates") + 1] if "--rates" in sys.argv else "2,20,100,500"
    accuracy([int(rate) for rate in named.split(",")])


if __name__ == "__main__":
    main()
