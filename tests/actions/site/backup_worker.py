"""What the rehearsal of a backup starts: `fill`, `write` until stopped, `look` at what is there."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import django

django.setup()

from allauth.usersessions.models import UserSession  # noqa: E402 (Django is set up above)
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 (Django is set up above)
from django.contrib.sessions.models import Session  # noqa: E402 (Django is set up above)

from amends.cases.complaints.actions.attach import (  # noqa: E402 (Django is set up above)
    NewFile,
    attach,
    open_attachment,
)
from amends.cases.complaints.actions.intake import Submission  # noqa: E402 (Django is set up above)
from amends.cases.complaints.actions.receive import receive  # noqa: E402 (Django is set up above)
from amends.cases.complaints.models import Challenge, Complaint, Contact  # noqa: E402 (Django is set up above)
from amends.cases.complaints.queries.attachments import attachments_of  # noqa: E402 (Django is set up above)
from amends.people.access.actions.add_user import add_user  # noqa: E402 (Django is set up above)
from amends.people.access.actions.open_case import open_case  # noqa: E402 (Django is set up above)
from amends.people.access.actions.unmask import unmask  # noqa: E402 (Django is set up above)
from amends.people.subscribers.actions.register import NewSubscriber, register  # noqa: E402 (Django is set up above)
from amends.platform.kit.actors import system  # noqa: E402 (Django is set up above)
from amends.platform.vault.sealing import open_sealed  # noqa: E402 (Django is set up above)
from amends.record.ledger.actions.sequence import sequence  # noqa: E402 (Django is set up above)

PERSON = NewSubscriber(name="丁卯", phone="13912345670", address="样本区金丝雀路1号")
WORDS = "每月多扣我十块钱，电话13912345670"


def tell(what: object) -> None:
    """One line of JSON, at once."""
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def complain(number: int) -> str:
    """A complaint with a file; its words name its number."""
    now = datetime.now(UTC)
    said = Submission(
        channel="web",
        key=f"k{number}",
        text=f"{WORDS}，第{number}次",
        received_at=now,
        phone=f"1390000{number:04}",
    )
    receipt = receive(said, now=now)
    attach(receipt.contact, [NewFile("bill.txt", f"bill {number}".encode())], now=now)
    sequence(now=now, holder="worker")
    return receipt.complaint


def fill() -> None:
    """One person on record, five complaints; prints the pseudonym."""
    tell({"pseudonym": fill_quietly()})


def fill_quietly() -> str:
    """As `fill`; the pseudonym."""
    pseudonym = register(PERSON, now=datetime.now(UTC))
    for number in range(5):
        complain(number)
    return pseudonym


def use() -> None:
    """A handler is signed in, and a code is waiting for its answer."""
    now = datetime.now(UTC)
    Challenge.objects.create(
        complaint=Complaint.objects.earliest("id"),
        sent_on="sms",
        code_hash="0" * 64,
        asked_at=now,
        expires_at=now + timedelta(days=1),
    )
    user = add_user("li.na", password="harbour-kite-42", roles=["handler"])
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.create()
    UserSession.objects.create(
        user=user, ip="127.0.0.1", session_key=str(session.session_key), user_agent="browser"
    )


def fill_and_use() -> None:
    """Both, and a privacy officer, wei; prints the pseudonym and what is open now."""
    pseudonym = fill_quietly()
    use()
    add_user("wei", password="harbour-kite-42", roles=["privacy_officer"])
    tell({"pseudonym": pseudonym, **open_now()})


def open_now() -> dict[str, int]:
    """How many sessions are open, and how many codes wait for their answer."""
    open_codes = Challenge.objects.filter(answered_at=None, expires_at__gt=datetime.now(UTC))
    return {
        "sessions": Session.objects.count() + UserSession.objects.count(),
        "open_codes": open_codes.count(),
    }


def write() -> None:
    """Complaints without end; prints each number once it is durable.

    A dozen a second: what is tested needs a writer, not a processor for it alone.
    """
    for number in itertools.count(1_000):
        complain(number)
        tell(number)
        time.sleep(0.05)


def look(pseudonym: str) -> None:
    """Open everything that is there; prints what was found."""
    now = datetime.now(UTC)
    desk = system("intake")
    case = open_case(desk, subscriber=pseudonym, purpose="complaint", reference="r", now=now)
    opened = unmask(desk, case, ["phone"], reason="rehearsal of a backup", now=now)
    numbers = []
    for contact in Contact.objects.order_by("id"):
        words = open_sealed("complaints_contact", "original", contact.id, bytes(contact.original))
        numbers.append(int(words.rpartition("第")[2].removesuffix("次")))
    files = {}
    for ref in Complaint.objects.values_list("id", flat=True):
        for one in attachments_of(ref):
            content = open_attachment(ref, one.id, actor=desk, now=now).content
            files[content.decode()] = one.name
    tell(
        {
            "phone": opened["phone"],
            "numbers": numbers,
            "files": files,
            **open_now(),
        }
    )


if __name__ == "__main__":
    commands: dict[str, Callable[..., None]] = {
        "fill": fill,
        "use": use,
        "fill_and_use": fill_and_use,
        "write": write,
        "look": look,
    }
    commands[sys.argv[1]](*sys.argv[2:])
