"""Identify: a code sent to the contact on record shows that the complainant is that person."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.answer import given_addresses
from amends.cases.complaints.actions.letters import closing
from amends.cases.complaints.models import Challenge, Complaint, Event, Identity
from amends.cases.complaints.rules.replies import reply as write_reply
from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_code import UnableToSendCode, code_answered, send_code
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import ContactOnRecord as Reached
from amends.people.access.actions.reach import UnableToReach, reach
from amends.platform.database.rows import update
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import Refused

VALID_FOR = timedelta(minutes=10)
MAX_ATTEMPTS = 5


class UnableToIdentify(Refused):
    """No contact on record, too many tries, or the wrong code."""

    code = "unable_to_identify"


def ask_identity(complaint: Complaint, *, actor: Actor, source: str = "", now: datetime) -> str:
    """Send a code to the subscriber's contact on record; returns the channel it went to.

    The address given with the complaint is never used for this: whoever wrote it could be anybody.
    """
    if complaint.history:
        raise UnableToIdentify(
            _("This complaint came in as history: it stays as the former desk left it."),
            meaning=_("Nothing was changed."),
            next_step=_("If it is not settled, take it down as a new complaint."),
        )
    if not complaint.subscriber:
        raise UnableToIdentify(
            _("We do not know which subscriber this is about."),
            next_step=_("Ask for the number or the service it concerns."),
        )
    with transaction.atomic():
        contact = _on_record(complaint, now)
        _send_code(
            complaint,
            reached_by(contact.kind),
            contact.recipient,
            to_given=False,
            source=source,
            now=now,
        )
        # Whoever was verified meanwhile, by a document or a code, stays so.
        rows = Complaint.objects.filter(id=complaint.id, identity=Identity.UNVERIFIED)
        if rows.update(identity=Identity.ASKED):
            complaint.identity = Identity.ASKED
        _note(complaint, "identity_asked", actor, now)
    return reached_by(contact.kind)


def ask_at_given_address(
    complaint: Complaint, *, actor: Actor, source: str = "", now: datetime
) -> str:
    """Send a code to the address given with a complaint of nobody we know; returns the channel.

    Our letters went to that address; whoever reads it may read them again, and answer them. It
    shows nothing of any account, so a complaint with a known subscriber is refused.
    """
    if complaint.subscriber:
        raise UnableToIdentify(
            _("The subscriber is known."), next_step=_("Send the code to the contact on record.")
        )
    address = given_addresses([complaint.id]).get(complaint.id)
    if address is None:
        raise UnableToIdentify(_("No address was given."), next_step=_("Come to a counter."))
    with transaction.atomic():
        _send_code(complaint, *address, to_given=True, source=source, now=now)
        _note(complaint, "address_asked", actor, now)
    return address[0]


def expire_codes(*, now: datetime) -> int:
    """No code sent before now is taken any more; how many could still be answered."""
    waiting = Challenge.objects.filter(answered_at__isnull=True, expires_at__gt=now)
    return waiting.update(expires_at=now)


def ask_nobody(complaint: Complaint, *, now: datetime) -> None:
    """Record a challenge that no code answers, where no code is sent and none waits for an answer.

    Entering digits then takes as long as where a code was sent.
    """
    to_given = not complaint.subscriber
    waiting = Challenge.objects.filter(
        complaint=complaint, to_given=to_given, answered_at__isnull=True, expires_at__gt=now
    )
    if waiting.exists():
        return
    Challenge.objects.create(
        complaint=complaint,
        sent_on="none",
        to_given=to_given,
        asked_at=now,
        expires_at=now + VALID_FOR,
        code_hash="",
    )


def answer_identity(complaint: Complaint, code: str, *, actor: Actor, now: datetime) -> None:
    """Take the code: the right one makes the complainant verified, a wrong one counts."""
    with transaction.atomic():
        right = _is_right(complaint, code, to_given=False, now=now)
        if right:
            verify_identity([complaint], by="challenge", actor=actor, now=now)
    if not right:
        raise _wrong_code()


def answer_at_given_address(
    complaint: Complaint, code: str, *, actor: Actor, now: datetime
) -> None:
    """Take the code sent to the address given; the right one is noted and verifies nobody."""
    with transaction.atomic():
        right = _is_right(complaint, code, to_given=True, now=now)
        if right:
            _note(complaint, "address_answered", actor, now)
    if not right:
        raise _wrong_code()


def _on_record(complaint: Complaint, now: datetime) -> Reached:
    """The subscriber's own contact, opened by `access` alone, who can see that it was."""
    try:
        return reach(
            system("identity"),
            subscriber=complaint.subscriber,
            reference=complaint.id,
            reason=_("code to check an identity"),
            now=now,
        )
    except UnableToReach as why:
        raise UnableToIdentify(why.what, next_step=why.next_step) from why


def _send_code(
    complaint: Complaint,
    channel: str,
    recipient: str,
    *,
    to_given: bool,
    source: str,
    now: datetime,
) -> None:
    code = f"{secrets.randbelow(1_000_000):06d}"
    challenge = Challenge(
        complaint=complaint,
        sent_on=channel,
        to_given=to_given,
        asked_at=now,
        expires_at=now + VALID_FOR,
        code_hash="",
    )
    challenge.code_hash = _hash(challenge, code)
    challenge.save()
    text = write_reply(
        "identity_code",
        complaint.language,
        closing(complaint) | {"code": code, "minutes": str(int(VALID_FOR.total_seconds()) // 60)},
    )
    message = Outgoing(
        key=f"challenge:{challenge.id}",
        channel=channel,
        recipient=recipient,
        subject=text.subject,
        body=text.body,
        language=complaint.language,
        reference=complaint.id,
    )
    try:
        send_code(message, source=source, on_record=not to_given, now=now)
    except UnableToSendCode as why:
        raise UnableToIdentify(why.what, next_step=why.next_step) from why


def _is_right(complaint: Complaint, code: str, *, to_given: bool, now: datetime) -> bool:
    """Whether `code` answers the newest challenge; the caller holds a transaction."""
    challenge = (
        Challenge.objects.select_for_update()
        .filter(
            complaint=complaint, to_given=to_given, answered_at__isnull=True, expires_at__gt=now
        )
        .order_by("-asked_at", "-id")
        .first()
    )
    if challenge is None:
        return False
    right = challenge.attempts < MAX_ATTEMPTS and hmac.compare_digest(
        challenge.code_hash, _hash(challenge, code.strip())
    )
    if right:
        challenge.answered_at = now
        code_answered(f"challenge:{challenge.id}")
    else:
        challenge.attempts += 1
    challenge.save(update_fields=["answered_at", "attempts"])
    return right


def _wrong_code() -> UnableToIdentify:
    return UnableToIdentify(
        _("The code is not right, or it is too old."),
        meaning=_("Your complaint goes on; its deadline is running."),
        next_step=_("Look at the newest message, or ask for another code."),
    )


def verify_identity(
    complaints: Sequence[Complaint], *, by: str, actor: Actor, now: datetime
) -> None:
    """The complainants are known: by a challenge, a document at a counter, a signed-in account."""
    for complaint in complaints:
        complaint.identity, complaint.identity_by = Identity.VERIFIED, by
    update(complaints, ["identity", "identity_by"])
    for complaint in complaints:
        _note(complaint, "identity_verified", actor, now, by)


def _note(complaint: Complaint, verb: str, actor: Actor, now: datetime, reason: str = "") -> None:
    Event.objects.create(complaint=complaint, at=now, verb=verb, actor=actor.ref, reason=reason)


def _hash(challenge: Challenge, code: str) -> str:
    # Six digits are guessed in no time from a bare hash: the salt only keeps equal codes apart,
    # the limits on attempts and time are what protects.
    material = f"{challenge.id}:{challenge.salt}:{code}".encode()
    return hashlib.pbkdf2_hmac("sha256", material, challenge.salt.encode(), 20_000).hex()
