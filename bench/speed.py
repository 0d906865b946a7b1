"""The measurement server against iperf3, one stream on loopback, interleaved pairs.

python bench/speed.py [PAIRS] [--tls CERTIFICATE KEY]     needs iperf3
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile

from amends.network.measurement.client import measure

IPERF_PORT = 25201


def iperf(*options: str) -> float:
    """Mbit/s that the receiver of iperf3 counted in five seconds."""
    command = ["iperf3", "-c", "127.0.0.1", "-p", str(IPERF_PORT), "-t", "5", "-J", *options]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)["end"]["sum_received"]["bits_per_second"] / 1e6


def main() -> None:
    """Print each pair and the medians."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdecimal() else 5
    tls = sys.argv[sys.argv.index("--tls") + 1 :][:2] if "--tls" in sys.argv else []
    options = ["--tls-cert", tls[0], "--tls-key", tls[1]] if tls else []
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"AMENDS_DATA_DIR": folder}
        serve = [sys.executable, "-m", "amends", "quality", "serve", "--port", "0", "--open"]
        ours = subprocess.Popen(
            [*serve, *options], env=environment, stderr=subprocess.PIPE, text=True
        )
        theirs = subprocess.Popen(
            ["iperf3", "-s", "-p", str(IPERF_PORT)], stdout=subprocess.DEVNULL
        )
        try:
            assert ours.stderr is not None
            address = ours.stderr.readline().split()[-1]
            rows = []
            for _ in range(pairs):
                found = measure(address, insecure=True)
                rows.append((found.down_mbps, iperf("-R"), found.up_mbps, iperf()))
                print(*(f"{one:9.0f}" for one in rows[-1]), flush=True)
        finally:
            ours.terminate()
            theirs.terminate()
    down, their_down, up, their_up = (statistics.median(one) for one in zip(*rows, strict=True))
    print(f"down {down:.0f} of {their_down:.0f} Mbit/s = {down / their_down:.0%}")
    print(f"up   {up:.0f} of {their_up:.0f} Mbit/s = {up / their_up:.0%}")


if __name__ == "__main__":
    main()
