"""`amends work`: the jobs, without a web server."""

from __future__ import annotations

import gc
import signal
from typing import Annotated

import typer

from amends.cli.start import refuse_pending_migrations, start
from amends.site.parent_process import end_with


def work(
    jobs: Annotated[
        str,
        typer.Option(
            help="Which: all, sequence (numbers facts), send (outbox and receipts), or rest."
        ),
    ] = "all",
    beside: Annotated[int, typer.Option(help="The process to end with.", hidden=True, min=0)] = 0,
) -> None:
    """Run the background jobs until stopped.

    Any number of these may run at once, each may be killed at any time.
    """
    if beside:
        end_with(beside)
    # `amends serve` has prepared the tables and printed the warnings.
    start(tables=not beside)
    refuse_pending_migrations()
    from amends.site.schedule import Schedule
    from amends.site.tracing import start_tracing

    send_rest = start_tracing(f"work:{jobs}")

    schedule = Schedule(only=jobs)
    gc.freeze()  # the jobs were loaded after `start`
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: schedule.stopping.set())
    schedule.run()
    send_rest()
