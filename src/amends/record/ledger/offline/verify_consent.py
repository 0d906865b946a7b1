"""Verify receipts of consents, offline.

Needs `verify_bundle.py` of Amends beside it (or Amends itself), Python 3.10 and `cryptography`.

    python verify_consent.py --key KEY FILE [FILE ...]

Prints what each receipt says. Exit 0: all hold. 1: one does not. 2: called wrongly.
"""

import argparse
import hashlib
import json
import sys

try:
    from amends.record.ledger.offline.verify_bundle import demand, signed_text, verify, written
except ImportError:
    from verify_bundle import demand, signed_text, verify, written

FIELDS = (
    "schema_version",
    "record_id",
    "pii_principal_id",
    "pii_controller",
    "party_identification",
    "language",
    "jurisdiction",
    "notice",
    "purposes",
    "events",
)
STATES = {"ConsentGiven": "given", "ConsentWithdrawn": "withdrawn"}


def verify_consent(text, key):
    """The receipt as a dictionary; an error if anything in it is not as it was signed."""
    document = json.loads(text)
    demand(written(document) == text, "the file has its one spelling")
    signed = signed_text(document.pop("statement"), [key])
    digest = hashlib.sha256(written(document).encode()).hexdigest()
    demand(document["format"] == "amends-consent-record@1", "the format is known")
    demand(signed == f"{document['format']}\n{digest}\n", "the receipt is as it was signed")
    for name in FIELDS:
        demand(document.get(name), f"the receipt says its {name}")
    notice = document["notice"]
    text_digest = hashlib.sha256(notice["text"].encode()).hexdigest()
    demand(text_digest == notice["sha256"], "the notice is the one that was hashed")
    facts = {fact["id"]: fact for fact in map(json.loads, verify(document["proof"], key))}
    demand(set(facts) == {event["fact"] for event in document["events"]}, "each event is proved")
    for event in document["events"]:
        fact = facts[event["fact"]]
        demand(STATES[fact["kind"]] == event["event_state"], "each event is of its kind")
        demand(fact["happened_at_ms"] == event["at_ms"], "each event has its time")
        demand(fact["subject"] == document["record_id"], "each event is of this record")
        demand(fact["subscriber"] == document["pii_principal_id"], "each event is of this person")
        purpose = document["purposes"][0]["purpose"]
        demand(fact["payload"]["purpose"] == purpose, "each event is of this purpose")
        for name in ("channel", "notice", "rule"):
            demand(fact["payload"][name] == event[name], f"each event has its {name}")
    return document


def main():
    reader = argparse.ArgumentParser(description="Verify receipts of consents, offline.")
    reader.add_argument("--key", required=True, help="the log's verifier key")
    reader.add_argument("file", nargs="+", type=argparse.FileType("rb"))
    arguments, failed = reader.parse_args(), 0
    for file in arguments.file:
        try:
            consent_record = verify_consent(file.read().decode(), arguments.key)
            print(consent_record["record_id"], consent_record["purposes"][0]["purpose"])  # noqa: T201 (its answer)
            for event in consent_record["events"]:
                print(" ", written(event))  # noqa: T201 (its answer)
        except Exception as error:  # whatever it is that is wrong, the file proves nothing
            print(f"{file.name!r}: REJECTED ({error!r})")  # noqa: T201 (its answer)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
