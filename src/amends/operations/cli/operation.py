"""`amends operation`: how the installation stands, and the alarm rules for Prometheus."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer

from amends.cli.language import CHINESE
from amends.cli.language import gettext as _
from amends.cli.start import refuse_settings, start
from amends.kit.errors import BadInput
from amends.kit.printable import printable

app = typer.Typer(no_args_is_help=True, help="Show the state of the installation, and what to do.")


@app.command()
def show(
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if an alarm asks for somebody.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print every reading, and the alarms they set off with what to do."""
    start()
    from django.conf import settings
    from django.utils import timezone, translation

    from amends.cli.language import language
    from amends.operations.health.alarms import sounding
    from amends.operations.health.readings import readings

    # What programs read has the words of the installation's language, beside those in both.
    with translation.override(settings.LANGUAGE_CODE if as_json else language()):
        found = readings(now=timezone.now())
        heard = sounding(found)
        if as_json:
            typer.echo(json.dumps(_document(found, heard), ensure_ascii=False))
        else:
            _tell(found, heard, is_chinese=language() == CHINESE)
    if check and heard:
        raise typer.Exit(1)


def _tell(found: list[Any], heard: list[Any], *, is_chinese: bool) -> None:
    for one in found:
        labels = " ".join(f"{name}={value}" for name, value in sorted(one.labels.items()))
        shown = "—" if one.value is None else f"{one.value:g}"
        typer.echo(f"{shown:>12}  {one.words}{f'  ({labels})' if labels else ''}")
    for sound in heard:
        alarm = sound.alarm
        what, do = (alarm.zh, alarm.do_zh) if is_chinese else (alarm.en, alarm.do_en)
        typer.echo(f"\n{what}{'。' if is_chinese else '.'}\n  {do}", err=True)


def _document(found: list[Any], heard: list[Any]) -> dict[str, Any]:
    return {
        "readings": [asdict(one) | {"words": str(one.words)} for one in found],
        "alarms": [
            {
                "id": sound.alarm.id,
                "severity": sound.alarm.severity,
                "what": {"zh": sound.alarm.zh, "en": sound.alarm.en},
                "do": {"zh": sound.alarm.do_zh, "en": sound.alarm.do_en},
                "readings": [asdict(one) | {"words": str(one.words)} for one in sound.readings],
            }
            for sound in heard
        ],
    }


@app.command()
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
) -> None:
    """Ask `/healthz` as the proxy would; exit 1 where it does not answer well."""
    if live and ready:
        raise BadInput(_("--live and --ready are two questions."), next_step=_("Ask one of them."))
    path = "/healthz/live" if live else "/healthz/ready" if ready else "/healthz"
    try:
        status, said = _asked(host, port, path, wait)
    except (UnicodeError, http.client.InvalidURL) as error:
        raise BadInput(
            _("“%(host)s” is no address to ask.") % {"host": host},
            next_step=_("Write --host 127.0.0.1."),
        ) from error
    except (OSError, http.client.HTTPException) as error:
        typer.echo(
            _("Nothing answers at %(address)s (%(why)s).")
            % {"address": f"{host}:{port}", "why": printable(error)},
            err=True,
        )
        raise typer.Exit(1) from error
    typer.echo(said)
    if status != http.client.OK:
        raise typer.Exit(1)


def _asked(host: str, port: int, path: str, wait: float) -> tuple[int, str]:
    """The answer; one that was only just started is given time until it listens.

    It asks another process, twice a minute where a container is looked after: so Amends is not
    loaded for it, nor are tables made.
    """
    from django.core.exceptions import ImproperlyConfigured

    from amends.environment.settings_values import allowed_hosts

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


@app.command()
def rules() -> None:
    """Print the alarms as a rule file of Prometheus."""
    start()
    from amends.operations.health.alarms import prometheus_rules

    typer.echo(prometheus_rules(), nl=False)
