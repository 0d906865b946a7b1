"""`amends quality`: a measurement server, its client, verdicts and scores."""

from __future__ import annotations

import os
import ssl
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from amends.network.quality import cli_counters, cli_protocol, cli_verdict
from amends.platform.cli.command import command
from amends.platform.cli.language import gettext
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput, Unavailable
from amends.platform.kit.errors import gettext_noop as _

if TYPE_CHECKING:
    from amends.network.measurement.client import LineMeasurement

app = typer.Typer(no_args_is_help=True, help="Measure lines, judge them, score quality.")

_OWN_SITE = "http://localhost:8000"
_LOOPBACK = ["localhost", "127.0.0.1", "::1"]
_DEFAULT_PORTS = {"http": 80, "https": 443}


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65_535)],
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain (PEM), for wss.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key (PEM).")] = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="Ask for no token and sign nothing: for measuring only.")
    ] = False,
    at_once: Annotated[
        int, typer.Option(min=1, help="Tests at once: rate of the port / fastest line sold.")
    ] = 1,
    name: Annotated[str, typer.Option(help="Name of this server in its results.")] = "",
    network: Annotated[
        list[str] | None,
        typer.Option(help="The operator's; tests from elsewhere are marked."),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(
            help="Site whose pages may measure here; if left out AMENDS_BASE_URL and "
            "AMENDS_TRUSTED_ORIGINS, with --open every site."
        ),
    ] = None,
) -> None:
    """Serve speed tests (ndt7): one process in each point of presence, without a database."""
    import asyncio
    import socket

    import uvloop

    from amends.network.measurement.admission import Admission
    from amends.network.measurement.server import Server
    from amends.network.measurement.server import serve as listen
    from amends.network.measurement.signing import read_secret, secret_file

    secret = None if is_open else read_secret(secret_file(os.environ), create=True)
    server = Server(
        secret=secret,
        name=name or socket.gethostname(),
        admission=Admission(at_once),
        networks=_networks(network or []),
        origins=origins_of(origin or ([] if is_open else _own_sites())),
    )
    tls = _tls(tls_cert, tls_key) if tls_cert else None
    scheme = "wss" if tls else "ws"

    def listening(own_port: int) -> None:
        address = f"{scheme}://{host}:{own_port}"
        typer.echo(gettext("Measuring on %(address)s") % {"address": address}, err=True)
        if server.origins:
            sites = {"sites": ", ".join(sorted(server.origins))}
            typer.echo(gettext("For pages of %(sites)s") % sites, err=True)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(listen(server, host=host, port=port, tls=tls, listening=listening))
    except OSError as error:
        raise Unavailable(
            _("The measurement server cannot listen on %(address)s (%(why)s)."),
            next_step=_("Name another port with --port."),
            values={"address": f"{host}:{port}", "why": error.strerror},
            code="unable_to_listen",
        ) from error
    except KeyboardInterrupt:
        return


def _own_sites() -> list[str]:
    trusted = os.environ.get("AMENDS_TRUSTED_ORIGINS", "").split(",")
    return [
        os.environ.get("AMENDS_BASE_URL") or _OWN_SITE,
        *(site for site in trusted if site.strip()),
    ]


def origins_of(sites: list[str]) -> frozenset[str]:
    """The `Origin` that browsers send for pages of these sites; this machine has three names."""
    origins: set[str] = set()
    for site in sites:
        try:
            parts = urlsplit(site.strip())
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host = ""
        if not host or not parts.scheme:
            raise BadInput(
                _("“%(site)s” is no address of a site."),
                next_step=_("Write --origin https://complaints.example.org."),
                values={"site": site},
                where="--origin",
                code="unable_to_read_site",
            )
        names = _LOOPBACK if host in _LOOPBACK and parts.scheme == "http" else [host]
        own_port = f":{port}" if port and port != _DEFAULT_PORTS.get(parts.scheme) else ""
        origins |= {
            f"{parts.scheme}://{f'[{name}]' if ':' in name else name}{own_port}" for name in names
        }
    return frozenset(origins)


def _networks(networks: list[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(map(ip_network, networks))
    except ValueError as error:
        raise BadInput(
            _("A network cannot be read (%(why)s)."),
            next_step=_("Write networks as 198.51.100.0/24 or 2001:db8::/32."),
            values={"why": str(error)},
            where="--network",
            code="unable_to_read_network",
        ) from error


def _tls(certificate: Path, key: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise BadInput(
            _("The certificate %(file)s cannot be used (%(why)s)."),
            next_step=_("Name a PEM file with --tls-cert and its key with --tls-key."),
            values={"file": certificate, "why": str(error)},
            where="--tls-cert",
            code="unable_to_read_certificate",
        ) from error
    return context


def _measurement_view(measurement: LineMeasurement) -> View:
    from amends.network.measurement.client import RecordedMeasurement
    from amends.network.measurement.validity import REASONS

    loaded = f"{measurement.loaded_rtt_ms or 0:.1f}"
    lines = [
        gettext("%(down)s Mbit/s down, %(up)s Mbit/s up")
        % {"down": f"{measurement.down_mbps:.1f}", "up": f"{measurement.up_mbps:.1f}"},
        gettext("Latency %(idle)s ms idle, %(loaded)s ms under load")
        % {"idle": f"{measurement.min_rtt_ms:.1f}", "loaded": loaded},
    ]
    for code in measurement.invalid_because:
        lines.append(gettext("Does not count: %(why)s") % {"why": gettext(REASONS[code])})
    if isinstance(measurement, RecordedMeasurement):
        lines.append(measurement.url)
    return View(notes=lines)


@app.command()
@command(view=_measurement_view, tables=False)
def measure(
    url: Annotated[str, typer.Argument(help="ws://HOST:PORT, wss://…, or the console's address.")],
    ca_file: Annotated[str, typer.Option(help="Certificates to trust beside the system's.")] = "",
    insecure: Annotated[bool, typer.Option(help="Take any certificate.")] = False,
) -> LineMeasurement:
    """Measure the speed of this machine's line: ten seconds down, ten up."""
    from amends.network.measurement import client

    return client.measure(url, ca_file=ca_file, insecure=insecure)


app.command()(cli_verdict.verdict)
app.add_typer(cli_protocol.app, name="protocol")
app.command("import-radio")(cli_protocol.import_radio)
app.command()(cli_verdict.score)
app.command()(cli_verdict.link)
app.command()(cli_counters.degraded)
app.command()(cli_counters.forecast)
app.command()(cli_counters.cube)
app.command()(cli_counters.baselines)
app.command()(cli_counters.capacities)
app.command()(cli_counters.indicators)
