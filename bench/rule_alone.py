"""Measure what rules decide alone in demonstrations, and how often they reject wrongly.

    python bench/rule_alone.py --seeds 2026 137 91 404 7 --size 5000 --gates off

Each seed is a process of its own with an empty data directory, which is removed afterwards. One row
a seed: complaints rejected alone and, of these, those the truth does not reject; decided alone of
what facts can decide; left to a person of what they cannot; verdicts and amounts of what was decided
alone. Below it: why rules did not reject alone what they would have rejected. Exit 1 where a
rejection is wrong or less than `--least` was decided alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

STOPPED = ("record_supports", "plausible_class", "record_unread")


def measure(seed: int, size: int, gates: bool, end: datetime) -> dict[str, Any]:
    """Play one world in this process and count; the data directory is new."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    os.environ.setdefault("AMENDS_REQUIRE_MFA", "no")
    from amends.platform.cli.start import start

    start(tables=False)
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0)
    settings.SEMANTIC = False
    from amends.cases.complaints.models import Decision
    from amends_demo.actions.play import play
    from amends_demo.rules.simulate import simulate

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")
    world = simulate(size=size, seed=seed, end=end)
    desk, report = play(world, gates=gates, lookout=True)
    # Gates prevent some contacts: those that came have a receipt.
    rejected = sum(
        desk.files[receipt.complaint].alone
        and desk.files[receipt.complaint].verdict == "not_upheld"
        for row in world.truth.to_pylist()
        if (receipt := desk.receipts.get(row["key"])) and row["complaint"] and not row["contact_of"]
    )
    wrong = [
        f"{miss.role}: {miss.code}, {miss.true_verdict}"
        for miss in report.misses
        if miss.verdict == "not_upheld" and miss.true_verdict != "not_upheld"
    ]
    stopped: Counter[str] = Counter()
    for row in Decision.objects.filter(decision__why_person__in=STOPPED).order_by("id"):
        sentence = row.decision["why_en"].partition("“")[2]
        stopped[f"{row.decision['why_person']}: “{sentence.partition('”')[0]}”"] += 1
    shares = report.as_dict()
    return {
        "seed": seed,
        "rejected": rejected,
        "wrong": wrong,
        "stopped": dict(stopped.most_common()),
        "misses": shares["misses"],
        **{
            name: shares[name]
            for name in (
                "decided_alone",
                "left_to_person",
                "verdict_right",
                "amount_exact",
                "wrongly_upheld",
            )
        },
    }


def in_a_process(seed: int, options: argparse.Namespace, script: str = __file__) -> dict[str, Any]:
    """Measure one seed by a script of this folder, in a process and a data directory of its own."""
    prefix = f"{Path(script).stem}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=options.directory) as folder:
        command = [sys.executable, script, "--seeds", str(seed), "--one"]
        command += ["--size", str(options.size), "--gates", options.gates, "--end", options.end]
        process = subprocess.run(
            command,
            env=os.environ | {"AMENDS_DATA_DIR": folder},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    counts: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return counts


def table(rows: list[dict[str, Any]], asked: argparse.Namespace) -> str:
    """The figures of all seeds as one table."""
    head = ("seed", "rejected", "wrong", "alone", "to a person", "verdict", "amount", "over-upheld")
    lines = [f"size {asked.size}, gates {asked.gates}, end {asked.end}", "  ".join(head)]
    for row in rows:
        shares = [
            f"{row[name]['share']:.3f} ({row[name]['count']}/{row[name]['of']})"
            for name in (
                "decided_alone",
                "left_to_person",
                "verdict_right",
                "amount_exact",
                "wrongly_upheld",
            )
        ]
        lines.append(
            "  ".join([str(row["seed"]), str(row["rejected"]), str(len(row["wrong"])), *shares])
        )
        lines += [f"    wrong: {one}" for one in row["wrong"]]
        lines += [
            f"    differs: {one['role']}: {one['code']}, {one['verdict']} {one['amount_minor']},"
            f" truth {one['true_verdict']} {one['true_amount_minor']}"
            for one in row["misses"]
        ]
        lines += [f"    {count} stopped by {why}" for why, count in row["stopped"].items()][:12]
    total = sum(row["rejected"] for row in rows)
    wrong = sum(len(row["wrong"]) for row in rows)
    lines.append(f"all: {wrong} wrong of {total} rejected by rule alone")
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--seeds", type=int, nargs="+", default=[2026])
    options.add_argument("--size", type=int, default=5000)
    options.add_argument("--gates", choices=("on", "off"), default="off")
    options.add_argument("--end", default="2026-12-02T00:00:00+00:00", help="ISO 8601")
    options.add_argument("--least", type=float, default=0.75, help="share decided alone")
    options.add_argument("--directory", type=Path, help="for the data directories")
    options.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.one:
        end = datetime.fromisoformat(asked.end).astimezone(UTC)
        found = measure(asked.seeds[0], asked.size, asked.gates == "on", end)
        sys.stdout.write(json.dumps(found) + "\n")
        return
    rows = []
    for seed in asked.seeds:
        rows.append(in_a_process(seed, asked))
        sys.stderr.write(table(rows[-1:], asked) + "\n")
    sys.stdout.write(table(rows, asked) + "\n")
    bad = any(row["wrong"] or row["decided_alone"]["share"] < asked.least for row in rows)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
