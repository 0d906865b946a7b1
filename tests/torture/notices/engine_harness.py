"""Kill runs of the reminder engine at random moments; in the end everything stands once.

Run as a program: `python -m tests.torture.notices.engine_harness KILLS SEED`, with AMENDS_DATA_DIR
(and AMENDS_DATABASE_URL) naming an empty place. Each run is a forked process that counts a directory
which grows by a file a kill, with a batch size drawn by lot. KILLS of 0 counts the same
files without interruption. It prints one JSON document.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np

LINES, ROWS = 200, 4_000


def set_up(files: int, seed: int, place: Path) -> None:
    """Lines, some top-ups that wait for the first run, and all files, hidden until they arrive."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0)
    from amends.causes.notices.actions.change_line import change_line
    from tests.actions.notices import engine_feed as feed
    from tests.rules.notices import engine_world as world

    feed.enrol_lines(LINES)
    for number in range(40):
        change_line(
            f"svc-{number * 3}",
            "top_up",
            reference=f"top-{number}",
            counter="data",
            amount=30 * world.MB,
            at=world.START + timedelta(days=20),
        )
    place.mkdir()
    for number in range(files):
        table = feed.random_table(seed + number, ROWS, LINES)
        feed.parquet(place / f".{number:05d}.parquet", table)
    # What a long-running worker has loaded, so that kills fall into its work.
    from amends.causes.notices.actions.run import run  # noqa: F401

    batch = world.random_batch(np.random.default_rng(seed), 500, 12)
    world.run(world.rules(), world.memory(12), batch)
    connection.close()


def arrive(place: Path, number: int) -> None:
    """A file is complete, and gets its name."""
    (place / f".{number:05d}.parquet").rename(place / f"{number:05d}.parquet")


def one_run(place: Path, chance: random.Random) -> None:
    """Count what is there, by lot as rows or as blocks, and lay some blocks out."""
    from amends.causes.notices.actions import write_notices
    from tests.actions.notices import engine_feed as feed

    write_notices.AT_ONCE = chance.choice((0, 20, 20_000))
    write_notices.ROWS_A_BLOCK = chance.choice((7, 50))
    for _ in range(chance.randrange(4)):
        write_notices.expand_blocks()
    feed.count(place, rows=chance.choice((300, 700, 5_000)))


def killed_run(place: Path, chance: random.Random, *, longest_s: float = 0.35) -> bool:
    """Whether a run was killed before it had finished; after 0 seconds none has."""
    child = os.fork()
    if child == 0:
        try:
            one_run(place, chance)
        except BaseException as error:
            (place / ".faults").write_text(f"{type(error).__name__}: {error}")
            os._exit(3)
        os._exit(0)
    time.sleep(chance.uniform(0.0, longest_s) ** 1.3)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def what_stands() -> dict[str, object]:
    """Everything that must be the same as without kills, and what must be nothing."""
    from amends.causes.notices.actions.write_notices import expand_blocks
    from amends.causes.notices.models import Notice
    from amends.record.ledger.models import Segment
    from tests.actions.notices import engine_feed as feed

    while expand_blocks():
        pass
    kept = feed.kept()
    keys = [row[0] for row in kept.notices]
    counted = sum(Segment.objects.filter(kind="UsageCrossed").values_list("rows", flat=True))
    return {
        "notices": len(keys),
        "notices_sha256": sha256(json.dumps(sorted(kept.notices)).encode()).hexdigest(),
        "holds_sha256": sha256(json.dumps(sorted(kept.holds)).encode()).hexdigest(),
        "state_sha256": sha256(kept.state + kept.terms).hexdigest(),
        "facts_due": kept.facts,
        "facts_crossed": counted,
        "doubled": len(keys) - len(set(keys)),
        "unfinished": Notice.objects.exclude(state="due").count(),
    }


def main(kills: int, files: int, seed: int) -> None:
    """Kill, count to the end, tell what stands."""
    place = Path(os.environ["AMENDS_DATA_DIR"]) / "usage"
    set_up(files, seed, place)
    chance = random.Random(seed)
    killed, finished = 0, 0
    for number in range(files):
        arrive(place, number)
        for run in range(kills // files + 1 if kills else 0):
            was = killed_run(place, chance, longest_s=0.35 if run else 0.0)
            killed, finished = killed + was, finished + (not was)
    started = time.perf_counter()
    one_run(place, chance)
    faults = place / ".faults"
    document = what_stands() | {
        "killed": killed,
        "finished_before_the_kill": finished,
        "last_run_s": round(time.perf_counter() - started, 2),
        "faults": [faults.read_text()] if faults.exists() else [],
    }
    print(json.dumps(document))  # noqa: T201


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:4]))
