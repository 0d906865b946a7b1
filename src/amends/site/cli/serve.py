"""`amends serve`: console and portals on one address, with the jobs beside them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from amends.site.cli.start import start

JOBS_NICE = 5
"""Somebody waits for each page: where cores are short, jobs get a quarter of them."""


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    threads: Annotated[int, typer.Option(help="Threads for requests.")] = 8,
    processes: Annotated[
        int, typer.Option(help="Processes for requests: with PostgreSQL, one for each core.")
    ] = 1,
    jobs: Annotated[
        bool, typer.Option(help="Also run the jobs, in a process of their own.")
    ] = True,
    prepare: Annotated[
        bool, typer.Option(help="Migrate the embedded database and check the settings first.")
    ] = True,
) -> None:
    """Serve the console and the portals; with the embedded database, migrate it first."""
    if prepare:
        _prepare()
    run(host, port, threads, processes=processes, jobs=jobs)


def _prepare() -> None:
    start(tables=False)
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from amends.site.rule_sets import record_rule_sets

    if connection.vendor == "sqlite":
        call_command("migrate", interactive=False, verbosity=0)
        record_rule_sets(now=timezone.now())
    call_command("check", databases=["default"])
    _warn_of_erased()
    connection.close()


def _warn_of_erased() -> None:
    """Say so where a restore brought erased people back; the same is an alarm while it lasts."""
    from amends.site.erasure_register import UnableToReadRegister, readable_again

    try:
        count = len(readable_again())
    except UnableToReadRegister as error:
        typer.echo(f"{error.what} {error.next_step}", err=True)
        return
    if count:
        typer.echo(
            f"{count:,} people who were erased are readable again in this database; run "
            "`amends subscribers erase-again --by NAME` before anybody reads them.",
            err=True,
        )


def run(host: str, port: int, threads: int, *, jobs: bool, processes: int = 1) -> None:
    """Start the server and, if wished, the jobs; both end together."""
    from granian import Granian
    from granian.constants import Interfaces

    worker = None
    if jobs:
        worker = subprocess.Popen(
            [sys.executable, "-m", "amends", "work"], env=os.environ | {"PYTHONUNBUFFERED": "1"}
        )
        os.setpriority(os.PRIO_PROCESS, worker.pid, JOBS_NICE)
    typer.echo(f"Amends is at http://{host}:{port}/ — stop it with Ctrl-C.", err=True)
    try:
        Granian(
            "amends.site.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=processes,
            blocking_threads=threads,
            log_enabled=False,
        ).serve()
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait(timeout=30)
