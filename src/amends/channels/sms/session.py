"""One bound SMPP session: submits, reads what comes, keeps the link alive, or says it is lost."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smpplib import consts, smpp
from smpplib.client import SimpleSequenceGenerator

from amends.channels.senders import UnableToReachProvider
from amends.channels.sms.reading.deliveries import (
    DeliveredMessage,
    UnableToReadDelivery,
    read_delivery,
)
from amends.channels.sms.reading.statuses import name_of
from amends.channels.sms.settings import Centre, SmsSettings
from amends.channels.sms.writing.addresses import Address
from amends.channels.sms.writing.parts import SmsPartText
from amends.platform.kit.errors import gettext_noop

_HEADER = struct.Struct(">LLLL")
# The longest PDU with a 64 KB payload; anything longer is no SMPP, or an attack.
_MAX_PDU = 70_000
_READ = 262_144
_SUBMIT_SM_RESP, _DELIVER_SM, _GENERIC_NACK = 0x80000004, 0x00000005, 0x80000000
_ENQUIRE_LINK, _UNBIND = 0x00000015, 0x00000006
_DATA_SM, _BIND_RESP, _UNBIND_RESP = 0x00000103, 0x80000009, 0x80000006
_RECEIPT_WANTED = 1
_REFUSED = consts.SMPP_ESME_RINVCMDID
_NOTHING_YET = (TimeoutError, BlockingIOError, ssl.SSLWantReadError)


class SessionLost(Exception):
    """The session has ended: what was under way may or may not have been taken."""


@dataclass(frozen=True, slots=True)
class SubmitResponse:
    """What the centre said to one `submit_sm`."""

    status: int
    message_id: str


class SmppSession:
    """A transceiver. Not for several threads; `pump` often, or the centre thinks we are gone.

    take_in  is given the deliveries read at once and returns a status for each; only then are they
             answered, so what it has not kept is delivered again
    """

    def __init__(
        self,
        settings: SmsSettings,
        *,
        take_in: Callable[[Sequence[DeliveredMessage]], Sequence[int]],
    ) -> None:
        self._settings = settings
        self._take_in = take_in
        self._numbers = SimpleSequenceGenerator()
        self._socket: socket.socket | None = None
        self._unread = bytearray()
        self._unsent = bytearray()
        self._heard_at = self._asked_at = 0.0
        self.answers: dict[int, SubmitResponse] = {}
        self.is_open = False

    def open(self) -> None:
        """Connect and bind; raises `UnableToReachProvider`."""
        centre = self._settings.centre
        if centre is None:
            raise UnableToReachProvider(gettext_noop("Text messages are not switched on."))
        try:
            self._socket = _connect(centre, self._settings)
            self._heard_at = time.monotonic()
            self._bind(centre)
        except (OSError, SessionLost) as error:
            self.drop()
            raise UnableToReachProvider(
                gettext_noop("The message centre does not let us in (%(why)s)."),
                meaning=gettext_noop("Text messages wait in the outbox."),
                next_step=gettext_noop("Check AMENDS_SMPP_URL, the password and the certificate."),
                values={"why": _why(error)},
            ) from error
        self.is_open = True

    def _bind(self, centre: Centre) -> None:
        self._send(
            "bind_transceiver",
            system_id=centre.system_id,
            password=centre.password,
            system_type=centre.system_type,
        )
        self._flush()
        until = time.monotonic() + self._settings.timeout_s
        while time.monotonic() < until:
            for command, status, _, _ in self._read(until - time.monotonic()):
                if command == _BIND_RESP and status == consts.SMPP_ESME_ROK:
                    return
                raise SessionLost(name_of(status))
        raise SessionLost("no answer to the bind")

    def submit(self, part: SmsPartText, *, source: Address, recipient: Address) -> int:
        """Submit one part with the next `pump`; the number its answer will bear.

        Many parts go out in one write: a system call for each took a third of the time.
        """
        return self._send(
            "submit_sm",
            source_addr_ton=source.ton,
            source_addr_npi=source.npi,
            source_addr=source.digits,
            dest_addr_ton=recipient.ton,
            dest_addr_npi=recipient.npi,
            destination_addr=recipient.digits,
            esm_class=consts.SMPP_GSMFEAT_UDHI if part.joined else consts.SMPP_MSGMODE_DEFAULT,
            registered_delivery=_RECEIPT_WANTED,
            data_coding=part.data_coding,
            short_message=part.octets,
        )

    def pump(self, wait_s: float = 0.0) -> None:
        """Write what is submitted, read what has come, waiting at most `wait_s`.

        Answers go to `answers`.

        Raises `SessionLost` if the centre is gone, unbinds us, or says what no centre says.
        """
        deliveries: list[DeliveredMessage] = []
        self._flush()
        for command, status, sequence, body in self._read(wait_s):
            if command in {_SUBMIT_SM_RESP, _GENERIC_NACK}:
                message_id = body.partition(b"\x00")[0].decode("latin-1")[:65]
                is_nack = command == _GENERIC_NACK
                self.answers[sequence] = SubmitResponse(status or is_nack * 0xFF, message_id)
            elif command == _DELIVER_SM:
                self._collect(deliveries, body, sequence)
            elif command == _ENQUIRE_LINK:
                self._send("enquire_link_resp", sequence=sequence)
            elif command == _UNBIND:
                self._send("unbind_resp", sequence=sequence)
                self._flush()
                raise SessionLost("the centre unbound us")
            elif command == _DATA_SM or not command & 0x80000000:
                self._send("generic_nack", sequence=sequence, status=_REFUSED)
        if deliveries:
            statuses = self._take_in(deliveries)
            for delivery, status in zip(deliveries, statuses, strict=True):
                self._send("deliver_sm_resp", sequence=delivery.sequence, status=status)
        self._keep_alive()
        self._flush()

    def _collect(self, deliveries: list[DeliveredMessage], body: bytes, sequence: int) -> None:
        try:
            deliveries.append(read_delivery(body, sequence=sequence))
        except UnableToReadDelivery:
            # Refused for good: delivered again it would be as broken.
            status = consts.SMPP_ESME_RX_R_APPN
            self._send("deliver_sm_resp", sequence=sequence, status=status)

    def _keep_alive(self) -> None:
        now = time.monotonic()
        if now - self._heard_at < self._settings.enquire_s:
            return
        if self._asked_at > self._heard_at:
            if now - self._asked_at > self._settings.timeout_s:
                raise SessionLost("the centre is silent")
        else:
            self._asked_at = now
            self._send("enquire_link")

    def close(self) -> None:
        """Unbind, politely if the link still stands."""
        if self.is_open:
            try:
                self._send("unbind")
                self._flush()
                until = time.monotonic() + min(self._settings.timeout_s, 3)
                while time.monotonic() < until:
                    commands = [frame[0] for frame in self._read(until - time.monotonic())]
                    if _UNBIND_RESP in commands:
                        break
            except SessionLost:
                pass
        self.drop()

    def drop(self) -> None:
        """Close without a word."""
        self.is_open = False
        self._unsent.clear()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, command: str, *, sequence: int = 0, **fields: object) -> int:
        """Make one PDU ready to be written; its number."""
        if self._socket is None:
            raise SessionLost("the link is closed")
        pdu = smpp.make_pdu(command, client=self._numbers, sequence=sequence or None, **fields)
        if sequence:
            pdu.sequence = sequence
        self._unsent += pdu.generate()
        return int(pdu.sequence)

    def _flush(self) -> None:
        """Write what is ready. What was written in part may have been taken: the link is lost."""
        if self._socket is None:
            raise SessionLost("the link is closed")
        if not self._unsent:
            return
        try:
            self._socket.settimeout(self._settings.timeout_s)
            self._socket.sendall(self._unsent)
        except OSError as error:
            self.drop()
            raise SessionLost(_why(error)) from error
        self._unsent.clear()

    def _read(self, wait_s: float) -> list[tuple[int, int, int, bytes]]:
        """Whole PDUs that have come: command, status, number, body."""
        if self._socket is None:
            raise SessionLost("the link is closed")
        try:
            self._socket.settimeout(max(wait_s, 0.0))
            data = self._socket.recv(_READ)
        except _NOTHING_YET:
            return []
        except OSError as error:
            self.drop()
            raise SessionLost(_why(error)) from error
        if not data:
            self.drop()
            raise SessionLost("the centre hung up")
        self._heard_at = time.monotonic()
        self._unread += data
        return list(self._frames())

    def _frames(self) -> list[tuple[int, int, int, bytes]]:
        frames, at, unread = [], 0, self._unread
        while len(unread) - at >= _HEADER.size:
            length, command, status, sequence = _HEADER.unpack_from(unread, at)
            if not _HEADER.size <= length <= _MAX_PDU:
                # Where the next PDU begins is not known any more.
                self.drop()
                raise SessionLost("the centre sent what is no SMPP")
            if len(unread) - at < length:
                break
            frames.append((command, status, sequence, bytes(unread[at + 16 : at + length])))
            at += length
        del unread[:at]
        return frames


def _connect(centre: Centre, settings: SmsSettings) -> socket.socket:
    plain = socket.create_connection((centre.host, centre.port), timeout=settings.timeout_s)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if centre.is_plain:
            return plain
        return settings.tls().wrap_socket(plain, server_hostname=centre.host)
    except BaseException:
        plain.close()
        raise


def _why(error: BaseException) -> str:
    """The kind of an error and its number; its text may name hosts or people."""
    if isinstance(error, SessionLost):
        return str(error)
    return f"{type(error).__name__} {getattr(error, 'errno', '') or ''}".strip()
