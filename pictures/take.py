"""`make pictures`: the pages in both languages, wide and phone, light and dark, from the demo.

Plays the demonstration in `build/pictures`, lets two people complain who had not, serves the
console, and photographs it with the Chromium of this machine. The results are
`docs/pictures/sheet-*.jpg`, a contact sheet in four parts to look through as a stranger would, and
the pictures the documents show. Nothing leaves the machine.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "build" / "pictures"
OUT = ROOT / "docs" / "pictures"
SIZE = os.environ.get("SIZE", "5000")
SEED = os.environ.get("SEED", "2026")


def prepare() -> None:
    """Play the demonstration in a fresh directory of its own."""
    shutil.rmtree(DATA, ignore_errors=True)
    os.environ |= {
        "AMENDS_DATA_DIR": str(DATA),
        "AMENDS_PACK": "cn",
        "AMENDS_REQUIRE_MFA": "no",
        "DJANGO_SETTINGS_MODULE": "amends.site.settings",
    }
    os.environ.pop("AMENDS_DATABASE_URL", None)
    played = [sys.executable, "-m", "amends", "demo", "--once", "--size", SIZE, "--seed", SEED]
    subprocess.run(played, check=True, cwd=ROOT)


@contextmanager
def served() -> Iterator[str]:
    """The console without its jobs, so that nothing changes between two pictures."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "amends", "serve", "--port", str(port), "--no-jobs"]
    server = subprocess.Popen(command, cwd=ROOT)
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{base}/healthz")
        yield base
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(address: str) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit(f"{address} does not answer.")


def main() -> None:
    """Play, serve, photograph."""
    sys.path.insert(0, str(ROOT))
    prepare()
    from pictures.camera import photograph
    from pictures.scene import set_scene

    scene = set_scene()
    OUT.mkdir(parents=True, exist_ok=True)
    with served() as base:
        photograph(base, scene, OUT)
    for picture in sorted(OUT.iterdir()):
        print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
