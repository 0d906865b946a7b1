"""`amends webhooks`: systems that receive events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.entrances.webhooks.rules.summaries import EndpointSummary
from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import View
from amends.platform.kit.actors import Actor

if TYPE_CHECKING:
    from amends.entrances.webhooks.actions.endpoints import NewSecret

app = typer.Typer(no_args_is_help=True, help="Send events to other systems by webhooks.")

NAME = Annotated[str, typer.Argument(help="Name of the endpoint.")]


@dataclass(frozen=True, slots=True)
class ListedEndpoints:
    """All endpoints with their deliveries in numbers."""

    endpoints: list[EndpointSummary]


@dataclass(frozen=True, slots=True)
class SwitchedEndpoint:
    """An endpoint and its state: on, off or disabled."""

    endpoint: str
    state: str


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """An event that will be delivered to an endpoint within seconds."""

    endpoint: str
    event: str


@dataclass(frozen=True, slots=True)
class EventTypes:
    """Name of each type of events → JSON schema of its data."""

    version: int
    event_types: dict[str, Any]


@app.callback()
def _webhooks() -> None:
    """Send events to other systems by webhooks."""


def _secret_view(new: NewSecret) -> View:
    # On standard error, so that a script reads the secret alone.
    typer.echo(_("The secret, shown this once:"), err=True)
    return View(notes=[new.secret])


def _list_view(listed: ListedEndpoints) -> View:
    return View(
        notes=[
            f"{row.name}  {row.state}  {row.url}  "
            + _("waiting: %(waiting)s, not delivered: %(failed)s")
            % {"waiting": row.waiting, "failed": row.failed}
            for row in listed.endpoints
        ]
        or [_("No endpoint")]
    )


def _switched_view(switched: SwitchedEndpoint) -> View:
    return View(notes=[f"{switched.endpoint}: {switched.state}"])


def _queued_view(queued: QueuedEvent) -> View:
    return View(notes=[_("Queued: %(event)s.") % {"event": queued.event}])


def _types_view(types: EventTypes) -> View:
    return View(
        notes=[
            f"{name}: {', '.join(schema['properties'])}"
            for name, schema in types.event_types.items()
        ]
    )


@app.command("list")
@command(view=_list_view)
def list_endpoints() -> ListedEndpoints:
    """List the endpoints."""
    from amends.entrances.webhooks.queries import endpoints

    return ListedEndpoints(endpoints())


@app.command()
@command(view=_secret_view)
def add(
    name: NAME,
    url: Annotated[str, typer.Argument(help="https://host/path of the receiver.")],
    actor: Actor,
    event_type: Annotated[
        list[str] | None,
        typer.Option("--type", help="Type of events, any number of times; all if left out."),
    ] = None,
    envelope: Annotated[str, typer.Option(help="standard or cloudevents.")] = "standard",
) -> NewSecret:
    """Add an endpoint and print its secret once."""
    from django.utils import timezone

    from amends.entrances.webhooks.actions.endpoints import add_endpoint

    return add_endpoint(
        name,
        url,
        event_types=event_type or [],
        envelope=envelope,
        actor=actor,
        now=timezone.now(),
    )


@app.command()
@command(view=_secret_view)
def rotate(name: NAME, actor: Actor) -> NewSecret:
    """Give an endpoint a new secret; for 24 hours the previous one signs as well."""
    from django.utils import timezone

    from amends.entrances.webhooks.actions.endpoints import rotate_secret

    return rotate_secret(name, actor=actor, now=timezone.now())


@app.command()
@command(view=_switched_view)
def switch(
    name: NAME,
    actor: Actor,
    on: Annotated[bool, typer.Option("--on/--off", help="Whether events are delivered.")] = True,
) -> SwitchedEndpoint:
    """Switch an endpoint on or off."""
    from amends.entrances.webhooks.actions.endpoints import switch_endpoint

    endpoint = switch_endpoint(name, on=on, actor=actor)
    return SwitchedEndpoint(endpoint.name, endpoint.state)


@app.command()
@command(view=_queued_view)
def again(
    name: NAME,
    event: Annotated[str, typer.Argument(help="The webhook-id of the event.")],
    actor: Actor,
) -> QueuedEvent:
    """Deliver an event once more, under the same id."""
    from django.utils import timezone

    from amends.entrances.webhooks.actions.endpoints import send_again

    delivery = send_again(event, endpoint=name, actor=actor, now=timezone.now())
    return QueuedEvent(name, delivery.event)


@app.command()
@command(view=_queued_view)
def test(name: NAME, actor: Actor) -> QueuedEvent:
    """Send a test event to an endpoint."""
    from django.utils import timezone

    from amends.entrances.webhooks.actions.endpoints import send_test

    return QueuedEvent(name, send_test(name, actor=actor, now=timezone.now()).event)


@app.command()
@command(view=_types_view, tables=False)
def types() -> EventTypes:
    """Print the types of events with the JSON schemas of their data."""
    from amends.entrances.webhooks.rules.event_types import catalogue

    document = catalogue()
    return EventTypes(document["version"], document["event_types"])
