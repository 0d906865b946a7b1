"""The reminder engine on Spark: `python bench/spark.py [--records N] [--lines N] [--cores 2]`.

Writes a month of invented usage as some Parquet files, enrols the lines in a new database, then
counts the files on `local[CORES]`, a batch a transaction, each with the state of the batches before
it; and once in this process without Spark, on a database of its own. Start-up is told apart; the
sustained rate is that of all batches but the first. `spent_s` says where time went: reading, counting,
landing (the driver writes notices, facts and state). The notices must be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from notices import NOW, START, duties, plans, write_usage


def enrol_all(lines: int, records: int, dense: bool) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from amends.causes.notices.actions.enrol import NewLines, enrol

    call_command("migrate", interactive=False, verbosity=0)
    some = plans(records / lines, dense)
    numbers = np.arange(lines)
    enrol(
        NewLines(
            [f"svc-{n:08d}" for n in range(lines)],
            [f"p{n:019d}" for n in range(lines)],
            numbers % len(some),
            np.zeros(lines, np.int64),
            some,
            [("Asia/Shanghai", 1)],
        ),
        now=START,
    )


def processor_s() -> dict[str, float]:
    """Seconds of processor so far: this process, Java, Python workers."""
    from processes import below

    document = {"driver": time.process_time(), "java": 0.0, "workers": 0.0}
    for words, seconds in below(os.getpid()):
        document["java" if "java" in words else "workers"] += seconds
    return document


def on_spark(place: Path, given: argparse.Namespace) -> dict[str, Any]:
    enrol_all(given.lines, given.records, given.dense)
    from amends.causes.notices.actions.run_on_spark import run_on_spark
    from amends.platform.kit.spark import session

    began = time.perf_counter()
    spark = session(f"local[{given.cores}]")
    started = time.perf_counter() - began
    seconds, document, spent = [], {}, []
    busy = processor_s()
    for number, path in enumerate(sorted(place.glob("*.parquet"))):
        busy = processor_s() if number == 1 else busy
        report = run_on_spark(
            place,
            spark=spark,
            jurisdiction="cn",
            now=NOW,
            duties=duties(),
            only=[path],
            buckets=given.buckets,
        )
        document = report.as_dict()
        seconds.append(report.seconds)
        spent.append(report.spent)
    worked = {name: round(at - busy[name], 1) for name, at in processor_s().items()}
    final = run_on_spark(place, spark=spark, jurisdiction="cn", now=NOW, duties=duties()).as_dict()
    spark.stop()
    each = given.records / len(seconds)
    return {
        "cores": given.cores,
        "buckets": given.buckets,
        "session_s": round(started, 1),
        "first_batch_s": round(seconds[0], 2),
        "batches_s": [round(s, 2) for s in seconds[1:]],
        "records_per_s_sustained": round(each * (len(seconds) - 1) / sum(seconds[1:])),
        "records_per_core_s": round(each * (len(seconds) - 1) / sum(worked.values())),
        "processor_s": worked,
        "spent_s": {name: round(sum(one[name] for one in spent[1:]), 2) for name in spent[0]},
        "notices": final["notices"],
        "notices_sha256": final["notices_sha256"],
        "last": {name: document[name] for name in ("records", "duplicates", "rejected")},
    }


def in_process(place: Path, given: argparse.Namespace) -> dict[str, Any]:
    enrol_all(given.lines, given.records, given.dense)
    from amends.causes.notices.actions.run import run

    report = run(place, jurisdiction="cn", now=NOW, duties=duties())
    document = report.as_dict()
    return {
        "records_per_s": round(given.records / report.seconds),
        "notices": document["notices"],
        "notices_sha256": document["notices_sha256"],
    }


def apart(place: Path, given: argparse.Namespace, engine: str, cores: int) -> dict[str, Any]:
    """One engine in a process and a data directory of its own."""
    with tempfile.TemporaryDirectory(prefix="amends-bench-") as folder:
        command = [sys.executable, __file__, "--engine", engine, "--place", str(place)]
        for name in ("records", "lines", "seed", "buckets"):
            command += [f"--{name}", str(getattr(given, name))]
        command += ["--cores", str(cores), *(["--dense"] if given.dense else [])]
        done = subprocess.run(
            command,
            env=os.environ | {"AMENDS_DATA_DIR": folder},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(done.stderr[-4000:])
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--records", type=int, default=12_000_000)
    asked.add_argument("--lines", type=int, default=1_000_000)
    asked.add_argument("--files", type=int, default=6)
    asked.add_argument("--seed", type=int, default=2026)
    asked.add_argument("--buckets", type=int, default=32)
    asked.add_argument("--cores", default="2", help="one number, or several: 1,2,4")
    asked.add_argument("--dense", action="store_true", help="one notice in nine records")
    asked.add_argument("--engine", choices=("local", "spark"))
    asked.add_argument("--place", type=Path)
    given = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    if given.engine:
        how = on_spark if given.engine == "spark" else in_process
        print(json.dumps(how(given.place, given)))
        return
    with tempfile.TemporaryDirectory(prefix="amends-bench-") as folder:
        place = Path(folder)
        for number in range(given.files):
            write_usage(
                place / f"{number:02d}.parquet",
                given.records // given.files,
                given.lines,
                given.seed + number,
            )
        document = {
            "records": given.records,
            "lines": given.lines,
            "seed": given.seed,
            "load": round(os.getloadavg()[0], 1),
            "spark": [apart(place, given, "spark", int(n)) for n in given.cores.split(",")],
            "in_process": apart(place, given, "local", 1),
        }
    document["equal"] = {one["notices_sha256"] for one in document["spark"]} == {
        document["in_process"]["notices_sha256"]
    }
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
