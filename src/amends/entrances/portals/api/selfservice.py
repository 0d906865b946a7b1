"""Self-service for the operator's voice menu and app: the business of every channel.

The user is identified by a code to the contact on record; the token of that presence is valid for
the client that requested it, for half an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import override
from ninja import Field, Header, NinjaAPI, Query, Schema, Status

from amends.cases.complaints.queries import StateView, state_names, states_of_number
from amends.causes.confirmations.actions.prove_presence import answer_presence, request_presence
from amends.channels.actions.receive import UnableToReceiveMessage
from amends.channels.actions.record_call import take_down
from amends.entrances.portals.actions.clients import Client, Token
from amends.entrances.portals.api.idempotency import IDEMPOTENCY_KEY, hand_over
from amends.entrances.portals.api.shapes import Problem, Text, Written
from amends.entrances.portals.api.submissions import quoted_code
from amends.entrances.portals.rules.keypad import KEYPAD_DIGITS, keypad_digits
from amends.entrances.selfservice.actions.answer_text import order_words, usage_words
from amends.entrances.selfservice.actions.order import OrderProgress, answer_order, order_offer
from amends.entrances.selfservice.actions.report import report_message
from amends.entrances.selfservice.actions.set_reminder import set_reminder
from amends.entrances.selfservice.actions.stop import stop_service
from amends.entrances.selfservice.queries import (
    ActiveService,
    IdentifiedUser,
    LineUse,
    OrderableOffer,
    ReminderSetting,
    identified_by,
    orderable,
    reminders_of,
    running,
    speed_test_link,
    usage_of,
)
from amends.people.access.web.limits import SENDING, WRONG_CODES
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.formats import format_date, is_chinese
from amends.platform.kit.packs import load_rules, zone_of
from amends.platform.vault.indexes import blind_index

_SALT = "amends.entrances.portals.presence"
_PRESENCE_S = 30 * 60
_READING = dict.fromkeys((400, 401, 403, 404, 409, 422, 503), Problem)
_WRITING = dict.fromkeys((400, 401, 403, 404, 409, 422, 429, 503), Problem)
PRESENCE: Any = Header(
    ..., alias="Presence", max_length=200, description="The token of `POST /selfservice/identity`."
)
LANGUAGE: Any = Query("zh", pattern="^(zh|en)$", description="Language of `text`.")


class UnableToKnowPerson(Refused):
    """The presence is not shown, is too old, or is of another client or brand."""

    code = "presence_not_shown"


class UnableToAskAgain(Refused):
    """Too many codes were requested, or too many wrong ones typed, for this number."""

    code = "too_many_tries"


class NumberIn(Schema):
    """Whose account it is."""

    number: str = Field(..., min_length=3, max_length=40, examples=["13900001234"])


class DigitsIn(Schema):
    """A code that was typed."""

    digits: str = Field(..., pattern=r"^\d{6}$", examples=["123456"])


class OrderIn(Schema):
    """An offer of `GET /selfservice/offers`."""

    offer: str = Field(..., max_length=64)


class StopIn(Schema):
    """A service of `GET /selfservice/services`."""

    service: str = Field(..., max_length=64)


class ReminderIn(Schema):
    """A reminder of `GET /selfservice/reminders`; `wish`: on, off or an amount."""

    duty: str = Field(..., max_length=64)
    wish: str = Field(..., max_length=20, examples=["on", "off", "50"])


class ReportIn(Schema):
    """An unwanted message; `text` empty for a call."""

    number: str = Field("", max_length=40)
    text: str = Field("", max_length=20_000)


class StatusIn(Schema):
    """The caller's number as the network states it, and the keys pressed."""

    number: str = Field(..., max_length=40)
    keypad: str = Field(..., pattern=rf"^\d{{{KEYPAD_DIGITS}}}$", examples=["69840228"])


class TranscriptIn(Schema):
    """Speech of a caller as the voice menu wrote it down."""

    call: Text = Field(..., min_length=1, max_length=90, description="The call's id there.")
    caller: Text = Field("", max_length=40)
    text: Text = Field(..., min_length=1, max_length=20_000)
    started_at: Written
    tracking_code: Text = Field("", max_length=20)
    language: str = Field("", pattern="^(zh|en|)$")


@dataclass(frozen=True, slots=True)
class PresenceAsked:
    """A code is on its way, if the number has a contact on record."""

    presence: str
    valid_s: int


@dataclass(frozen=True, slots=True)
class PresenceAnswered:
    """Whether the code was right."""

    identified: bool


@dataclass(frozen=True, slots=True)
class VoiceUsage:
    """The lines of a user, and a text to read out."""

    text: str
    lines: list[LineUse]


@dataclass(frozen=True, slots=True)
class VoiceOrder:
    """An order, and its progress as a text."""

    text: str
    order: OrderProgress


@dataclass(frozen=True, slots=True)
class VoiceStatus:
    """The state of a complaint as a text; nothing of its content."""

    text: str
    tracking_code: str
    state: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class MenuKey:
    """A key of the voice menu: what it does, and what is read out."""

    key: str
    does: str
    text: str


@dataclass(frozen=True, slots=True)
class SpeedTestLink:
    """Where the user tests the line."""

    link: str


@dataclass(frozen=True, slots=True)
class ReportStored:
    """The reference of a report."""

    report: str


@dataclass(frozen=True, slots=True)
class TranscriptTaken:
    """The received message that the transcript is."""

    message: str


def join(api: NinjaAPI) -> None:
    """Add the operations of self-service and of the voice menu."""
    _identity(api)
    _reading(api)
    _business(api)
    _voice_menu(api)


def _identity(api: NinjaAPI) -> None:
    @api.post(
        "/selfservice/identity",
        auth=Token("selfservice:use"),
        response={202: PresenceAsked, **_WRITING},
        summary="Send a code to the contact on record",
        operation_id="askPresence",
        tags=["selfservice"],
    )
    def ask(request: HttpRequest, given: NumberIn) -> Any:
        """Scope `selfservice:use`. The answer is the same whether the number is known or not."""
        client, now = _client(request), timezone.now()
        who = blind_index("portals.caller", given.number)
        if SENDING.take(request, now=now, who=who):
            raise _too_many()
        ref = request_presence(given.number, source=who, brand=client.brand, now=now)
        return Status(202, PresenceAsked(signing.dumps([client.id, ref], salt=_SALT), _PRESENCE_S))

    @api.post(
        "/selfservice/identity/answer",
        auth=Token("selfservice:use"),
        response={200: PresenceAnswered, **_WRITING},
        summary="Take the code",
        operation_id="answerPresence",
        tags=["selfservice"],
    )
    def answer(request: HttpRequest, given: DigitsIn, presence: str = PRESENCE) -> Any:
        """Scope `selfservice:use`. Five tries a code; then request another."""
        ref = _reference(_client(request), presence)
        return PresenceAnswered(bool(answer_presence(ref, given.digits, now=timezone.now())))


def _reading(api: NinjaAPI) -> None:
    @api.get(
        "/selfservice/usage",
        auth=Token("selfservice:use"),
        response={200: VoiceUsage, **_READING},
        summary="Usage and charges of this month",
        operation_id="ownUsage",
        tags=["selfservice"],
    )
    def usage(request: HttpRequest, presence: str = PRESENCE, language: str = LANGUAGE) -> Any:
        """Scope `selfservice:use`. Figures are the newest that are known, so at least that much."""
        with _in(language):
            lines = usage_of(_user(request, presence), now=timezone.now())
            return VoiceUsage(usage_words(lines), lines)

    @api.get(
        "/selfservice/services",
        auth=Token("selfservice:use"),
        response={200: list[ActiveService], **_READING},
        summary="Services that run",
        operation_id="ownServices",
        tags=["selfservice"],
    )
    def services(request: HttpRequest, presence: str = PRESENCE, language: str = LANGUAGE) -> Any:
        """Scope `selfservice:use`. Each can be stopped by its reference."""
        with _in(language):
            return running(_user(request, presence), now=timezone.now())

    @api.get(
        "/selfservice/offers",
        auth=Token("selfservice:use"),
        response={200: list[OrderableOffer], **_READING},
        summary="What the user may order",
        operation_id="ownOffers",
        tags=["selfservice"],
    )
    def offers(request: HttpRequest, presence: str = PRESENCE, language: str = LANGUAGE) -> Any:
        """Scope `selfservice:use`. Offers taken from sale are no longer listed."""
        with _in(language):
            return orderable(_user(request, presence), now=timezone.now())

    @api.get(
        "/selfservice/reminders",
        auth=Token("selfservice:use"),
        response={200: list[ReminderSetting], **_READING},
        summary="Reminders that can be set",
        operation_id="ownReminders",
        tags=["selfservice"],
    )
    def reminders(request: HttpRequest, presence: str = PRESENCE, language: str = LANGUAGE) -> Any:
        """Scope `selfservice:use`. Reminders that the rules leave to the user."""
        with _in(language):
            return reminders_of(_user(request, presence), now=timezone.now())

    @api.get(
        "/selfservice/speed-test",
        auth=Token("selfservice:use"),
        response={200: SpeedTestLink, **_READING},
        summary="Where the line is tested",
        operation_id="speedTestLink",
        tags=["selfservice"],
    )
    def speed_test(request: HttpRequest) -> Any:
        """Scope `selfservice:use`. A page for the user's own device; the result is signed."""
        return SpeedTestLink(speed_test_link())


def _business(api: NinjaAPI) -> None:
    @api.post(
        "/selfservice/orders",
        auth=Token("selfservice:use"),
        response={201: VoiceOrder, **_WRITING},
        summary="Order an offer",
        operation_id="orderOffer",
        tags=["selfservice"],
    )
    def order(
        request: HttpRequest,
        given: OrderIn,
        presence: str = PRESENCE,
        language: str = LANGUAGE,
        idempotency_key: str = IDEMPOTENCY_KEY,
    ) -> Any:
        """Scope `selfservice:use`. Nothing is carried out before each confirmation is answered."""
        client, now = _client(request), timezone.now()
        with _in(language), transaction.atomic():
            user = _user(request, presence)
            hand_over(client.id, f"own-order:{idempotency_key}", given.model_dump_json(), now=now)
            order_progress = order_offer(
                user, given.offer, key=f"{client.id}:{idempotency_key}"[:90], now=now
            )
            return Status(201, VoiceOrder(order_words(order_progress), order_progress))

    @api.post(
        "/selfservice/orders/{ref}/answer",
        auth=Token("selfservice:use"),
        response={200: VoiceOrder, **_WRITING},
        summary="Confirm an order by its code",
        operation_id="confirmOrder",
        tags=["selfservice"],
    )
    def confirm(
        request: HttpRequest,
        ref: str,
        given: DigitsIn,
        presence: str = PRESENCE,
        language: str = LANGUAGE,
    ) -> Any:
        """Scope `selfservice:use`. `order.is_open` says whether another code is awaited."""
        with _in(language):
            order_progress = answer_order(
                _user(request, presence), ref, given.digits, now=timezone.now()
            )
            return VoiceOrder(order_words(order_progress), order_progress)

    @api.post(
        "/selfservice/stops",
        auth=Token("selfservice:use"),
        response={200: VoiceOrder, **_WRITING},
        summary="Stop a service",
        operation_id="stopService",
        tags=["selfservice"],
    )
    def stop(
        request: HttpRequest, given: StopIn, presence: str = PRESENCE, language: str = LANGUAGE
    ) -> Any:
        """Scope `selfservice:use`. The presence is the confirmation; it ends at once."""
        with _in(language):
            order_progress = stop_service(
                _user(request, presence), given.service, now=timezone.now()
            )
            return VoiceOrder(order_words(order_progress), order_progress)

    @api.post(
        "/selfservice/reminders",
        auth=Token("selfservice:use"),
        response={200: ReminderSetting, **_WRITING},
        summary="Set a reminder",
        operation_id="setReminder",
        tags=["selfservice"],
    )
    def remind(
        request: HttpRequest, given: ReminderIn, presence: str = PRESENCE, language: str = LANGUAGE
    ) -> Any:
        """Scope `selfservice:use`. For all lines of the user, from now on."""
        with _in(language):
            user = _user(request, presence)
            return set_reminder(user, given.duty, given.wish, now=timezone.now())

    @api.post(
        "/selfservice/reports",
        auth=Token("selfservice:use"),
        response={201: ReportStored, **_WRITING},
        summary="Report an unwanted message or call",
        operation_id="reportMessage",
        tags=["selfservice"],
    )
    def report(
        request: HttpRequest,
        given: ReportIn,
        presence: str = PRESENCE,
        idempotency_key: str = IDEMPOTENCY_KEY,
    ) -> Any:
        """Scope `selfservice:use`. The same key is one report."""
        client = _client(request)
        message_report = report_message(
            _user(request, presence),
            number=given.number,
            text=given.text,
            key=f"{client.id}:{idempotency_key}",
            source=f"client {client.id}"[:80],
            now=timezone.now(),
        )
        return Status(201, ReportStored(message_report.ref))


def _voice_menu(api: NinjaAPI) -> None:
    @api.get(
        "/ivr/menu",
        auth=Token("ivr:use"),
        response={200: list[MenuKey], **_READING},
        summary="What the voice menu reads out",
        operation_id="voiceMenu",
        tags=["ivr"],
    )
    def menu(request: HttpRequest, language: str = LANGUAGE) -> Any:
        """Scope `ivr:use`. From the rules in force; read it again each day."""
        rows = load_rules("amends.entrances.portals", "voice-menu", timezone.localdate()).data[
            "keys"
        ]
        return [MenuKey(row["key"], row["does"], row[language]) for row in rows]

    @api.post(
        "/ivr/status",
        auth=Token("ivr:use"),
        response={200: VoiceStatus, **_WRITING},
        summary="Where a complaint is, by keypad",
        operation_id="complaintByKeypad",
        tags=["ivr"],
    )
    def status(request: HttpRequest, given: StatusIn, language: str = LANGUAGE) -> Any:
        """Scope `ivr:use`. The last eight characters of the tracking code as they are pressed.

        Only complaints filed under the caller's number are found; 30 wrong codes of a number lock
        it for a quarter of an hour.
        """
        client, now = _client(request), timezone.now()
        who = blind_index("portals.caller", given.number)
        if WRONG_CODES.wait(request, now=now, who=who):
            raise _too_many()
        matching_state = next(
            (
                state
                for state in states_of_number(given.number, brand=client.brand)
                if keypad_digits(state.tracking_code) == given.keypad
            ),
            None,
        )
        if matching_state is None:
            WRONG_CODES.count(request, now=now, who=who)
            raise BadInput(
                "No complaint of this number has these digits.",
                meaning="Nothing is said about whether there is another.",
                next_step="Press the last eight characters of the number on the receipt.",
                code="complaint_unknown",
            )
        return VoiceStatus(
            text=_status_words(matching_state, language),
            tracking_code=matching_state.tracking_code,
            state=matching_state.state,
            due_at=matching_state.due_at,
        )

    @api.post(
        "/ivr/transcripts",
        auth=Token("ivr:use"),
        response={202: TranscriptTaken, **_WRITING},
        summary="Hand over what a caller said",
        operation_id="handOverTranscript",
        tags=["ivr"],
    )
    def transcript(request: HttpRequest, given: TranscriptIn) -> Any:
        """Scope `ivr:use`. Stored as a call is, and received as a complaint or added to one.

        The same call again is the same message.
        """
        client, now = _client(request), timezone.now()
        if timezone.is_naive(given.started_at) or given.started_at > now:
            raise UnableToReceiveMessage(
                "started_at needs a time zone, and cannot be in the future.",
                meaning="Nothing was stored.",
                next_step="Give the time the call began, such as 2026-11-24T10:05:00+08:00.",
            )
        row = take_down(
            call=f"ivr-{client.id}:{given.call}",
            text=given.text,
            started_at=given.started_at,
            caller=given.caller,
            tracking_code=quoted_code(client, given.tracking_code),
            language=given.language,
            brand=client.brand,
            now=now,
        )
        return Status(202, TranscriptTaken(row.id))


def _status_words(state_view: StateView, language: str) -> str:
    """The state as a voice reads it, with the day of the answer."""
    chinese = is_chinese(language)
    zh, en = state_names()[state_view.state]
    if state_view.due_at is None:
        return f"您的投诉：{zh}。" if chinese else f"Your complaint: {en}."
    by = format_date(state_view.due_at, language, zone_of(settings.JURISDICTION))
    if chinese:
        return f"您的投诉：{zh}，{by}前答复。"
    return f"Your complaint: {en}. You get our answer by {by}."


def _in(language: str) -> Any:
    return override("zh-hans" if language == "zh" else "en")


def _reference(client: Client, token: str) -> str:
    """The presence of a token; raises `UnableToKnowPerson` for one of another client."""
    try:
        owner, ref = signing.loads(token, salt=_SALT, max_age=_PRESENCE_S)
    except (signing.BadSignature, ValueError):
        raise _not_shown() from None
    if owner != client.id:
        raise _not_shown()
    return str(ref)


def _user(request: HttpRequest, token: str) -> IdentifiedUser:
    client = _client(request)
    user = identified_by(
        _reference(client, token), channel=client.channel, now=timezone.now(), brand=client.brand
    )
    if user is None:
        raise _not_shown()
    return user


def _not_shown() -> UnableToKnowPerson:
    return UnableToKnowPerson(
        "The user has not shown who they are.",
        meaning="Nothing was read or changed.",
        next_step="Ask for a code and answer it.",
    )


def _too_many() -> UnableToAskAgain:
    return UnableToAskAgain(
        "Too many tries for this number.",
        meaning="Nothing was sent or read.",
        next_step="Wait, or connect the caller with a person.",
    )


def _client(request: HttpRequest) -> Client:
    return request.auth  # type: ignore[attr-defined,no-any-return]
