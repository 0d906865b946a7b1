"""Kill runs of the reminder engine on Spark: the whole driver, its Java half, or one of its workers.

Run as a program: `python -m tests.torture.notices.spark_harness KILLS FILES SEED`, with
AMENDS_DATA_DIR (and AMENDS_DATABASE_URL) naming an empty place. Every run is a driver of its own that
follows a directory with a checkpoint, and is killed at a random moment after its session stands.
A run whose worker was killed must come to its end by itself. It prints one JSON document.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.torture.notices.engine_harness import arrive, set_up, what_stands

KINDS = ("driver", "java", "worker")


def drive(place: Path) -> None:
    """What a killed process does: follow the directory until all that is there is counted."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    import django

    django.setup()
    from amends.causes.notices.actions.follow_on_spark import follow_on_spark
    from amends.platform.kit.spark import session
    from tests.actions.notices import engine_feed as feed
    from tests.rules.notices import engine_world as world

    spark = session("local[2]", name="torture")
    print("begun", flush=True)  # noqa: T201
    follow_on_spark(
        place,
        place.with_name("checkpoint"),
        spark=spark,
        jurisdiction="cn",
        until_done=True,
        duties=world.DUTIES,
        clock=lambda: feed.NOW,
    )


def children(process: int) -> dict[int, str]:
    """All processes below one, with their command lines."""
    below: dict[int, list[int]] = {}
    words: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                status = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                words[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            below.setdefault(int(status[1]), []).append(int(folder.name))
    found, look = {}, [process]
    while look:
        for child in below.get(look.pop(), []):
            found[child] = words[child]
            look.append(child)
    return found


def kill(kind: str, driver: int, chance: random.Random) -> bool:
    """Kill part of a run; whether there was something to kill."""
    if kind == "driver":
        os.killpg(driver, signal.SIGKILL)
        return True
    wanted = "java" if kind == "java" else "pyspark.daemon"
    for _ in range(200):
        some = [one for one, words in children(driver).items() if wanted in words]
        # The daemon forks the workers: killing it, or one of them, both happen.
        if some:
            os.kill(chance.choice(some), signal.SIGKILL)
            return True
        time.sleep(0.05)
    return False


def killed_run(place: Path, kind: str, chance: random.Random) -> str:
    """A run with one kill: "killed", or a fault."""
    command = [sys.executable, "-m", "tests.torture.notices.spark_harness", "drive", str(place)]
    with (place / ".driver.log").open("w") as log:
        run = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
    assert run.stdout is not None
    try:
        if run.stdout.readline().strip() != "begun":
            return f"{kind}: the driver did not begin"
        time.sleep(chance.uniform(0.0, 6.0))
        hit = kill(kind, run.pid, chance)
        if kind == "worker":
            code = run.wait(timeout=300)
            return ("killed" if hit else "late") if code == 0 else f"worker: ended with {code}"
        return "killed" if (hit and run.poll() is None) or kind == "driver" else "late"
    finally:
        try:
            os.killpg(run.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        run.wait()


def main(kills: int, files: int, seed: int) -> None:
    """Kill, count to the end, tell what stands."""
    place = Path(os.environ["AMENDS_DATA_DIR"]) / "usage"
    set_up(files, seed, place)
    chance = random.Random(seed)
    said: list[str] = []
    done = 0
    for number in range(files):
        arrive(place, number)
        while done < kills * (number + 1) // files:
            said.append(killed_run(place, KINDS[done % len(KINDS)], chance))
            done += 1
    command = [sys.executable, "-m", "tests.torture.notices.spark_harness", "drive", str(place)]
    end = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    faults = [one for one in said if one not in ("killed", "late")]
    if end.returncode:
        faults.append(end.stderr[-500:])
    document = {"killed": said.count("killed"), "late": said.count("late"), "faults": faults}
    print(json.dumps(what_stands() | document))  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1] == "drive":
        drive(Path(sys.argv[2]))
    else:
        main(*(int(word) for word in sys.argv[1:4]))
