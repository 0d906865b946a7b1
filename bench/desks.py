"""How fast another desk's tickets come in: `python bench/desks.py [--tickets 100000] [--desk zammad]`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from desks.exports import write, write_entries  # noqa: E402 (the path is set above)


def main() -> None:
    """Print one JSON document."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--tickets", type=int, default=100_000)
    asked.add_argument("--desk", default="zammad", choices=("zammad", "osticket"))
    asked.add_argument("--entries", action="store_true", help="osTicket's messages with them")
    wish = asked.parse_args()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}
    with tempfile.TemporaryDirectory(prefix="amends-desks-") as made:
        folder = Path(made)
        environment = {**kept, "AMENDS_DATA_DIR": str(folder / "data")}
        write(wish.desk, wish.tickets, folder / "export")
        amends = [sys.executable, "-m", "amends"]
        subprocess.run([*amends, "migrate"], env=environment, check=True, capture_output=True)
        words = ["import", "complaints", str(folder / "export"), "--from", wish.desk, "--json"]
        if wish.entries:
            write_entries(wish.tickets, folder / "entries.jsonl")
            words += ["--entries", str(folder / "entries.jsonl")]
        took, documents = [], []
        for _ in range(2):
            began = time.perf_counter()
            done = subprocess.run(
                [*amends, *words], env=environment, check=True, capture_output=True
            )
            took.append(time.perf_counter() - began)
            documents.append(json.loads(done.stdout))
    first, second = documents
    document = {
        "desk": wish.desk,
        "read": first["read"],
        "accepted": first["accepted"],
        "set_aside": first["rejected"],
        "again_accepted": second["accepted"],
        "messages": first.get("messages", {}).get("accepted", 0),
        "again_messages": second.get("messages", {}).get("accepted", 0),
        "took_s": round(took[0], 1),
        "tickets_s": round(first["read"] / took[0]),
        "again_s": round(took[1], 1),
    }
    print(json.dumps(document))


if __name__ == "__main__":
    main()
