"""`amends work`: the jobs, without a web server."""

from __future__ import annotations

import signal

from amends.site.cli.start import start


def work() -> None:
    """Run the jobs (sequencer, mail, outbox, clocks, investigations) until stopped."""
    start()
    from amends.site.schedule import Schedule

    schedule = Schedule()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: schedule.stopping.set())
    schedule.run()
