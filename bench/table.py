"""Every figure in one table: `python bench/table.py [--quick] [--only NAME ...]`.

Runs the measurements of this folder one after the other, each in a process and a data directory of
its own, prints one Markdown table and writes everything measured to `build/figures.json`. `--quick`
takes small sizes: it shows that all of them run, and no figure of it counts. `--seed N` (`make bench
SEED=N`) is handed on to all that draw.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIGURES = HERE.parent / "build" / "figures.json"
PACKAGES = ("django", "granian", "numpy", "pyarrow", "psycopg", "cryptography")

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: where it stands in the document of its measurement, and its bar.

    bar  least or most allowed, by `at_least`; None where the figure is told without one
    """

    what: str
    read: Callable[[Document], float]
    bar: float | None
    unit: str = ""
    at_least: bool = False

    def met(self, measured: float) -> bool:
        """Whether the figure keeps to its bar."""
        if self.bar is None:
            return True
        return measured >= self.bar if self.at_least else measured <= self.bar


@dataclass(frozen=True, slots=True)
class Measurement:
    """One script with its sizes.

    more  what it is asked besides, where one script measures several things
    """

    name: str
    rows: tuple[Row, ...]
    quick: tuple[str, ...] = ()
    more: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What its document is kept under."""
        return " ".join((self.name, *self.more))

    def command(self, *, quick: bool, seed: int | None) -> list[str]:
        """What to type to measure it alone."""
        script = HERE / f"{self.name}.py"
        drawn = seed is not None and '"--seed"' in script.read_text(encoding="utf-8")
        seeded = ("--seed", str(seed)) if drawn else ()
        sizes = self.quick if quick else ()
        return ["python", f"bench/{self.name}.py", *self.more, *sizes, *seeded]


def at(*path: str) -> Callable[[Document], float]:
    """Reads a figure by its place in the document."""

    def read(document: Document) -> float:
        found: Any = document
        for step in path:
            found = found[step]
        # A share stands with the ends of its interval.
        return float(found[0] if isinstance(found, list) else found)

    return read


def most(figure: str, *names: str) -> Callable[[Document], float]:
    """Reads the highest figure of the pages that start with one of the names."""
    return lambda document: max(
        page[figure] for name, page in document["pages"].items() if name.startswith(names)
    )


def grown(document: Document) -> float:
    """What a record costs at the largest count, of what it costs at the smallest."""
    costs = list(document["growth"]["ns_of_processor_a_record"].values())
    return float(costs[-1] / costs[0])


SAME = "django-helpdesk, same journal and sync mode"
LENT = "django-helpdesk, our database settings"

MEASUREMENTS = (
    Measurement(
        "text_messages",
        (
            Row(
                "notices sent as text messages of one part, facts included",
                at("sent_per_s"),
                None,
                "/s",
            ),
            Row("of three parts", at("sent_of_three_parts_per_s"), None, "/s"),
            Row("sent and delivered, with receipts", at("sent_and_delivered_per_s"), None, "/s"),
        ),
        ("--messages", "200"),
    ),
    Measurement(
        "confirmations",
        (
            Row(
                "audit of charges against confirmations, files read included",
                at("audit_s"),
                20,
                "s",
            ),
            Row("the same, times a read-only scan of the files", at("ratio_to_scan"), None, "×"),
            Row("resident memory of the audit", at("peak_mb"), None, "MB"),
        ),
        ("--charges", "100000", "--confirmations", "100000"),
    ),
    Measurement(
        "export",
        (Row("export of one person with 50,000 facts among a million", at("seconds"), 60, "s"),),
        ("--facts", "100000", "--own", "5000"),
    ),
    Measurement(
        "intake",
        (
            Row(
                "bulk import, live: masked, classified, joined, deadline, facts; SQLite FULL",
                at("complaints_per_s"),
                3_000,
                "/s",
                at_least=True,
            ),
            Row("resident memory of the import", at("resident_mb"), None, "MB"),
        ),
        ("--rows", "6000"),
    ),
    Measurement(
        "api",
        (
            Row(
                "one complaint by HTTP, one client, times django-helpdesk 2.6.1 with our journal and sync",
                at("ratio", SAME, "1", "median"),
                4,
                "×",
                at_least=True,
            ),
            Row("the same, eight clients", at("ratio", SAME, "8", "median"), 4, "×", at_least=True),
            Row(
                "one client, all our database settings lent to the other desk",
                at("ratio", LENT, "1", "median"),
                None,
                "×",
            ),
            Row(
                "eight clients, all our database settings lent to the other desk",
                at("ratio", LENT, "8", "median"),
                None,
                "×",
            ),
            Row("complaints by HTTP, one client", at("amends", "1", "per_s"), None, "/s"),
            Row("complaints by HTTP, eight clients", at("amends", "8", "per_s"), None, "/s"),
            Row("resident memory of the serving process afterwards", at("resident_mb"), 400, "MB"),
        ),
        ("--rounds", "2", "--seconds", "1"),
    ),
    Measurement(
        "pages",
        (
            Row("inbox at 1,000,000 complaints", at("pages", "inbox", "ms_median"), 50, "ms"),
            Row(
                "the slowest of its tabs, filters and searches that find something",
                lambda document: max(
                    document["pages"][name]["ms_median"]
                    for name in document["met"]
                    if name.startswith("inbox")
                ),
                50,
                "ms",
            ),
            Row("queries of a page of the inbox", most("queries", "inbox"), 12),
            Row(
                "a filter nothing matches",
                at("pages", "inbox_nothing_matches", "ms_median"),
                None,
                "ms",
            ),
            Row(
                "complaint page beside 10,000,000 facts",
                at("pages", "complaint_page", "ms_median"),
                100,
                "ms",
            ),
            Row(
                "resident memory of the serving process on that data, eight readers at once",
                at("resident_mb"),
                400,
                "MB",
            ),
        ),
        ("--complaints", "20000", "--facts", "100000"),
    ),
    Measurement(
        "ledger",
        (
            Row("single facts, durable", at("single_facts_per_s"), 20_000, "/s", at_least=True),
            Row(
                "facts in segments, durable", at("segment_rows_per_s"), 250_000, "/s", at_least=True
            ),
            Row("verify 1,000,000 entries", at("verify_s"), 5, "s"),
            Row("one inclusion proof", at("proof_ms_median"), 1, "ms"),
            Row("one proof of a row in a segment", at("row_proof_ms_median"), 1, "ms"),
            Row(
                "longest transaction of the sequencer",
                at("longest_sequencer_transaction_ms"),
                100,
                "ms",
            ),
        ),
        ("--size", "20000", "--rows", "50000"),
    ),
    Measurement(
        "notices",
        (
            Row(
                "usage records detected a core's second: 15 steps, journeys, ids (numba)",
                at("detect_numba", "records_per_core_s"),
                5_000_000,
                "/s",
                at_least=True,
            ),
            Row(
                "the same, of a scan that only reads the columns",
                at("detect_numba", "of_read_only"),
                0.25,
                "×",
                at_least=True,
            ),
            Row(
                "detected and persisted with facts, about 0.11 notices a record; SQLite FULL",
                at("dense", "records_per_s"),
                1_000_000,
                "/s",
                at_least=True,
            ),
            Row(
                "the same, about 0.01 notices a record",
                at("sparse", "records_per_s"),
                3_000_000,
                "/s",
                at_least=True,
            ),
            Row(
                "restart to first commit with 1,000,000 lines",
                at("dense", "restart_to_first_commit_s"),
                5,
                "s",
            ),
            Row("resident memory, persisting", at("dense", "resident_mb"), 1_000, "MB"),
            Row(
                "a hold decided after its record is readable, at 1,000,000 records a minute; longest",
                at("latency", "readable_to_decided_s", "longest"),
                5,
                "s",
            ),
            Row("the same, p99", at("latency", "readable_to_decided_s", "p99"), 60, "s"),
        ),
        ("--records", "20000", "--lines", "2000", "--seconds", "4"),
    ),
    Measurement(
        "notices",
        (
            Row(
                "processor a record at 100,000,000 records, times that at 1,000,000",
                grown,
                1.3,
                "×",
            ),
            Row("resident memory, counting them", at("growth", "resident_mb"), 1_000, "MB"),
        ),
        ("--records", "1000000", "--lines", "2000", "--months", "1"),
        ("--only", "growth"),
    ),
    Measurement(
        "notices",
        (
            Row(
                "detected and persisted with facts, about 0.11 notices a record; PostgreSQL",
                at("dense", "records_per_s"),
                600_000,
                "/s",
                at_least=True,
            ),
        ),
        ("--records", "20000", "--lines", "2000"),
        ("--postgres", "--only", "dense"),
    ),
    Measurement(
        "postgres_writers",
        (Row("16 writers on PostgreSQL beside a bulk append, p99", at("write_ms_p99"), 100, "ms"),),
        ("--seconds", "3"),
    ),
    Measurement(
        "form",
        (
            Row(
                "one complaint through the form, what the second opinion adds",
                at("more_ms", "median"),
                150,
                "ms",
            ),
        ),
        ("--texts", "4"),
    ),
    Measurement(
        "classify",
        (
            Row(
                "titles classified, by a core's own time",
                at("speed_one_core", "titles", "columns", "per_cpu_s"),
                20_000,
                "/s",
                at_least=True,
            ),
            Row(
                "labelled titles, shipped model: first code is either label",
                at("titles_shipped", "either_label"),
                0.75,
                at_least=True,
            ),
            Row(
                "the same after learning four fifths, on the fifth",
                at("titles_after_learning", "either_label"),
                0.80,
                at_least=True,
            ),
            Row(
                "the same, macro-F1 of classes with ten titles or more",
                at("titles_after_learning", "macro_f1"),
                0.60,
                at_least=True,
            ),
            Row(
                "Chinese texts by strangers: first code is the label",
                at("strangers_zh", "first_label"),
                0.85,
                at_least=True,
            ),
        ),
    ),
    Measurement(
        "cube",
        (
            Row(
                "count cube kept beside intake, a pass every 5,000 complaints, of intake's time",
                at("kept", "5000", "of_intake"),
                0.05,
                "×",
            ),
            Row(
                "count cube made anew from 10,000,000 complaints", at("rebuilt", "seconds"), 20, "s"
            ),
            Row("the same, by the processor's time", at("rebuilt", "cpu_s"), None, "s"),
        ),
        ("--complaints", "5000", "--rows", "20000"),
    ),
    Measurement(
        "detection",
        (
            Row(
                "full improved Farrington fit and tail, by a core's own time",
                at("speed", "series_weeks_per_cpu_s"),
                100_000,
                " series·weeks/s",
                at_least=True,
            ),
            Row(
                "a million cells for one week, by the processor's time",
                at("speed", "million_cells_cpu_s"),
                20,
                "s",
            ),
            Row(
                "outbreaks found at 0.45 false episodes per series and year, k = 5",
                at("quality", "k=5, burst of three weeks", "at_exactly_0.45", "POD"),
                0.58,
                at_least=True,
            ),
            Row(
                "the same, k = 7",
                at("quality", "k=7, burst of three weeks", "at_exactly_0.45", "POD"),
                0.82,
                at_least=True,
            ),
            Row(
                "false episodes per series and year where 0.45 were asked for",
                at("quality", "k=5, burst of three weeks", "realised_false"),
                0.45,
            ),
            Row("false share of weekly lists at nominal 0.1", at("discovery", "false_share"), 0.15),
            Row(
                "outbreaks named in these lists, k = 5", at("discovery", "POD"), 0.20, at_least=True
            ),
            Row(
                "series·weeks a CPU second, times R's in the same run",
                at("judge", "times_r"),
                800,
                "×",
                at_least=True,
            ),
            Row("p-values beside R's: largest difference", at("judge", "largest_difference"), 1e-4),
            Row("alarms that differ from R's", at("judge", "alarms_that_differ"), 0),
            Row(
                "threefold hourly rise found within 12 h",
                at("hourly", "found_within_12_h"),
                0.95,
                at_least=True,
            ),
            Row(
                "what no rule can exceed there",
                at("hourly", "no_rule_can_find_more", "within_12_h"),
                None,
            ),
            Row(
                "the same, all of it in one of ten areas",
                at("hourly", "one_area", "found_within_12_h"),
                0.95,
                at_least=True,
            ),
            Row(
                "no effect called one by weekly looks, noise not shared",
                at("effect", "not shared", "anytime_false_works"),
                0.05,
            ),
            Row(
                "no effect called one, noise not shared",
                at("effect", "not shared", "false_works"),
                0.06,
            ),
            Row(
                "a tenth less called one, noise shared",
                at("effect", "shared", "found"),
                0.90,
                at_least=True,
            ),
            Row(
                "the same, noise not shared",
                at("effect", "not shared", "found"),
                0.90,
                at_least=True,
            ),
            Row(
                "what no test can exceed there, the noise known",
                at("effect", "ceiling, noise not shared", "against_control"),
                None,
            ),
            Row(
                "check by blocks, no effect, noise not shared, at nominal 5 %",
                at("effect", "not shared", "check_false_at_5_percent"),
                0.07,
            ),
        ),
        ("--series", "4", "--judge", "2", "--topics", "20", "--runs", "20"),
    ),
    Measurement(
        "localise",
        (
            Row(
                "elements found, generator after RiskLoc's S: F1",
                at("literature", "f1"),
                0.7,
                at_least=True,
            ),
            Row("elements found, complaints: F1", at("complaints", "f1"), 0.7, at_least=True),
            Row(
                "time for 48,000 cells, by the processor's time",
                at("literature", "cpu_ms_median"),
                100,
                "ms",
            ),
        ),
        ("--cases", "5"),
    ),
    Measurement(
        "words",
        (
            Row(
                "a new topic of 15 complaints among 300 real titles found, real words",
                at("real", "found"),
                0.9,
                at_least=True,
            ),
            Row(
                "its complaints named: precision, real words",
                at("real", "precision"),
                0.8,
                at_least=True,
            ),
            Row("the same, invented words", at("invented", "precision"), 0.8, at_least=True),
            Row(
                "topics told a week on shuffled titles",
                at("untouched", "shuffled_topics_a_week"),
                0.5,
            ),
        ),
        ("--runs", "2"),
    ),
)


def main() -> None:
    """Measure, write the figures, print the table."""
    reader = argparse.ArgumentParser(description="Every figure in one table.")
    reader.add_argument("--quick", action="store_true", help="small sizes; no figure counts")
    reader.add_argument("--only", nargs="+", default=[], help="names of scripts")
    reader.add_argument("--check", action="store_true", help="end with 1 if a bar was missed")
    reader.add_argument("--seed", type=int, help="of all that draw, instead of each one's own")
    asked = reader.parse_args()
    chosen = [
        one
        for one in MEASUREMENTS
        if (not asked.only or one.name in asked.only) and (HERE / f"{one.name}.py").exists()
    ]
    documents: dict[str, Document] = {}
    lines: list[tuple[str, str, str, str, str]] = []
    loads: dict[str, list[float]] = {}
    for one in chosen:
        before = os.getloadavg()[0]
        documents[one.title] = measured(one, quick=asked.quick, seed=asked.seed)
        loads[one.title] = [round(before, 2), round(os.getloadavg()[0], 2)]
        lines += rows_of(one, documents[one.title], quick=asked.quick, seed=asked.seed)
    machine = {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", **machine_now()}
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(
        json.dumps(
            {
                "quick": asked.quick,
                "machine": machine,
                "load_before_and_after": loads,
                "measured": documents,
            },
            indent=2,
            ensure_ascii=False,
        )
        + "\n",
        encoding="utf-8",
    )
    print(table(lines))
    print(notes(machine, loads, quick=asked.quick))
    if asked.check and any(line[3] != "met" for line in lines if line[1]):
        sys.exit(1)


def measured(one: Measurement, *, quick: bool, seed: int | None = None) -> Document:
    """The document a script prints; {"failed": why} if it ended otherwise."""
    command = [sys.executable, *one.command(quick=quick, seed=seed)[1:]]
    print(f"… {' '.join(command[1:])}", file=sys.stderr, flush=True)
    done = subprocess.run(
        command,
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: Document = json.loads(done.stdout)
    except ValueError:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing was said").splitlines()
        return {"failed": said[-1][:200]}
    return found


def rows_of(
    one: Measurement, document: Document, *, quick: bool, seed: int | None = None
) -> list[tuple[str, str, str, str, str]]:
    """The lines of one measurement: what, bar, measured, met, command."""
    command = f"`{' '.join(one.command(quick=quick, seed=seed))}`"
    if why := document.get("failed"):
        return [(f"bench/{one.name}.py", "", f"not measured: {why}", "missed", command)]
    lines = []
    for row in one.rows:
        bar = (
            f"{'≥' if row.at_least else '≤'} {shown(row.bar, row.unit)}"
            if row.bar is not None
            else ""
        )
        try:
            figure = row.read(document)
        except (KeyError, ValueError):
            why = document.get("helpdesk_missing", "it is not in the figures")
            lines.append((row.what, bar, f"not measured: {why}", "missed" if bar else "", command))
            continue
        verdict = ("met" if row.met(figure) else "missed") if bar else ""
        lines.append((row.what, bar, shown(figure, row.unit), verdict, command))
    return lines


def shown(figure: float, unit: str) -> str:
    """A figure for reading: three digits that count, thousands set off."""
    if abs(figure) >= 1_000:
        text = f"{figure:,.0f}"
    else:
        text = f"{figure:.3g}" if figure < 100 else f"{figure:.0f}"
    return f"{text} {unit}".strip().replace(" /s", "/s").replace(" ×", "×")


def table(lines: list[tuple[str, str, str, str, str]]) -> str:
    """Markdown."""
    head = [("what", "bar", "measured", "", "command"), ("---", "--:", "--:", "---", "---")]
    return "\n".join(f"| {' | '.join(line)} |" for line in head + lines)


def machine_now() -> dict[str, str]:
    """Processor, memory and versions."""
    import sqlite3

    found = {
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": _of_proc("/proc/cpuinfo", "model name"),
        "memory": _of_proc("/proc/meminfo", "MemTotal"),
        "system": platform.system() + " " + platform.release().partition("-")[0],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _of_proc(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def notes(machine: dict[str, str], loads: dict[str, list[float]], *, quick: bool) -> str:
    """Where and beside what it was measured."""
    beside = ", ".join(f"{name} {low}–{high}" for name, (low, high) in loads.items())
    versions = ", ".join(f"{name} {machine[name]}" for name in ("python", "sqlite", *PACKAGES))
    text = (
        f"\n{machine['at']}; {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory']}, {machine['system']}; {versions}.\n"
        f"Load average of the machine before and after each: {beside}."
    )
    return f"{text}\nSmall sizes: no figure of this run counts." if quick else text


if __name__ == "__main__":
    main()
