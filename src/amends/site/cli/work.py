"""`amends work`: the jobs, without a web server."""

from __future__ import annotations

import gc
import signal
from typing import Annotated

import typer

from amends.site.cli.start import start


def work(
    jobs: Annotated[
        str,
        typer.Option(
            help="Which: all, sequence (numbers facts), send (outbox and receipts), or rest."
        ),
    ] = "all",
) -> None:
    """Run the jobs (sequencer, mail, outbox, clocks, investigations) until stopped.

    Any number of these may run at once, each may be killed at any time.
    """
    start()
    from amends.site.schedule import Schedule
    from amends.site.tracing import start_tracing

    send_rest = start_tracing(f"work:{jobs}")

    schedule = Schedule(only=jobs)
    gc.freeze()  # the jobs were loaded after `start`
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: schedule.stopping.set())
    schedule.run()
    send_rest()
