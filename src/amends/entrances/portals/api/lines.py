"""What network, billing, apps and shops tell of lines, and ask: events, wishes, holds, consents.

Gates read holds from a cursor on, and the standing of up to a thousand services at once.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import NinjaAPI, Query, Status

from amends.causes.confirmations.queries import standings
from amends.causes.notices.actions.hold import release, withdraw_consent
from amends.causes.notices.actions.list_holds import list_holds
from amends.causes.notices.actions.record_changes import LINE_EVENTS, strangers
from amends.causes.notices.actions.record_events import NewEvent, record_events, withdraw_event
from amends.causes.notices.actions.set_preference import set_preference_everywhere
from amends.causes.notices.queries import Choice, HoldView, held_among, hold_of
from amends.causes.notices.queries.preferences import choice_about
from amends.entrances.portals.actions.clients import Client, Token
from amends.entrances.portals.api.idempotency import IDEMPOTENCY_KEY, hand_over
from amends.entrances.portals.api.line_shapes import (
    ChoiceIn,
    ConsentIn,
    EventIn,
    EventsTaken,
    EventWithdrawn,
    HoldsListed,
    HoldState,
    PreferenceSaved,
    ServicesAsked,
    StandingShown,
)
from amends.entrances.portals.api.refusals import problem
from amends.entrances.portals.api.shapes import Problem
from amends.people.subscribers.queries import SubscriberView, identify, subscriber, subscribers
from amends.people.subscribers.queries.counts import services_of_brand
from amends.platform.kit.errors import BadInput, Refused

_MANY = 1_000
_READING = dict.fromkeys((400, 401, 403, 404, 413, 422, 503), Problem)
_WRITING = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 503), Problem)


def join(api: NinjaAPI) -> None:
    """Add the operations about lines."""
    _events(api)
    _choices(api)
    _holds(api)
    _standings(api)


def _events(api: NinjaAPI) -> None:
    @api.post(
        "/events",
        auth=Token("events:write"),
        response={201: EventsTaken, **_WRITING},
        summary="Tell what happened to lines",
        operation_id="tellEvents",
        tags=["lines"],
    )
    def new_events(
        request: HttpRequest, events: list[EventIn], idempotency_key: str = IDEMPOTENCY_KEY
    ) -> Any:
        """Scope `events:write`. 1 to 1,000: top-ups, balances, plans, ends, stops, arrears.

        All of them are recorded, or none. An event known by its `ref` already changes nothing.
        """
        client, now = _client(request), timezone.now()
        parsed_events = _read(client, events)
        body = "".join(event.model_dump_json() for event in events)
        with transaction.atomic():
            hand_over(client.id, f"events:{idempotency_key}", body, now=now)
            fresh = record_events(parsed_events, now=now)
        return Status(201, {"accepted": fresh, "duplicates": len(parsed_events) - fresh})

    @api.post(
        "/events/{ref}/withdrawal",
        auth=Token("events:write"),
        response={200: EventWithdrawn, **_WRITING},
        summary="Take an announced event back",
        operation_id="withdrawEvent",
        tags=["lines"],
    )
    def withdrawal_of(request: HttpRequest, ref: str) -> Any:
        """Scope `events:write`. What it has not made due yet will not fall due.

        Whoever was told already stays told. Asked twice, it is done once.
        """
        fresh = withdraw_event(ref, now=timezone.now(), brand=_client(request).brand)
        return Status(200, {"ref": ref, "withdrawn": fresh})


def _read(client: Client, events: list[EventIn]) -> list[NewEvent]:
    if not 1 <= len(events) <= _MANY:
        raise BadInput(
            f"A request has 1 to {_MANY:,} events, this one {len(events):,}.",
            meaning="Nothing was recorded.",
            next_step="Split it, each part under a key of its own.",
            code="events_not_taken",
        )
    unknown = strangers({event.service for event in events if event.kind in LINE_EVENTS})
    if client.brand:
        named = {event.service for event in events if event.service}
        unknown |= named - services_of_brand(named, client.brand)
    if unknown:
        raise BadInput(
            f"{sorted(unknown)[0]!r} is not enrolled: nothing counts it.",
            meaning="Nothing was recorded.",
            next_step="Enrol the line first, or leave its events out.",
            code="events_not_taken",
        )
    people = subscribers(event.subscriber for event in events)
    if client.brand and any(
        person is None or person.brand != client.brand
        for person in (people.get(event.subscriber) for event in events)
    ):
        raise BadInput(
            "An event is about somebody your brand does not know.",
            meaning="Nothing was recorded.",
            next_step="Leave it out.",
            code="events_not_taken",
        )
    return [
        NewEvent(
            ref=event.ref,
            kind=event.kind,
            subscriber=event.subscriber,
            service=event.service,
            happens_at=event.happens_at,
            offer=event.offer,
            figures=dict(event.figures),
        )
        for event in events
    ]


def _choices(api: NinjaAPI) -> None:
    @api.post(
        "/choices",
        auth=Token("choices:write"),
        response={201: PreferenceSaved, **_WRITING},
        summary="Keep what a user wishes of a reminder",
        operation_id="keepChoice",
        tags=["lines"],
    )
    def new_choice(
        request: HttpRequest, choice: ChoiceIn, idempotency_key: str = IDEMPOTENCY_KEY
    ) -> Any:
        """Scope `choices:write`. A mark of one's own, no such notice, another channel.

        It replaces what was chosen for that duty, holds for all lines of the person, and is a fact.
        """
        client, now = _client(request), timezone.now()
        person = _person(client, choice)
        open_preference = choice_about(person, choice.duty, now=now)
        if open_preference is None:
            raise BadInput(
                f"{choice.duty} leaves this person no choice.",
                meaning="Nothing was stored.",
                next_step="See which duties do: amends notices choose.",
                code="choice_unknown",
            )
        wish = Choice(
            declined=choice.declined,
            own_step=choice.own or None,
            channel=choice.channel,
            language=choice.language,
        )
        with transaction.atomic():
            hand_over(client.id, f"choice:{idempotency_key}", choice.model_dump_json(), now=now)
            changed = set_preference_everywhere(
                open_preference.duty,
                subscriber=person.pseudonym,
                wish=wish,
                chosen_on=client.channel,
                now=now,
            )
        return Status(201, {"duty": choice.duty, "changed": changed})


def _person(client: Client, choice: ChoiceIn) -> SubscriberView:
    person = (
        subscriber(choice.subscriber)
        if choice.subscriber
        else identify(phone=choice.phone, service=choice.service)
    )
    if person is None or (client.brand and person.brand != client.brand):
        raise BadInput(
            "We do not know this person.",
            meaning="Nothing was stored.",
            next_step="Give the number on record, the service, or our pseudonym.",
            code="choice_unknown",
        )
    return person


def _holds(api: NinjaAPI) -> None:
    @api.get(
        "/holds",
        auth=Token("holds:read"),
        response={200: HoldsListed, **_READING},
        summary="Holds and releases, for the network",
        operation_id="listHolds",
        tags=["lines"],
    )
    def holds(request: HttpRequest, since: int = Query(0, ge=0, lt=2**62)) -> Any:
        """Scope `holds:read`. Up to 1,000 after `since`, in order; read on from `cursor`.

        Ask every few seconds: a hold is there as soon as it is decided. Applied twice, each is the
        same as once; the last state of a key holds. A client of one brand sees its own lines.
        """
        client = _client(request)
        steps = list_holds(since, now=timezone.now(), limit=_MANY)
        visible_steps = steps
        if client.brand:
            owned = subscribers(step.subscriber for step in steps)
            visible_steps = [step for step in steps if _is_of(client, owned.get(step.subscriber))]
        return {"holds": visible_steps, "cursor": steps[-1].number if steps else since}

    @api.post(
        "/holds/{key}/consent",
        auth=Token("holds:consent"),
        response={200: HoldState, **_WRITING},
        summary="The user goes on beyond the cap",
        operation_id="consentToHold",
        tags=["lines"],
    )
    def consent(request: HttpRequest, key: str, given: ConsentIn) -> Any:
        """Scope `holds:consent`. The person is there: signed in, or seen with a document.

        Only a client that is trusted with identity may say so; how it knows becomes part of the
        fact. Asked twice, it is done once.
        """
        return _answered(_client(request), key, given, back=False)

    @api.post(
        "/holds/{key}/withdrawal",
        auth=Token("holds:consent"),
        response={200: HoldState, **_WRITING},
        summary="The user takes the consent back",
        operation_id="withdrawFromHold",
        tags=["lines"],
    )
    def withdrawal(request: HttpRequest, key: str, given: ConsentIn) -> Any:
        """Scope `holds:consent`. The hold stands again from now on."""
        return _answered(_client(request), key, given, back=True)


def _answered(client: Client, key: str, consent_in: ConsentIn, *, back: bool) -> Any:
    hold = hold_of(key)
    if hold is None or not _is_of(client, subscriber(hold.subscriber)):
        return Status(404, problem("not_found", "Nothing is held under this key."))
    if not client.trusted_identity:
        raise Refused(
            "This client may not state that a person is there.",
            meaning="Nothing was changed.",
            next_step="Ask the operator for a client trusted with identity.",
            code="presence_not_trusted",
        )
    evidence = f"{consent_in.presence} {consent_in.reference}, stated by client {client.id}"
    act = withdraw_consent if back else release
    act(
        key,
        subscriber=hold.subscriber,
        channel=client.channel,
        now=timezone.now(),
        presence=evidence,
    )
    return Status(200, _state(hold_of(key) or hold))


def _state(hold: HoldView) -> dict[str, Any]:
    return {
        "key": hold.key,
        "service": hold.service,
        "by": hold.ended_by,
        "state": "held" if hold.ended_at is None else "released",
    }


def _is_of(client: Client, person: SubscriberView | None) -> bool:
    return not client.brand or (person is not None and person.brand == client.brand)


def _standings(api: NinjaAPI) -> None:
    @api.post(
        "/standings",
        auth=Token("standings:read"),
        response={200: list[StandingShown], **_READING},
        summary="May these services run and be charged",
        operation_id="standings",
        tags=["lines"],
    )
    def asked(request: HttpRequest, asked_for: ServicesAsked) -> Any:
        """Scope `standings:read`. Up to 1,000 services at once, in the order given.

        Read from the rows an order's own transaction wrote: a withdrawal shows at the next
        question. A gate that asks each minute has it within 60 seconds. To a client of one brand,
        services of another are unknown.
        """
        services, brand = asked_for.services, _client(request).brand
        held_services = held_among(services_of_brand(services, brand) if brand else services)
        return [
            {
                "service": line_state.service,
                "state": line_state.state,
                "may_charge": line_state.may_charge,
                "order": line_state.order,
                "held": line_state.service in held_services,
            }
            for line_state in standings(services, brand=brand).values()
        ]


def _client(request: HttpRequest) -> Client:
    return request.auth  # type: ignore[attr-defined,no-any-return]
