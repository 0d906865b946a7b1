"""Measure the export of one person: `python bench/export.py [--facts N] [--own N]`.

Facts of many people around one who has `--own` of them, in segments with the others', and filed a
complaint. Times `amends subscribers export` from its start to its file, as an
operator runs it, at most a minute by the bar. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from place import own_place

from pages import NOW, complain, fill_facts

BAR_S = 60
A_SEGMENT = 10_000


def add_own(person: str, number: int) -> None:
    """Charges of that person among others', a tenth of each segment."""
    from django.db import transaction

    from amends.platform.kit.periods import to_ms
    from amends.record.ledger.actions.append_segment import append_segments

    chance = random.Random(3)
    for start in range(0, number, A_SEGMENT // 10):
        size = min(A_SEGMENT, 10 * (number - start))
        who = [
            person if n % 10 == 0 else f"sub-{chance.randrange(100_000):020d}" for n in range(size)
        ]
        at = sorted(to_ms(NOW) - chance.randrange(180 * 86_400_000) for _ in range(size))
        with transaction.atomic():
            append_segments(
                "ChargeMade",
                {
                    "subscriber": who,
                    "subject": [f"svc-{one}" for one in who],
                    "happened_at_ms": at,
                    "charge": [f"own{start}-{n}" for n in range(size)],
                    "charge_kind": ["usage"] * size,
                    "offer": ["plan"] * size,
                    "amount_minor": [10] * size,
                    "currency": ["CNY"] * size,
                },
                source="billing",
                now=NOW - timedelta(seconds=1),
            )


def main() -> None:
    """Fill, export, print."""
    reader = argparse.ArgumentParser(description="Measure the export of one person.")
    reader.add_argument("--facts", type=int, default=1_000_000, help="of everybody else")
    reader.add_argument("--own", type=int, default=50_000)
    asked = reader.parse_args()
    with own_place() as folder:
        from amends.people.access.actions.add_user import add_user

        add_user("officer", password="bench-bench-bench", roles=["privacy_officer"])
        person = fill_facts(asked.facts)
        add_own(person, asked.own)
        complain(person)
        out = folder / "person.json"
        began = perf_counter()
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "amends",
                "subscribers",
                "export",
                person,
                "--out",
                str(out),
                "--by",
                "officer",
                "--reason",
                "the person asked for it by letter",
            ],
            env=dict(os.environ),
            check=False,
            capture_output=True,
            text=True,
        )
        took = perf_counter() - began
        if done.returncode:
            raise SystemExit(done.stderr)
        figures = _figures(asked, out, took)
    json.dump(figures, sys.stdout, indent=2)
    sys.stdout.write("\n")


def _figures(asked: argparse.Namespace, out: Path, took: float) -> dict[str, Any]:
    document = json.loads(out.read_bytes())
    return {
        "facts_of_others": asked.facts,
        "facts_exported": len(document["facts"]),
        "complaints_exported": len(document["complaints"]),
        "file_mb": round(out.stat().st_size / 1e6, 1),
        "seconds": round(took, 1),
        "bars": {"seconds": f"at most {BAR_S}"},
        "met": {"seconds": took <= BAR_S, "whole": len(document["facts"]) >= asked.own},
    }


if __name__ == "__main__":
    main()
