"""`amends serve`: console and portals on one address, with the jobs beside them."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import urljoin

import typer

from amends.platform.cli.language import error_text, ngettext
from amends.platform.cli.language import gettext as _
from amends.platform.cli.start import (
    refuse_new_keys_for_old,
    refuse_pending_migrations,
    start,
    warn_of_default_rules,
)
from amends.platform.kit.allocator import keep_memory, load_with
from amends.platform.kit.errors import Unavailable

JOBS_NICE = 5
"""Somebody waits for each page: where cores are short, jobs get a quarter of them."""
_LOWEST = 19
_COUNTS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_LOOKED_AT_S = 0.5
_STARTED_ANEW_S = 2.0
_ONE_HEAP = {"_RJEM_MALLOC_CONF": "narenas:1,tcache:false"}
_SMALL = 128 * 1024
_JOBS_END_WITHIN_S = 30.0
_PAGES_END_WITHIN_S = 30
"""Without a limit one worker that never ends its requests would keep the server from stopping."""
PORT_FREED_WITHIN_S = 10.0
"""A server that was killed leaves its port after seconds; the next one waits so long for it."""


class UnableToListen(Unavailable):
    """Another server listens there, or the system does not allow it."""

    code = "unable_to_listen"


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65_535)] = 8000,
    threads: Annotated[int, typer.Option(help="Threads for requests, in each process.")] = 4,
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
    """Start the web server for the console and the portals."""
    # Pages are made by a few threads that take turns: a heap for each would only keep what the
    # others could use. The processes of pages inherit it.
    load_with(_ONE_HEAP)
    keep_memory(arenas=1, trim_above=_SMALL, map_above=_SMALL)
    # Before Django is loaded, which takes seconds on a busy machine.
    typer.echo(_("Amends is starting."), err=True)
    start(tables=False)
    warn_of_default_rules()
    if processes > 1:
        # prometheus_client reads the variable when it is imported, so before Django starts.
        _share_counts()
    if prepare:
        _prepare()
    else:
        refuse_pending_migrations()
    run(host, port, threads, processes=processes, jobs=jobs)


def _prepare() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from amends.operations.actions.rule_sets import record_rule_sets
    from amends.platform.cli.migrations import migrate_with_progress

    if connection.vendor == "sqlite":
        typer.echo(_("Preparing the database."), err=True)
        migrate_with_progress()
        record_rule_sets(now=timezone.now())
    refuse_pending_migrations()
    typer.echo(_("Checking the settings."), err=True)
    call_command("check", databases=["default"])
    refuse_new_keys_for_old()
    _warn_of_erased()
    connection.close()


def _warn_of_erased() -> None:
    """Say so where a restore brought erased people back; the same is an alarm while it lasts."""
    from amends.operations.queries.erasure_register import readable_again
    from amends.operations.refusals import UnableToReadRegister

    try:
        count = len(readable_again())
    except UnableToReadRegister as error:
        typer.echo(error_text(error), err=True)
        return
    if count:
        typer.echo(
            ngettext(
                "%(count)s person who was erased is readable again in this database; run "
                "`amends subscribers erase-again --by NAME` before anybody reads it.",
                "%(count)s people who were erased are readable again in this database; run "
                "`amends subscribers erase-again --by NAME` before anybody reads them.",
                count,
            )
            % {"count": f"{count:,}"},
            err=True,
        )


def run(host: str, port: int, threads: int, *, jobs: bool, processes: int = 1) -> None:
    """Start the server and, if wished, the jobs; both end together, also if this one is killed."""
    from granian import Granian
    from granian.constants import Interfaces

    from amends.site.request_bodies import THREADS_VARIABLE

    await_port(host, port)
    typer.echo(_("Starting the web server."), err=True)
    address = f"http://{host}:{port}/"
    lines = [_("Amends is at %(address)s — stop it with Ctrl-C.") % {"address": address}]
    lines += _offer_setup(address)
    worker = _Worker() if jobs else None
    threading.Thread(target=_announce, args=(host, port, lines), daemon=True).start()
    restart = _RestartWithPack()
    os.environ[THREADS_VARIABLE] = str(threads)
    try:
        Granian(
            "amends.site.asgi:application",
            address=host,
            port=port,
            interface=Interfaces.ASGINL,
            workers=processes,
            workers_kill_timeout=_PAGES_END_WITHIN_S,
            log_enabled=False,
        ).serve()
    finally:
        restart.end()
        if worker is not None:
            worker.end()
        if counts := os.environ.pop(_COUNTS_VARIABLE, ""):
            shutil.rmtree(counts, ignore_errors=True)
    if restart.is_due:
        os.execv(sys.executable, [sys.executable, "-m", "amends", *sys.argv[1:]])  # noqa: S606


def _share_counts() -> None:
    """Let the web processes count requests together, by files in memory where the system has it."""
    memory = Path("/dev/shm")  # noqa: S108
    folder = memory if os.access(memory, os.W_OK) else None
    os.environ[_COUNTS_VARIABLE] = tempfile.mkdtemp(prefix="amends-counts-", dir=folder)


def _announce(host: str, port: int, lines: Sequence[str]) -> None:
    """Print the address once the server listens there: the last lines of the start."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    while True:
        try:
            socket.create_connection((reachable, port), timeout=_LOOKED_AT_S).close()
        except OSError:
            time.sleep(_LOOKED_AT_S / 5)
        else:
            break
    for line in lines:
        typer.echo(line, err=True)


def _offer_setup(address: str) -> list[str]:
    """Where nobody can sign in yet, the sentence with the address that makes the first account."""
    from django.db import connection
    from django.urls import reverse

    from amends.people.access.queries.colleagues import anybody
    from amends.site.first_run import setup_code

    try:
        if anybody():
            return []
        first = urljoin(address, reverse("first_account", args=[setup_code()]))
        return [
            _("Nobody can sign in yet. Make the first account at %(address)s") % {"address": first}
        ]
    finally:
        connection.close()


class _RestartWithPack:
    """Ends the server when another pack is chosen in the browser, so that it starts with it."""

    def __init__(self) -> None:
        from django.conf import settings

        from amends.platform.environment.settings_values import PACK_FILE

        self.is_due = False
        self._file = settings.DATA_DIR / PACK_FILE
        self._known = self._read()
        self._ending = threading.Event()
        threading.Thread(target=self._watch, name="pack", daemon=True).start()

    def _read(self) -> str:
        return self._file.read_text(encoding="utf-8") if self._file.is_file() else ""

    def _watch(self) -> None:
        while not self._ending.wait(_LOOKED_AT_S):
            if self._read() != self._known:
                self.is_due = True
                os.kill(os.getpid(), signal.SIGTERM)
                return

    def end(self) -> None:
        """Stop watching."""
        self._ending.set()


def await_port(host: str, port: int, *, for_s: float = PORT_FREED_WITHIN_S) -> None:
    """Wait until the port is free; refuse it where it stays taken.

    The server shares a port with whatever listens there already: every second request would go to
    another installation, and nobody would be told.
    """
    until = time.monotonic() + for_s
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() >= until:
                    raise UnableToListen(
                        _("Amends cannot listen on %(address)s (%(why)s).")
                        % {"address": f"{host}:{port}", "why": _(error.strerror or "")},
                        meaning=_("Nothing is served."),
                        next_step=_("End what listens there, or name another port with --port."),
                    ) from error
            else:
                return
        time.sleep(_LOOKED_AT_S)


class _Worker:
    """The process of the jobs, started anew whenever it ends before it was asked to."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._process = self._started()
        self._watch = threading.Thread(target=self._keep, name="jobs", daemon=True)
        self._watch.start()

    def _started(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 (own command)
            [sys.executable, "-m", "amends", "work", "--beside", str(os.getpid())],
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        # Behind the pages, however low these stand: nobody but root may raise a process again.
        own = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, process.pid, min(own + JOBS_NICE, _LOWEST))
        return process

    def _keep(self) -> None:
        while not self._ending.wait(_LOOKED_AT_S):
            if (code := self._process.poll()) is None:
                continue
            typer.echo(
                _("The jobs ended (%(code)s); they are started again.") % {"code": code}, err=True
            )
            # One that cannot start is not tried without a pause.
            if self._ending.wait(_STARTED_ANEW_S):
                return
            try:
                self._process = self._started()
            except OSError as error:
                typer.echo(_("The jobs could not be started (%(why)s).") % {"why": error}, err=True)

    def end(self) -> None:
        """Ask it to end, and wait until it has."""
        self._ending.set()
        self._watch.join()
        self._process.terminate()
        try:
            self._process.wait(timeout=_JOBS_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            # A job may be killed at any time; the next start runs it again.
            self._process.kill()
            self._process.wait()
