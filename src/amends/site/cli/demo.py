"""`amends demo`: a simulated operator through the real pipeline, then the console."""

from __future__ import annotations

import os
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer

from amends.kit.errors import Refused
from amends.site.cli.start import start

_MARK = "demonstration.json"
_STEPS = {
    "people": "People and their services",
    "feeds": "Facts of the feeds",
    "days": "Days passed at the desk",
}


class UnableToDemonstrate(Refused):
    """The data directory or database holds data that is not a demonstration's."""

    code = "unable_to_demonstrate"


def demo(
    size: Annotated[int, typer.Option(min=200, help="Subscribers.")] = 5000,
    seed: Annotated[int, typer.Option(help="The only source of chance.")] = 2026,
    end: Annotated[str, typer.Option(help="The moment the 26 weeks end; now if left out.")] = "",
    once: Annotated[bool, typer.Option("--once", help="Print the summary and stop.")] = False,
    host: Annotated[str, typer.Option(help="Address of the console.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the console.")] = 8000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, then stop.")] = False,
) -> None:
    """Simulate an operator, run every complaint to its decision, compare with the truth."""
    began = time.monotonic()
    folder = _folder()
    # Invented people on one's own machine: a password is enough to look around.
    os.environ.setdefault("AMENDS_REQUIRE_MFA", "no")
    start()
    _prepare()
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from amends.demo.actions.play import play
    from amends.demo.actions.show import show
    from amends.demo.actions.staff import add_staff
    from amends.demo.rules.simulate import simulate

    console = Console(stderr=as_json)
    last_day = _last_day(end)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), disable=as_json) as bars:
        tasks: dict[str, int] = {}

        def progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(_STEPS.get(step, step), total=total)
            bars.update(tasks[step], completed=done, total=total)

        world = simulate(size=size, seed=seed, end=last_day)
        staff = add_staff()
        _, report = play(world, staff=staff, progress=progress)
    _finish(folder, size, seed, last_day)
    seconds = time.monotonic() - began
    if as_json:
        document = {**report.as_dict(), "size": size, "seed": seed, "seconds": round(seconds, 1)}
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
        return
    show(report, console)
    console.print(f"Seed {seed}, {size:,} subscribers, {seconds:.1f} s.")
    if once:
        return
    for account in staff.accounts:
        console.print(f"Sign in as [bold]{account.username}[/] with {account.password}")
    from amends.site.cli.serve import run

    run(host, port, threads=4, jobs=True)


def _folder() -> Path:
    """The demonstration's own data directory, emptied of an earlier demonstration."""
    home = Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "amends-demo"
    folder = Path(os.environ.setdefault("AMENDS_DATA_DIR", str(home)))
    if (folder / _MARK).exists():
        shutil.rmtree(folder)
    elif folder.is_dir() and any(folder.glob("*.sqlite3")):
        raise UnableToDemonstrate(
            f"{folder} holds data that is not a demonstration's.",
            meaning="Nothing was touched.",
            next_step="Name an empty directory with AMENDS_DATA_DIR.",
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / _MARK).write_text("{}", encoding="utf-8")
    return folder


def _prepare() -> None:
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql" and connection.introspection.table_names():
        raise UnableToDemonstrate(
            f"The database {connection.settings_dict['NAME']} is not empty.",
            next_step="Name an empty one with AMENDS_DATABASE_URL.",
        )
    call_command("migrate", interactive=False, verbosity=0)


def _last_day(text: str) -> datetime:
    if text:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    return datetime.now(UTC).replace(second=0, microsecond=0)


def _finish(folder: Path, size: int, seed: int, end: datetime) -> None:
    """Number the facts, sign a checkpoint, and say what this directory is."""
    from django.utils import timezone

    from amends.ledger.actions.sequence import sequence

    sequence(now=timezone.now(), holder="demo")
    about = {"size": size, "seed": seed, "end": end.isoformat()}
    (folder / _MARK).write_bytes(orjson.dumps(about))
