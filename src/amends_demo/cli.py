"""`amends demo`: a simulated operator through the real pipeline, then the console."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import ChainMap
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from amends.platform import registry
from amends.platform.cli.command import command
from amends.platform.cli.language import CHINESE, ENGLISH, json_asked, speaking
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import language as of_the_terminal
from amends.platform.cli.progress import in_lines, is_quiet
from amends.platform.cli.render import View
from amends.platform.cli.start import start
from amends.platform.kit.dates import parse_moment
from amends.platform.kit.errors import BadInput, Refused, Unavailable
from amends_demo.actions.memory import keep_between_weeks

_MARK = "demonstration.json"
_SERVER_LOG = "console.log"
_SPEED_LOG = "measurement.log"
_LANGUAGES = {"zh": CHINESE, "en": ENGLISH}
_REACHABLE_WITHIN_S = 60
_OPERATOR = {
    "AMENDS_PACK": "cn",
    "AMENDS_OPERATOR_NAME": "示例通信",
    "AMENDS_OPERATOR_NAME_EN": "Example Telecom",
    "AMENDS_OPERATOR_HOTLINE": "+86 10 5555 0100",
    "AMENDS_OPERATOR_HOURS": "每天8:00-22:00",
    "AMENDS_OPERATOR_HOURS_EN": "every day, 8:00-22:00",
    "AMENDS_OPERATOR_PRIVACY_URL": "https://www.example.com/privacy",
}
"""An invented operator: its number is not in service, its address is reserved for examples."""
_LARGE = 20_000
_PAGES_KIB = 200_000
"""A week of a large world is one transaction, which looks up and changes pages all over."""


@command(view=lambda _summary: View(), django=False)
def demo(
    size: Annotated[int, typer.Option(min=200, help="Subscribers.")] = 5000,
    seed: Annotated[int, typer.Option(min=0, help="The only source of chance.")] = 2026,
    end: Annotated[
        str, typer.Option(help="When the 26 weeks end, ISO 8601; now if left out.")
    ] = "",
    once: Annotated[bool, typer.Option("--once", help="Print the summary and stop.")] = False,
    host: Annotated[str, typer.Option(help="Address of the console.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the console.", min=1, max=65_535)] = 8000,
    language: Annotated[str, typer.Option(help="zh or en; of the terminal if left out.")] = "",
    gates: Annotated[str, typer.Option(help="on or off: orders go through the gate.")] = "off",
    with_meaning: Annotated[
        bool,
        typer.Option(
            help="Also ask the second opinion (the extra semantic) as the weeks pass; takes twice "
            "as long."
        ),
    ] = False,
) -> dict[str, Any]:
    """Simulate an operator, decide every complaint, and compare with the truth."""
    began = time.monotonic()
    last_moment, tongue, closed = _moment(end), _tongue(language), _closed(gates)
    once = once or json_asked()
    if not once:
        _refuse_a_taken_port(host, port)
        # Ended by whoever started it, it ends the console and the jobs too, as Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = _folder()
    # Invented people on one's own machine: a password is enough to look around.
    os.environ.setdefault("AMENDS_REQUIRE_MFA", "no")
    os.environ.setdefault("AMENDS_BASE_URL", f"http://localhost:{port}")
    _name_operator()
    if size >= _LARGE:
        keep_between_weeks()
    speed_port = 0 if once else _name_speed_server(host)
    start(tables=False)
    _prepare()
    from django.utils import translation

    unasked = not with_meaning and _leave_meaning_out()
    from amends_demo.actions.staff import add_staff, save_profile

    staff = add_staff()
    save_profile(staff.actors)
    server = None if once else _start_server(folder, host, port)
    measuring = _start_speed_server(folder, host, speed_port) if speed_port else None
    try:
        with speaking(tongue), translation.override(tongue):
            scenario, *played = _play(size, seed, last_moment, staff, gates=closed)
            _finish(folder, size, seed, last_moment)
            seconds = round(time.monotonic() - began, 1)
            _print(played, scenario, size=size, seed=seed, seconds=seconds, unasked=unasked)
            if server is not None:
                _hand_over(server, folder, host, port, staff.accounts)
    finally:
        for process in (server, measuring):
            if process is not None:
                _stop(process)
    about = {"size": size, "seed": seed, "end": last_moment.isoformat(), "seconds": seconds}
    return dict(ChainMap(about, *(part.as_dict() for part in played)))


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC).replace(second=0, microsecond=0)
    try:
        moment = parse_moment(text)
    except ValueError as error:
        raise BadInput(
            _("--end %(given)s is no day or moment.") % {"given": text},
            next_step=_("Write it like 2026-11-24."),
            code="option_unreadable",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _closed(gates: str) -> bool:
    if gates not in ("on", "off"):
        raise BadInput(
            _("--gates %(given)s is not known.") % {"given": gates},
            next_step=_("Choose on or off."),
            code="option_unreadable",
        )
    return gates == "on"


def _tongue(typed_language: str) -> str:
    """The language asked for, or that of the terminal."""
    if not typed_language:
        return of_the_terminal()
    if typed_language not in _LANGUAGES:
        raise BadInput(
            _("--language %(given)s is not known.") % {"given": typed_language},
            next_step=_("Choose zh or en."),
            code="option_unreadable",
        )
    return _LANGUAGES[typed_language]


def _refuse_a_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise Refused(
                _("The console cannot listen on %(address)s (%(why)s).")
                % {"address": f"{host}:{port}", "why": _(error.strerror or "")},
                meaning=_("Nothing was simulated."),
                next_step=_("Name another port with --port, or use --once."),
                code="unable_to_demonstrate",
            ) from error


def _folder() -> Path:
    """The demonstration's own data directory, emptied of an earlier demonstration."""
    home = Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")).expanduser() / "amends-demo"
    folder = Path(os.environ.setdefault("AMENDS_DATA_DIR", str(home)))
    if (folder / _MARK).exists():
        shutil.rmtree(folder)
    elif folder.is_dir() and any(folder.glob("*.sqlite3")):
        raise Refused(
            _("%(folder)s holds data that is not a demonstration's.") % {"folder": folder},
            meaning=_("Nothing was touched."),
            next_step=_("Name an empty directory with AMENDS_DATA_DIR."),
            code="unable_to_demonstrate",
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / _MARK).write_text("{}", encoding="utf-8")
    return folder


def _name_operator() -> None:
    """Set the simulated operator and its country, where the environment sets none."""
    for name, value in _OPERATOR.items():
        os.environ.setdefault(name, value)


def _prepare() -> None:
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql" and connection.introspection.table_names():
        raise Refused(
            _("The database %(name)s is not empty.") % {"name": connection.settings_dict["NAME"]},
            next_step=_("Name an empty one with AMENDS_DATABASE_URL."),
            code="unable_to_demonstrate",
        )
    with _without_sync():
        call_command("migrate", interactive=False, verbosity=0)


def _leave_meaning_out() -> bool:
    """Ask no second opinion about the invented complaints of half a year, which would take longer
    than all else; whether there is one. The console and its jobs ask it as always."""
    from django.conf import settings

    from amends.cases.complaints.actions.operator_model import vectors

    has_vectors = vectors() is not None
    settings.SEMANTIC = False
    return has_vectors


def _play(
    size: int, seed: int, last_moment: datetime, staff: Any, *, gates: bool
) -> tuple[Any, ...]:
    """The scenario, the report on it, what audits found in it, what gates made of it, what hot
    issues were found, what was done about what ran hot, the last orders, the self-examination, the
    complaints with speed tests, what the network showed, the services, the scams and the recharge
    campaign."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress

    from amends.engines.detection.warm_up import compiling
    from amends.platform.database.sqlite_page_cache import sqlite_page_cache
    from amends.platform.kit.periods import from_ms
    from amends.work.knowledge.actions.starter import publish_starter
    from amends_demo.actions.audit import audit_weeks
    from amends_demo.actions.cure import cure
    from amends_demo.actions.examine import examine
    from amends_demo.actions.hot import compare_hot
    from amends_demo.actions.network import effects, follow_network, watch
    from amends_demo.actions.order import take_orders
    from amends_demo.actions.play import play, put_away
    from amends_demo.actions.recharge_campaign import answer_campaign
    from amends_demo.actions.scam_wave import play_scam_wave
    from amends_demo.actions.services import watch_services
    from amends_demo.actions.show import TITLES
    from amends_demo.actions.speed_tests import complain_of_speed
    from amends_demo.rules.simulate import simulate

    compile_thread = compiling()
    world = simulate(size=size, seed=seed, end=last_moment)
    scenario = world.scenario
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    quiet = is_quiet()
    in_bars, tell = console.is_terminal and not quiet, in_lines(console)
    with Progress(*columns, console=console, disable=not in_bars) as bars, _without_sync():
        tasks: dict[str, Any] = {}

        def progress(step: str, completed_count: int, total: int) -> None:
            if not quiet and not in_bars:
                tell(str(TITLES[step]), completed_count, total)
            if step not in tasks:
                tasks[step] = bars.add_task(str(TITLES[step]), total=total)
            bars.update(tasks[step], completed=completed_count, total=total)

        with sqlite_page_cache(_PAGES_KIB):
            desk, report = play(world, staff=staff, progress=progress, gates=gates, lookout=True)
        compile_thread.join()
        watched = watch(world)
        felt = effects(world, desk.loaded.world, watched, desk.loaded.gates.spared)
        del world
        put_away(desk)
        audited = audit_weeks(desk, progress=progress)
        hot = compare_hot(desk.loaded.world, desk.receipts)
        cured = cure(desk, staff.actors, progress=progress)
        ordered, examined = take_orders(desk, staff.actors), examine(desk, staff.actors)
        # Chats and answers on social media search these articles, as on any installation.
        publish_starter(now=from_ms(scenario.start_ms))
        campaign = answer_campaign(seed=seed, now=last_moment, gates=gates)
        # Registers the services whose contents a chapter samples.
        services = watch_services(desk, seed=seed, now=last_moment, gates=gates)
        for chapter in registry.demonstration():
            chapter(seed=seed, now=last_moment, staff=staff.actors)
        network = follow_network(
            desk.loaded.world,
            felt,
            watched,
            staff.actors,
            closed=desk.loaded.gates.closed,
            now=last_moment,
        )
        speed = complain_of_speed(desk, seed=seed, now=last_moment)
        wave = play_scam_wave(seed=seed, now=last_moment, gates=gates)
    gates_made = desk.loaded.gates
    return (
        scenario,
        report,
        audited,
        gates_made,
        hot,
        cured,
        ordered,
        examined,
        speed,
        network,
        services,
        wave,
        campaign,
    )


@contextmanager
def _without_sync() -> Iterator[None]:
    """On SQLite wait for no disk meanwhile: a power cut would end the demonstration anyway.

    What was written is on the disk when this ends, and every later write waits as always.
    """
    from django.db import connection

    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = OFF")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _finish(folder: Path, size: int, seed: int, end: datetime) -> None:
    """Number the facts, sign a checkpoint, and describe this directory."""
    from django.utils import timezone

    from amends.record.ledger.actions.sequence import sequence

    with _without_sync():
        sequence(now=timezone.now(), holder="demo")
    from amends.channels.actions.invent_delivery import invent_delivery
    from amends_demo.delivery import CHANNELS

    invent_delivery(CHANNELS)
    about = {"size": size, "seed": seed, "end": end.isoformat()}
    (folder / _MARK).write_bytes(orjson.dumps(about))


def _print(
    played: list[Any], scenario: Any, *, size: int, seed: int, seconds: float, unasked: bool
) -> None:
    from rich.console import Console

    from amends_demo.actions.show import (
        say_what,
        show,
        show_audited,
        show_cure,
        show_gates,
        show_network,
    )
    from amends_demo.actions.show_hot import show_hot
    from amends_demo.actions.show_left import show_left
    from amends_demo.actions.show_recharge_campaign import show_recharge_campaign
    from amends_demo.actions.show_scam_wave import show_scam_wave
    from amends_demo.actions.show_services import show_services

    console = Console(quiet=is_quiet())
    report, audited, gates, hot, cured, ordered, examined, speed, *chapters = played
    network, services, wave, campaign = chapters
    show(report, scenario, console)
    show_audited(audited, report.currency, console)
    show_gates(gates, console)
    show_network(network, console)
    show_services(services, console)
    show_scam_wave(wave, console)
    show_recharge_campaign(campaign, console)
    show_hot(hot, console)
    show_cure(cured, console)
    show_left(ordered, examined, speed, console)
    say_what(size=size, seed=seed, seconds=seconds, unasked=unasked, console=console)


def _start_server(folder: Path, host: str, port: int) -> subprocess.Popen[bytes]:
    """The console, on the other core while the weeks pass; nobody has a password yet."""
    command = [sys.executable, "-m", "amends", "serve", "--no-jobs", "--no-prepare"]
    with (folder / _SERVER_LOG).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 (own command)
            [*command, "--threads", "4", "--host", host, "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _name_speed_server(host: str) -> int:
    """Name a measurement server on a free port of this machine in the settings; 0 for none."""
    if host not in ("127.0.0.1", "localhost") or "AMENDS_SPEED_URL" in os.environ:
        return 0
    with socket.create_server((host, 0)) as trial:
        port = int(trial.getsockname()[1])
    os.environ["AMENDS_SPEED_URL"] = f"ws://{host}:{port}"
    return port


def _start_speed_server(folder: Path, host: str, port: int) -> subprocess.Popen[bytes]:
    """The measurement server that the page of speed tests speaks to."""
    command = [sys.executable, "-m", "amends", "quality", "serve", "--host", host]
    with (folder / _SPEED_LOG).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 (own command)
            [*command, "--port", str(port)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def _hand_over(
    server: subprocess.Popen[bytes], folder: Path, host: str, port: int, accounts: Any
) -> None:
    """Print where to sign in once the console answers, and let the jobs run until it is stopped."""
    from rich.console import Console

    from amends_demo.actions.show import show_sign_in

    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    _wait_for(server, host, port, folder)
    show_sign_in(address, accounts, Console())
    typer.echo(
        _("Messages to the customers arrive at %(address)s")
        % {"address": f"{address}demo/messages/"}
    )
    jobs = subprocess.Popen([sys.executable, "-m", "amends", "work"], stdin=subprocess.DEVNULL)
    try:
        with suppress(KeyboardInterrupt):
            server.wait()
    finally:
        _stop(jobs)


def _wait_for(server: subprocess.Popen[bytes], host: str, port: int, folder: Path) -> None:
    until = time.monotonic() + _REACHABLE_WITHIN_S
    while server.poll() is None and time.monotonic() < until:
        with suppress(OSError, HTTPException), closing(HTTPConnection(host, port, timeout=5)) as it:
            it.request("GET", "/healthz")
            if it.getresponse().status == HTTPStatus.OK:
                return
        time.sleep(0.1)
    raise Unavailable(
        _("The console does not answer."),
        meaning=_("The demonstration itself is done."),
        next_step=_("Read %(log)s, then run amends serve.") % {"log": folder / _SERVER_LOG},
        code="console_not_reachable",
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=30)
        return
    process.kill()
