"""`amends operation`: how the installation stands, and the alarm rules for Prometheus."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import CHINESE, json_asked, language
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import NOTHING, View
from amends.platform.cli.start import refuse_settings
from amends.platform.kit.errors import BadInput, Unavailable
from amends.platform.kit.printable import printable

if TYPE_CHECKING:
    from amends.operations.health.readings import HealthReading

app = typer.Typer(no_args_is_help=True, help="Show the state of the installation, and what to do.")


@dataclass(frozen=True, slots=True)
class AlarmRuleFile:
    """A rule file of Prometheus."""

    rules: str


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """A reading with its words; None where there is nothing to report yet."""

    name: str
    words: str
    value: float | None
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class ListedAlarm:
    """An alarm in both languages: what it is, what to do, the readings that set it off.

    severity  page or ticket
    """

    id: str
    severity: str
    what: dict[str, str]
    do: dict[str, str]
    readings: list[ReadingReport]


@dataclass(frozen=True, slots=True)
class OperationReport:
    """Every reading, and the alarms, the most severe first."""

    readings: list[ReadingReport]
    alarms: list[ListedAlarm]


def _report_view(operation_report: OperationReport) -> View:
    lines = []
    for reading in operation_report.readings:
        labels = " ".join(f"{name}={value}" for name, value in sorted(reading.labels.items()))
        shown_value = NOTHING if reading.value is None else f"{reading.value:g}"
        lines.append(f"{shown_value:>12}  {reading.words}{f'  ({labels})' if labels else ''}")
    chinese = language() == CHINESE
    tongue, stop = ("zh", "。") if chinese else ("en", ".")
    return View(
        notes=lines,
        warnings=[
            line
            for alarm in operation_report.alarms
            for line in ("", f"{alarm.what[tongue]}{stop}", f"  {alarm.do[tongue]}")
        ],
    )


@app.command()
@command(view=_report_view)
def show(
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if an alarm asks for somebody.")
    ] = False,
) -> OperationReport:
    """Print every reading, and the alarms they set off with what to do."""
    from django.conf import settings
    from django.utils import timezone, translation

    from amends.operations.health.alarms import sounding
    from amends.operations.health.readings import readings

    # The document has the words of the installation's language, and alarms in both.
    with translation.override(settings.LANGUAGE_CODE if json_asked() else language()):
        all_readings = readings(now=timezone.now())
        alarms = [
            ListedAlarm(
                id=sound.alarm.id,
                severity=sound.alarm.severity,
                what={"zh": sound.alarm.zh, "en": sound.alarm.en},
                do={"zh": sound.alarm.do_zh, "en": sound.alarm.do_en},
                readings=_reported(sound.readings),
            )
            for sound in sounding(all_readings)
        ]
        operation_report = OperationReport(_reported(all_readings), alarms)
    if check and alarms:
        raise CheckFailed(operation_report)
    return operation_report


def _reported(readings: Iterable[HealthReading]) -> list[ReadingReport]:
    return [
        ReadingReport(
            name=reading.name, words=str(reading.words), value=reading.value, labels=reading.labels
        )
        for reading in readings
    ]


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """What the server answered; `ok` where the status was 200."""

    ok: bool
    status: int
    answer: str


def _answer_view(health_answer: HealthAnswer) -> View:
    return View(text=health_answer.answer + "\n")


@app.command()
@command(view=_answer_view, django=False)
def alive(
    port: Annotated[int, typer.Option(help="Where `amends serve` listens.")] = 8000,
    host: Annotated[str, typer.Option(help="Its address.")] = "127.0.0.1",
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for its answer, or until it listens.")
    ] = 15.0,
    live: Annotated[
        bool, typer.Option("--live", help="Only whether the process answers (/healthz/live).")
    ] = False,
    ready: Annotated[
        bool, typer.Option("--ready", help="Whether it can work now (/healthz/ready).")
    ] = False,
) -> HealthAnswer:
    """Ask `/healthz` as the proxy would; exit 1 where it does not answer well."""
    if live and ready:
        raise BadInput(_("--live and --ready are two questions."), next_step=_("Ask one of them."))
    path = "/healthz/live" if live else "/healthz/ready" if ready else "/healthz"
    try:
        status, body = _asked(host, port, path, wait)
    except (UnicodeError, http.client.InvalidURL) as error:
        raise BadInput(
            _("“%(host)s” is no address to ask.") % {"host": host},
            next_step=_("Write --host 127.0.0.1."),
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(
            _("Nothing answers at %(address)s (%(why)s).")
            % {"address": f"{host}:{port}", "why": printable(error)},
            code="server_not_reachable",
        ) from error
    health_answer = HealthAnswer(status == http.client.OK, status, body)
    if not health_answer.ok:
        raise CheckFailed(health_answer)
    return health_answer


def _asked(host: str, port: int, path: str, wait: float) -> tuple[int, str]:
    """The answer; one that was only just started is given time until it listens.

    It asks another process, twice a minute where a container is looked after: so Amends is not
    loaded for it, nor are tables made.
    """
    from django.core.exceptions import ImproperlyConfigured

    from amends.platform.environment.settings_values import allowed_hosts

    try:
        headers = {"Host": allowed_hosts()[0], "X-Forwarded-Proto": "https"}
    except ImproperlyConfigured as error:
        refuse_settings(error)
    end = time.monotonic() + wait
    while True:
        line = http.client.HTTPConnection(host, port, timeout=max(end - time.monotonic(), 1.0))
        try:
            line.request("GET", path, headers=headers)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        finally:
            line.close()


def _rules_view(rule_file: AlarmRuleFile) -> View:
    return View(text=rule_file.rules)


@app.command()
@command(view=_rules_view)
def rules() -> AlarmRuleFile:
    """Print the alarms as a rule file of Prometheus."""
    from amends.operations.health.alarms import prometheus_rules

    return AlarmRuleFile(prometheus_rules())
