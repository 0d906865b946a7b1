"""A Spark session, where Spark is installed: on this machine over loopback only, or on a cluster.

The same session serves every app. Whoever submits with `spark-submit`, or has a session already,
keeps their settings; on this machine nothing listens beyond loopback and nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from amends.platform.kit.errors import Unavailable
from amends.platform.kit.errors import gettext_noop as _

Part = TypeVar("Part")
Result = TypeVar("Result")

LOCAL = "local[*]"
TRIES = 8
"""How often a task may fail on this machine: Spark itself would give up after the first."""


def session(master: str = "", *, name: str = "amends") -> Any:
    """The session of this process, opened on first use.

    master  `local[2]`, `spark://host:7077`, `yarn`, `k8s://…`; left out, what `spark-submit` says,
            else all cores of this machine

    Raises Unavailable.
    """
    sql = check_installed()
    running = sql.SparkSession.getActiveSession()
    if running is not None:
        return running
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    builder = sql.SparkSession.builder.appName(name)
    if not submitted:
        master = master or LOCAL
        builder = builder.master(_patient(master))
        if master.startswith("local"):
            os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
            builder = _on_this_machine(builder)
    elif master:
        builder = builder.master(master)
    for key, value in _COLUMNS.items():
        builder = builder.config(key, value)
    try:
        started = builder.getOrCreate()
    except Exception as error:
        raise Unavailable(
            _("Spark does not start (%(why)s)."),
            meaning=_("Nothing was counted."),
            next_step=_("Check --master, or run with --engine local."),
            values={"why": str(error).splitlines()[0][:200]},
            code="unable_to_use_spark",
        ) from error
    started.sparkContext.setLogLevel("ERROR")
    return started


def map_parts(
    work: Callable[[Part], Result], parts: Iterable[Part], spark: Any = None
) -> list[Result]:
    """The results of `work` for each part: one part after the other, or a task each on Spark.

    Workers import only what `work` names in its body: no model, and no class of its module.
    """
    if spark is None:
        return [work(part) for part in parts]
    tasks = list(parts)
    results: list[Result] = (
        spark.sparkContext.parallelize(tasks, max(len(tasks), 1)).map(work).collect()
    )
    return results


_COLUMNS = {
    # Groups are few and large here; joining small partitions would leave cores idle.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "256",
    "spark.python.worker.reuse": "true",
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
}


def _on_this_machine(builder: Any) -> Any:
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "2g",
        "spark.driver.maxResultSize": "0",
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
        # What is handed on stays in the memory of this machine: packing it only takes its cores.
        "spark.shuffle.compress": "false",
        "spark.shuffle.spill.compress": "false",
        "spark.broadcast.compress": "false",
        # Java hands bytes on here; compiling it a second time takes longer than it saves.
        "spark.driver.extraJavaOptions": "-XX:+UseParallelGC -XX:TieredStopAtLevel=1",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder


def _patient(master: str) -> str:
    """`local[2]` as `local[2,8]`: a task whose worker died is tried again, as on a cluster.

    >>> _patient("local[2]"), _patient("local"), _patient("yarn")
    ('local[2,8]', 'local[1,8]', 'yarn')
    """
    if master == "local":
        return f"local[1,{TRIES}]"
    if master.startswith("local[") and "," not in master:
        return f"{master[:-1]},{TRIES}]"
    return master


def check_installed() -> Any:
    """PySpark's `sql`, where it and Java are there. Raises Unavailable."""
    try:
        from pyspark import sql
    except ImportError as error:
        raise Unavailable(
            _("Spark is not installed."),
            meaning=_("Nothing was counted."),
            next_step=_("Install amends[spark], or run with --engine local."),
            code="unable_to_use_spark",
        ) from error
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java") and not (home and (Path(home) / "bin/java").exists()):
        raise Unavailable(
            _("Spark needs Java 17 or newer, and there is no java on the path."),
            meaning=_("Nothing was counted."),
            next_step=_(
                "Install a Java runtime (Debian: default-jre-headless), or run with --engine local."
            ),
            code="unable_to_use_spark",
        )
    return sql
