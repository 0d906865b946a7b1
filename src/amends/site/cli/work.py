"""`amends work`: the jobs, without a web server."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from amends.platform.cli.language import gettext as _
from amends.platform.cli.start import refuse_pending_migrations, start
from amends.site.parent_process import end_with


def work(
    jobs: Annotated[
        str,
        typer.Option(
            help="Which: all, rest (all but sequence and send), or one group: sequence (numbers "
            "facts), send (outbox), codes, receive, fetch, light, usage or heavy."
        ),
    ] = "all",
    beside: Annotated[int, typer.Option(help="The process to end with.", hidden=True, min=0)] = 0,
) -> None:
    """Run the background jobs until stopped.

    Each group has a loop of its own; heavy jobs run in a process of their own. Any number of these
    may run at once, each may be killed at any time.
    """
    if beside:
        end_with(beside)
    # `amends serve` has prepared the tables and printed the warnings.
    start(tables=not beside)
    refuse_pending_migrations()
    from amends.site.job_processes import work as run_jobs
    from amends.site.schedule import groups_of

    groups_of(jobs)
    gc.freeze()  # the jobs were loaded after `start`
    if not beside:
        typer.echo(_("Running the jobs; stop them with Ctrl-C."), err=True)
    run_jobs(jobs)
