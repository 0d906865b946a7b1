"""Two processes: a gate that runs on knows a withdrawal at its next question; a receipt goes abroad."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from amends.record.ledger import offline

DOOR = """
import os, re, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "amends.site.settings"
import django
django.setup()
from django.utils import timezone
"""
SEED = """
from datetime import timedelta
from django.db import transaction
from amends.platform.kit.actors import system
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.causes.confirmations.actions.answer import answer_by_message
from amends.causes.confirmations.actions.place import NewOrder, place
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.queries.keys import verifier_key
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers
from amends.people.subscribers.actions.register import NewSubscriber, register
now = timezone.now()
born = now - timedelta(days=90)
with transaction.atomic():
    gift = NewOffer(ref="gift", version="1", kind="gift", name_zh="礼包", name_en="Gift", price_minor=0,
                    currency="CNY", valid_from=born)
    append(publish_offers([gift]), now=born)
person = register(NewSubscriber(name="李雨", phone="13900001234", language="en"), now=born)
order = place(NewOrder(key="k", order="open", subscriber=person, offer="gift", channel="app"),
              actor=system("app"), now=now)
asked = open_letter(OutboxMessage.objects.get(key__startswith="challenge:").id)[1]
code = re.findall(r"[0-9]{6}", asked)[0]
answer_by_message(channel="sms", sender="13900001234", text="Y" + code, message="m", now=now)
sequence(now=timezone.now(), holder="test")
print(order.id, order.service, person, verifier_key())
"""
GATE = """
from amends.causes.confirmations.queries import standing_of
for line in sys.stdin:
    print(standing_of(line.strip()).state, flush=True)
"""
STOP = """
from amends.channels.models import OutboxMessage
from amends.channels.queries import open_letter
from amends.causes.confirmations.actions.prove_presence import answer_presence, ask_presence
from amends.causes.confirmations.actions.stop_service import stop_at_once
now = timezone.now()
service, person = sys.argv[1:]
asked = ask_presence(person, now=now)
code = re.findall(r"[0-9]{6}", open_letter(OutboxMessage.objects.get(key__startswith="presence:").id)[1])
assert answer_presence(asked, code[0], now=now) == person
print(stop_at_once(service, subscriber=person, presence=asked, now=now).outcome)
"""


def _environment(place: Path) -> dict[str, str]:
    return os.environ | {"AMENDS_DATA_DIR": str(place), "AMENDS_DATABASE_URL": ""}


def ran(place: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(place),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.sqlite_only
def test_a_withdrawal_reaches_a_running_gate_and_a_receipt_verifies_elsewhere(
    tmp_path: Path, migrated_database_url: Callable[[Path], str]
) -> None:
    place = tmp_path / "data"
    migrated_database_url(place)
    order, service, person, key = ran(place, "-c", DOOR + SEED).split()
    gate = subprocess.Popen(
        [sys.executable, "-c", DOOR + GATE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(place),
    )
    try:
        assert gate.stdin is not None
        assert gate.stdout is not None

        def asked() -> str:
            gate.stdin.write(f"{service}\n")
            gate.stdin.flush()
            return gate.stdout.readline().strip()

        assert asked() == "confirmed"
        assert ran(place, "-c", DOOR + STOP, service, person).strip() == "executed"
        assert asked() == "stopped", "at its next question, in another process, no wait between"
    finally:
        gate.kill()
        gate.communicate()
    _verifies_elsewhere(place, order, key)


def _verifies_elsewhere(place: Path, order: str, key: str) -> None:
    """The command prints the receipt; a program that knows no Amends judges it."""
    receipt = place / "receipt.json"
    receipt.write_text(
        ran(place, "-m", "amends", "confirmations", "receipt", order).strip(), "utf-8"
    )
    program = Path(offline.__file__).parent / "verify_receipt.py"
    said = ran(place, str(program), "--key", key, str(receipt))
    assert order in said
    assert "ConfirmationGiven" in said
    receipt.write_text(
        receipt.read_text("utf-8").replace('"price_minor":0', '"price_minor":9'), "utf-8"
    )
    refused = subprocess.run(
        [sys.executable, str(program), "--key", key, str(receipt)],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(place),
    )
    assert refused.returncode == 1
    assert "REJECTED" in refused.stdout
